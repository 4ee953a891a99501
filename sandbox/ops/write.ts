// The op that hands over one chunk of a streamed answer. It ends when there is room for the next one, so a slow
// client slows the guest down instead of filling memory. Counts what goes out, whatever the sink does.
import { limitReached, type Op, OpError, type OpRun } from './op.ts';

/** Bytes of the answer so far. */
const written = new WeakMap<OpRun, number>();

export const write: Op<'write'> = {
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: { end: { const: true }, error: { type: 'string' } },
  },

  async perform({ end, error }, run, bytes) {
    if (error !== undefined) {
      run.sink.fail('the body of the answer failed');
      return { value: null };
    }
    const total = (written.get(run) ?? 0) + bytes.length;
    written.set(run, total);
    const { responseBytes } = run.limits;
    if (total > responseBytes) {
      run.warn('response_too_large', `the body of the answer must be <= ${responseBytes} bytes: got more`);
      run.sink.fail('the body of the answer is larger than allowed');
      throw limitReached(responseBytes, 'bytes per response');
    }
    try {
      if (bytes.length > 0) await run.sink.write(bytes);
      if (end) await run.sink.end();
    } catch (cause) {
      throw new OpError('TypeError', 'the client no longer takes the body of the answer', { cause });
    }
    return { value: null };
  },
};
