// Every number of one guest: name with its unit last, default, range. The config file says `cpu_ms`, the code
// says `cpuMs`. Relations between them are asserted by `assertLimits` before anything runs.

/** The limits of one program, as resolved from its configuration. */
export interface Limits {
  /** CPU of the guest over all slices of a request. */
  cpuMs: number;
  /** Arrival to last slice, `waitUntil` included. */
  wallMs: number;
  /** Heap of the isolate. */
  memoryMb: number;
  /** The top level, in the builder. */
  initMs: number;
  /** `fetch` and service calls of one request, redirects included. */
  subrequests: number;
  bodyBytes: number;
  responseBytes: number;
  /** Console output of one request; beyond it lines are dropped and counted. */
  logBytes: number;
  /** Ops open at once, timers not counted. */
  pendingOps: number;
  /** Timers open at once. */
  timers: number;
}

interface Range {
  default: number;
  min: number;
  max: number;
}

export const LIMITS: Readonly<Record<keyof Limits, Range>> = {
  cpuMs: { default: 50, min: 1, max: 300_000 },
  wallMs: { default: 30_000, min: 1, max: 900_000 },
  memoryMb: { default: 128, min: 16, max: 1_024 },
  initMs: { default: 1_000, min: 10, max: 10_000 },
  subrequests: { default: 50, min: 0, max: 10_000 },
  bodyBytes: { default: 100_000_000, min: 0, max: 1_000_000_000 },
  responseBytes: { default: 100_000_000, min: 0, max: 1_000_000_000 },
  logBytes: { default: 65_536, min: 0, max: 1_048_576 },
  pendingOps: { default: 100, min: 1, max: 1_000 },
  timers: { default: 100, min: 1, max: 1_000 },
};

/** Bounds that no program can set. */
export const BOUNDS = {
  /** Largest upload: all modules and the configuration. */
  sourceBytes: 10_000_000,
  /** Largest template. */
  snapshotBytes: 32_000_000,
  /** Share of `memoryMb` that a template's heap may fill. */
  templateHeapShare: 0.75,
  /** What a build may take beyond `initMs`. */
  buildOverheadMs: 1_500,
  /** A slice that is not back this long after its deadline is ended by SIGKILL of its executor. */
  killGraceMs: 200,
  /** How often the ingress looks at register and RSS of each executor. */
  watchEveryMs: 25,
  /** One line that a slice hands over: head, ops and log, in characters. */
  outboxChars: 8_000_000,
  /** Bytes that a slice hands over. */
  outboxBytes: 4_000_000,
  /** One chunk of a streamed body. */
  chunkBytes: 65_536,
  /** A body up to this size crosses in one frame. */
  inlineBodyBytes: 262_144,
  /** Response headers of a guest: how many, and their bytes. */
  responseHeaders: 256,
  responseHeaderBytes: 65_536,
  /** `x-tine-hops` beyond this is a loop. */
  hops: 8,
} as const;

/** The defaults of every limit, as a fresh object. */
export function defaultLimits(): Limits {
  const limits = {} as Limits;
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) limits[name] = LIMITS[name].default;
  return limits;
}

/** Throws a RangeError when a limit is out of range, or when two of them contradict each other. */
export function assertLimits(limits: Limits): void {
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    const value = limits[name];
    const { min, max } = LIMITS[name];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`${name} must be an integer from ${min} to ${max}: got ${value}`);
    }
  }
  if (limits.cpuMs > limits.wallMs) {
    throw new RangeError(`cpuMs must be at most wallMs (${limits.wallMs}): got ${limits.cpuMs}`);
  }
}
