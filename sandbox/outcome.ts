// How a run ended, as a value. What a guest does is never an error of ours: `invoke` returns one of these.
// A `switch` over `Outcome` ends in `never`, so that a new outcome does not compile until every place knows it.

export const OUTCOMES = [
  'ok',
  'threw',
  'cpu_limit',
  'wall_limit',
  'memory_limit',
  'never_settles',
  'crashed',
  'cancelled',
] as const;

export type Outcome = (typeof OUTCOMES)[number];
