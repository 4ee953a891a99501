// The op that hands over one chunk of a streamed upload. It ends when the chunk is on its way, so a slow server slows
// the guest down. What becomes of the upload is said by the fetch op it belongs to.
import { type Op, OpError } from './op.ts';
import { uploadsOf } from './upload.ts';

export const send: Op<'send'> = {
  schema: {
    type: 'object',
    required: ['to'],
    additionalProperties: false,
    properties: {
      to: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      end: { const: true },
      error: { type: 'string' },
    },
  },

  async perform({ to, end, error }, run, bytes) {
    const upload = uploadsOf(run).get(to);
    if (upload === undefined) throw new OpError('TypeError', 'fetch: the upload is over');
    if (error !== undefined) upload.fail();
    else {
      // Said before the chunk is taken: the reader then knows that it is the last one.
      const taken = bytes.length > 0 ? upload.push(bytes) : undefined;
      if (end) upload.end();
      await taken;
    }
    return { value: null };
  },
};
