// A run: one request inside this context, from `enter` until it is done. Several may be open in one context
// (isolation `program`), but one slice at a time is under way, and whatever happens in it (ops, log lines, draws of
// clock and randomness) belongs to the run of that slice. There is no current run at the top level.
import {
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  Error,
  Map,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
} from './primordials.ts';
import type { LogLine, Setup, Thrown } from './protocol.ts';
import type { RandomState } from './random.ts';

export type RunLimits = Setup['limits'];

/** What slices leave behind, until `collect`. */
export interface Leavings {
  /** JSON of each op; undefined where it was cancelled before anybody saw it. */
  ops: (string | undefined)[];
  opBytes: (Uint8Array | undefined)[];
  opChars: number;
  bytes: number;
  cancel: number[];
  log: LogLine[];
  dropped: number;
  /** JSON. */
  answer: string | undefined;
  answerBytes: Uint8Array | undefined;
  thrown: Thrown | undefined;
}

export interface PendingOp {
  readonly kind: 'op' | 'timer';
  readonly resolve: (value: unknown, bytes: Uint8Array | undefined) => void;
  readonly reject: (reason: unknown) => void;
  /** A write that ends the body of the answer. */
  readonly endsBody: boolean;
  /** Where it was put, and at which place: as long as that is not collected, it can be taken out again. */
  readonly box: Leavings;
  readonly slot: number;
}

export interface Run {
  readonly id: number;
  readonly requestId: string;
  readonly limits: RunLimits;
  /** In a warm-up there are no ops. */
  readonly kind: 'request' | 'warmup';
  /** As in `EnterHead`. */
  readonly seed: string;
  /** Made at the first draw. */
  random: RandomState | undefined;
  readonly pending: Map<number, PendingOp>;
  openOps: number;
  openTimers: number;
  subrequests: number;
  logLeft: number;
  left: Leavings;
  state: 'open' | 'answered' | 'over';
  /** Of the answer: `open` while chunks of a stream are still to be written. */
  body: 'closed' | 'open';
  /** `waitUntil` promises that have not settled. */
  background: number;
  /** `request.signal`, once somebody has asked for it. */
  signal: object | undefined;
  aborted: boolean;
}

const runs: Map<number, Run> = new Map();
let current: Run | undefined;
let pendingInContext = 0;
let others: number[] = [];

const noLeavings = (): Leavings => ({
  ops: [],
  opBytes: [],
  opChars: 0,
  bytes: 0,
  cancel: [],
  log: [],
  dropped: 0,
  answer: undefined,
  answerBytes: undefined,
  thrown: undefined,
});

export function makeRun(id: number, kind: Run['kind'], requestId: string, seed: string, limits: RunLimits): Run {
  return {
    id,
    requestId,
    limits,
    kind,
    seed,
    random: undefined,
    pending: new Map(),
    openOps: 0,
    openTimers: 0,
    subrequests: 0,
    logLeft: limits.logBytes,
    left: noLeavings(),
    state: 'open',
    body: 'closed',
    background: 0,
    signal: undefined,
    aborted: false,
  };
}

/** Takes what the last slices left behind. */
export function takeLeavings(run: Run): Leavings {
  const left = run.left;
  run.left = noLeavings();
  return left;
}

/** Makes it the current run. */
export function openRun(run: Run): void {
  MapPrototypeSet(runs, run.id, run);
  current = run;
}

/** Makes `id` the run of the slice that begins. @throws Error when there is no such run */
export function resumeRun(id: number): Run {
  const run = MapPrototypeGet(runs, id);
  if (run === undefined) throw new Error(`cannot go on with run ${id}: it is not open`);
  current = run;
  return run;
}

/** The run is over: what is still pending in it will not be settled. */
export function closeRun(run: Run): void {
  if (run.state === 'over') return;
  run.state = 'over';
  pendingInContext -= run.openOps + run.openTimers;
  run.openOps = 0;
  run.openTimers = 0;
  MapPrototypeDelete(runs, run.id);
  MapPrototypeForEach(run.pending, (pending) => {
    if (pending.kind === 'timer') pending.reject(undefined);
  });
}

/** The run whose slice is under way; undefined at the top level. */
export function currentRun(): Run | undefined {
  return current;
}

/** Something came of `run` outside of its own slices (isolation `program`): the host is told to collect it too. */
export function noteResult(run: Run): void {
  if (run !== current && !ArrayPrototypeIncludes(others, run.id)) ArrayPrototypePush(others, run.id);
}

/** Runs that something came of in the slice of another one. */
export function takeOthers(): number[] {
  const taken = others;
  if (taken.length > 0) others = [];
  return taken;
}

/** Back to the state before any run: after a warm-up. */
export function leaveRun(): void {
  current = undefined;
}

export function countPending(run: Run, kind: PendingOp['kind'], change: 1 | -1): void {
  if (kind === 'timer') run.openTimers += change;
  else run.openOps += change;
  pendingInContext += change;
}

/** Ops and timers of all runs of this context. */
export function pendingOfContext(): number {
  return pendingInContext;
}
