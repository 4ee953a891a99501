// How busy the machine is, as seen from this thread: wall time over the thread's own CPU time while it had work to do.
// isolated-vm's timeout counts wall time, so on a busy machine an innocent guest would pay for its neighbours; the
// timeout of a slice is scaled by this ratio. Rises fast, falls slowly.

const RISE = 0.5;
const FALL = 0.2;
/** Shorter stretches say little: one that was preempted once, for a few milliseconds, would look like a machine that is
 * ten times too busy, and let the next runaway burn as many times its budget. */
const SAMPLE_US_MIN = 10_000;

export class LoadRatio {
  #ratio = 1;
  #wallUs = 0;
  #cpuUs = 0;

  get value(): number {
    return this.#ratio;
  }

  /** Adds a stretch of work of this thread. */
  add(wallUs: number, cpuUs: number): void {
    this.#wallUs += wallUs;
    this.#cpuUs += cpuUs;
    if (this.#wallUs < SAMPLE_US_MIN) return;
    const sample = Math.max(1, this.#wallUs / Math.max(1, this.#cpuUs));
    this.#ratio += (sample - this.#ratio) * (sample > this.#ratio ? RISE : FALL);
    this.#wallUs = 0;
    this.#cpuUs = 0;
  }
}

/** The timeout of a slice in whole milliseconds, at least 1 (isolated-vm takes 0, negative and missing ones for "none").
 * @param cpuLeftMs what is left of `cpu_ms`
 * @param wallLeftMs what is left of `wall_ms`
 * @param ratio of `LoadRatio` */
export function sliceTimeoutMs(cpuLeftMs: number, wallLeftMs: number, ratio: number): number {
  const scaled = cpuLeftMs * Math.min(8, Math.max(1.2, 1.5 * ratio));
  const timeout = Math.max(1, Math.ceil(Math.min(scaled, wallLeftMs)));
  if (!Number.isInteger(timeout)) throw new RangeError(`slice timeout must be an integer: got ${timeout}`);
  return timeout;
}
