// The op behind `setTimeout`, `setInterval` and `AbortSignal.timeout`: waits. It knows nothing of intervals, the
// guest asks again.
import type { Op } from './op.ts';

/** What `setTimeout` of Node takes at most; beyond it, it would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const timer: Op<'timer'> = {
  schema: {
    type: 'object',
    required: ['ms'],
    additionalProperties: false,
    properties: { ms: { type: 'number', minimum: 0 } },
  },

  perform({ ms }, _run, _bytes, own) {
    return new Promise((resolve) => {
      const wait = setTimeout(() => resolve({ value: null }), Math.min(Math.max(ms, 1), TIMER_MS_MAX));
      // Nobody looks at the promise of an op that was cancelled: it may stay open.
      own.signal.addEventListener('abort', () => clearTimeout(wait), { once: true });
    });
  },
};
