// The ops that read a body of the host: that of the request (0), or that of the response to a fetch op. One chunk per
// op, when the guest asks for it: the guest's own pace is the backpressure.
import { codeOf } from '../errors.ts';
import { type BodySource, type Op, OpError } from './op.ts';

const schema = {
  type: 'object',
  required: ['from'],
  additionalProperties: false,
  properties: { from: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } },
};

/** Bodies that a `read` waits for. Two reads at once would have their chunks in an order that nobody knows. */
const busy = new WeakSet<BodySource>();

export const read: Op<'read'> = {
  schema,

  async perform({ from }, run) {
    const source = run.bodies.get(from);
    if (source === undefined) throw new OpError('TypeError', 'body has already been read');
    if (busy.has(source)) throw new OpError('TypeError', 'body is being read');
    busy.add(source);
    try {
      const chunk = await source.read();
      if (chunk !== undefined) return { value: { done: false }, bytes: chunk };
      run.bodies.delete(from);
      return { value: { done: true } };
    } catch (error) {
      run.bodies.delete(from);
      throw bodyError(error);
    } finally {
      busy.delete(source);
    }
  },
};

export const discard: Op<'discard'> = {
  schema,

  async perform({ from }, run) {
    run.bodies.get(from)?.cancel();
    run.bodies.delete(from);
    return { value: null };
  },
};

/** Says why a body ended early, without what only the host should know. */
export function bodyError(error: unknown): OpError {
  if (error instanceof OpError) return error;
  const text = codeOf(error) === 'body_too_large' ? 'body is larger than allowed' : 'body was cut off before its end';
  return new OpError('TypeError', text, { cause: error });
}
