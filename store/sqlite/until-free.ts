// Tries again while another process holds the database. SQLite's own waiting blocks the event loop; here a timer
// waits, so that everything else goes on.

import { setTimeout as sleep } from 'node:timers/promises';
import { STORE_LIMITS } from '../limits.ts';
import { isBusy } from './failures.ts';

export interface Patience {
  everyMs?: number;
  forMs?: number;
}

/** Runs `attempt` until it does not end in a locked database; the last such error is thrown after `forMs`. */
export async function untilFree<T>(
  attempt: () => T,
  { everyMs = STORE_LIMITS.retryEveryMs, forMs = STORE_LIMITS.retryForMs }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + forMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() + everyMs > deadline) throw error;
    }
    await sleep(everyMs);
  }
}
