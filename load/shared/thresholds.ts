// What a scenario fails on, in words that several scenarios share. The numbers are those of a small machine (two
// cores that k6 shares with the runner): they catch a break, they do not measure a machine. `load/bench.ts` measures.

/** An open model that could not keep its rate proves nothing about latency. */
export const keptItsRate = { dropped_iterations: ['count<1'] };

/** Every check holds. */
export const allChecks = { checks: ['rate==1'] };

/** Latency of a light request on a machine with work for half its cores. A fork is under 1 ms; what is above it is
 * waiting for a core, in slots of the scheduler of 3 to 4 ms. */
export const lightLatency = ['p(50)<10', 'p(99)<100'];

/** A 503 costs the ingress a look at a counter. R25 allows 50 ms; on two cores that are full of guests it waits for
 * its turn first. */
export const refusalLatency = ['p(95)<50'];
