// One timed entry of the host into a context, and what it left behind. Everything that runs guest code goes through
// `runSlice`: it computes the timeout, writes the register, charges the thread's own CPU clock, and, after a slice that
// had to be killed, drains the isolate before anything else may touch it.
import type ivm from 'isolated-vm';
import { BYTES, CALL, STATE } from '#runtime';
import { BOUNDS } from '../limits.ts';
import { SLICE } from './frames.ts';
import { type LoadRatio, sliceTimeoutMs } from './load-ratio.ts';
import type { RegisterWriter } from './register.ts';
import { threadCpuUs } from './thread-cpu.ts';

/** Primitives, and what `transferable` gives. */
export type HostArgument = string | number | undefined | ivm.Copy<ArrayBuffer>;

/** The one function that a context offers its host. */
export type HostFunction = ivm.Reference<(...args: HostArgument[]) => unknown>;

export interface SliceParts {
  register: RegisterWriter;
  load: LoadRatio;
}

export interface SliceBudget {
  run: number;
  /** What is left of `cpu_ms`, in microseconds. */
  cpuLeftUs: number;
  wallLeftMs: number;
}

export interface SliceResult {
  kind: (typeof SLICE)[keyof typeof SLICE];
  cpuUs: number;
  wallUs: number;
  /** JSON of `Outbox`; of a killed slice only its log counts. */
  text: string;
  bytes: Uint8Array | undefined;
  /** The isolate cannot be used any more and must be disposed. */
  isolateLost: boolean;
  /** A rejection that nobody handled, as the host was told of it. */
  stray: string | undefined;
  /** Runs of the same context of which something came in this slice: see `collectOther`. */
  others: number[];
}

/** Our own code: bounded by the caps of an outbox, and by this when the machine is starved. */
const COLLECT_TIMEOUT_MS = 150;
const DRAIN_TIMEOUT_MS = 5;
const DRAINS_MAX = 3;
const STRAY_CHARS_MAX = 1_000;
const EMPTY_OUTBOX = '{}';
const CLOCK_SLACK_MS = 0.5;
/** The last member of an outbox: no text inside of it can look like that, as a quote in a JSON string is escaped. */
const OTHERS = /,?"others":\[([\d,]+)\]\}$/;
const OTHERS_CHARS_MAX = 4_096;

/** Enters the context with `args` (a call of `protocol.ts`), then collects. */
export function runSlice(
  isolate: ivm.Isolate,
  host: HostFunction,
  args: HostArgument[],
  budget: SliceBudget,
  { register, load }: SliceParts,
): SliceResult {
  const timeout = sliceTimeoutMs(budget.cpuLeftUs / 1000, budget.wallLeftMs, load.value);
  register.enter(budget.run, timeout);
  const cpuStart = threadCpuUs();
  const wallStart = performance.now();
  let thrown: unknown;
  let threw = false;
  try {
    host.applySync(undefined, args, { timeout });
  } catch (error) {
    threw = true;
    thrown = error;
  }
  const wallMs = performance.now() - wallStart;
  const result = emptyResult();
  if (isolate.isDisposed) {
    result.kind = SLICE.memoryLimit;
    result.isolateLost = true;
  } else if (threw && wallMs >= timeout - CLOCK_SLACK_MS) {
    // Whether it was our timeout is told by the clock, never by the text of the error: guests can throw any text.
    charge(result, cpuStart, wallStart);
    result.kind = whoseFault(result.cpuUs, budget, wallMs);
    load.add(result.wallUs, result.cpuUs);
    drainAfterKill(isolate, host, result);
    return result;
  } else {
    if (threw) result.stray = messageOf(thrown);
    collect(isolate, host, [CALL.collect, BOUNDS.outboxChars], result);
  }
  charge(result, cpuStart, wallStart);
  load.add(result.wallUs, result.cpuUs);
  if (result.cpuUs > budget.cpuLeftUs && !result.isolateLost) result.kind = SLICE.cpuLimit;
  return result;
}

/** What there is of another run of the context, right after the slice that named it. */
export function collectOther(isolate: ivm.Isolate, host: HostFunction, run: number): SliceResult {
  const result = emptyResult();
  collect(isolate, host, [CALL.collect, BOUNDS.outboxChars, run], result);
  return result;
}

function emptyResult(): SliceResult {
  return {
    kind: SLICE.done,
    cpuUs: 0,
    wallUs: 0,
    text: EMPTY_OUTBOX,
    bytes: undefined,
    isolateLost: false,
    stray: undefined,
    others: [],
  };
}

function charge(result: SliceResult, cpuStart: number, wallStart: number): void {
  result.cpuUs = threadCpuUs() - cpuStart;
  result.wallUs = Math.round((performance.now() - wallStart) * 1000);
}

function whoseFault(cpuUs: number, { cpuLeftUs, wallLeftMs }: SliceBudget, wallMs: number): SliceResult['kind'] {
  if (cpuUs >= cpuLeftUs * 0.95) return SLICE.cpuLimit;
  return wallMs >= wallLeftMs - 1 ? SLICE.wallLimit : SLICE.starved;
}

function collect(isolate: ivm.Isolate, host: HostFunction, args: HostArgument[], result: SliceResult): void {
  let since = performance.now();
  try {
    const collected = host.applySync(undefined, args, { timeout: COLLECT_TIMEOUT_MS }) as string;
    result.kind = stateOf(collected);
    takeText(collected, result);
    if (collected[1] === BYTES.some) {
      since = performance.now();
      const bytes = host.applySync(undefined, [CALL.bytes], { timeout: COLLECT_TIMEOUT_MS, result: { copy: true } });
      result.bytes = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : undefined;
    }
  } catch {
    // Our own code ran out of time, which only happens when the machine is starved, or it failed inside the guest's
    // heap: it is out of memory, or its stack is exhausted for good.
    const isLate = performance.now() - since >= COLLECT_TIMEOUT_MS - CLOCK_SLACK_MS;
    result.kind = isLate ? SLICE.starved : SLICE.memoryLimit;
    result.text = EMPTY_OUTBOX;
    result.isolateLost = true;
  }
  if (isolate.isDisposed) {
    result.kind = SLICE.memoryLimit;
    result.isolateLost = true;
  }
}

function stateOf(collected: string): SliceResult['kind'] {
  switch (collected[0]) {
    case STATE.waiting:
      return SLICE.waiting;
    case STATE.stuck:
      return SLICE.stuck;
    default:
      return SLICE.done;
  }
}

/** Outbox and, cut out of it, the other runs: those are this executor's business. */
function takeText(collected: string, result: SliceResult): void {
  const named = collected.endsWith(']}') ? OTHERS.exec(collected.slice(-OTHERS_CHARS_MAX)) : null;
  if (named === null) {
    result.text = collected.slice(2);
    return;
  }
  result.text = `${collected.slice(2, collected.length - named[0].length)}}`;
  result.others = named[1]!.split(',').map(Number);
}

/** A killed slice leaves microtasks and rejections behind, which the next host operation would run, some without any
 * limit. Timed calls that collect the log take them out; an isolate that stays dirty is lost. */
function drainAfterKill(isolate: ivm.Isolate, host: HostFunction, result: SliceResult): void {
  for (let attempt = 0; attempt < DRAINS_MAX; attempt++) {
    if (isolate.isDisposed) break;
    try {
      const collected = host.applySync(undefined, [CALL.collect, BOUNDS.outboxChars], { timeout: DRAIN_TIMEOUT_MS });
      if (typeof collected === 'string') takeText(collected, result);
      return;
    } catch {
      // leftovers ran into the timeout, or a leftover rejection came up: once more
    }
  }
  result.isolateLost = true;
}

/** The message of what isolated-vm threw. It is a copy on our side: reading it runs no guest code. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, STRAY_CHARS_MAX);
}
