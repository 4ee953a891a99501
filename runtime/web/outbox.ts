// What a guest asks of the host, and how the answers come back. An op is put into the outbox of the run whose slice
// is under way; the host collects it after the slice, does it, and settles it in a later one. Nothing here calls the
// host. Ids are unique in the context, so that a body read in another request's slice (isolation `program`) can never
// name a source of that other request by accident: the host knows ids per run and refuses.
import * as lazyErrors from './events/dom-exception.ts';
import { toJson } from './json.ts';
import {
  ArrayPrototypePush,
  bytesOf,
  Error,
  JSONParse,
  MapPrototypeClear,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectSetPrototypeOf,
  Promise,
  RangeError,
  TypedArrayPrototypeGetByteLength,
  WeakSet,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} from './primordials.ts';
import type { OpCall, Settlement } from './protocol.ts';
import { countPending, currentRun, noteResult, type PendingOp, type Run } from './run.ts';

export { currentRun } from './run.ts';

/** Characters and bytes that one slice may hand over in ops; the host's caps are a little wider. */
const SLICE_CHARS = 4_000_000;
const SLICE_BYTES = 3_500_000;

/** How an op ended well. Has no prototype. */
export interface OpResult {
  readonly value: unknown;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

export interface OpHandle {
  readonly id: number;
  readonly run: Run;
}

export interface CalledOp extends OpHandle {
  /** Rejects with the error that the host gave (`TypeError`, `RangeError`, a DOMException …). A native promise. */
  readonly promise: Promise<OpResult>;
}

const limitErrors: WeakSet<object> = new WeakSet();
let lastId = 0;
const ignore = () => {};

/** The current run, or an Error that says that `what` (`fetch()`) cannot be had now. */
export function runFor(what: string): Run {
  const run = currentRun();
  if (run === undefined) {
    throw new Error(`${what} is not available at the top level, which runs once before any request`);
  }
  if (run.kind === 'warmup') throw new Error(`${what} is not available in a warm-up, which runs before any request`);
  if (run.state === 'over') throw new Error(`${what} is not available: this request is over`);
  return run;
}

/** A RangeError of ours; when the guest does not catch it the host learns of it by a code. */
export function limitError(text: string): RangeError {
  const error = new RangeError(`limit reached: ${text}`);
  WeakSetPrototypeAdd(limitErrors, error);
  return error;
}

export function isLimitError(value: object): boolean {
  return WeakSetPrototypeHas(limitErrors, value);
}

/** Puts an op into the outbox.
 * @param bytes are copied when the slice is over: do not change them before
 * @param owner the run it belongs to when that need not be the one whose slice is under way: what goes on in the
 *   background for a run may be woken up by another one (isolation `program`)
 * @throws RangeError at a limit, Error where there is no run; always synchronously */
export function op(name: OpCall['op'], arg: Record<string, unknown>, bytes?: Uint8Array, owner?: Run): CalledOp {
  const run = owner ?? runFor(`${name}()`);
  if (run.state === 'over') throw new Error(`${name}() is not available: this request is over`);
  const { limits } = run;
  if (run.openOps >= limits.pendingOps) throw limitError(`${limits.pendingOps} pending operations per request`);
  if (name === 'fetch' && ++run.subrequests > limits.subrequests) {
    throw limitError(`${limits.subrequests} subrequests per request`);
  }
  let id = 0;
  const endsBody = name === 'write' && (arg['end'] === true || arg['error'] !== undefined);
  const promise = new Promise<OpResult>((resolve, reject) => {
    const settle = (value: unknown, given: Uint8Array | undefined) =>
      resolve({ __proto__: null, value, bytes: given } as unknown as OpResult);
    id = send(run, 'op', name, arg, bytes, endsBody, settle, reject);
  });
  noteResult(run);
  return { id, run, promise };
}

/** Puts a timer into the outbox; `fire` is called in the slice that settles it, or `drop` when that cannot be. */
export function timerOp(ms: number, fire: () => void, drop: () => void = ignore, what = 'setTimeout()'): OpHandle {
  const run = runFor(what);
  if (run.openTimers >= run.limits.timers) throw limitError(`${run.limits.timers} timers per request`);
  return { run, id: send(run, 'timer', 'timer', { ms }, undefined, false, fire, drop) };
}

function send(
  run: Run,
  kind: PendingOp['kind'],
  name: OpCall['op'],
  arg: Record<string, unknown>,
  bytes: Uint8Array | undefined,
  endsBody: boolean,
  resolve: PendingOp['resolve'],
  reject: PendingOp['reject'],
): number {
  const box = run.left;
  const length = bytes === undefined ? 0 : TypedArrayPrototypeGetByteLength(bytes);
  const id = lastId + 1;
  const json = `{"id":${id},"op":"${name}","arg":${toJson(arg)}${length === 0 ? '' : `,"bytes":${length}`}}`;
  if (box.opChars + json.length > SLICE_CHARS) throw limitError(`${SLICE_CHARS} characters of operations at once`);
  if (box.bytes + length > SLICE_BYTES) throw limitError(`${SLICE_BYTES} bytes of operations at once`);
  lastId = id;
  box.opChars += json.length;
  box.bytes += length;
  ArrayPrototypePush(box.ops, json);
  ArrayPrototypePush(box.opBytes, length === 0 ? undefined : bytes);
  MapPrototypeSet(run.pending, id, { kind, resolve, reject, endsBody, box, slot: box.ops.length - 1 });
  countPending(run, kind, 1);
  return id;
}

/** Nobody wants the result any more: the promise stays pending. Does nothing when the op has ended. */
export function cancel(call: OpHandle): void {
  const { run, id } = call;
  const pending = MapPrototypeGet(run.pending, id);
  if (pending === undefined) return;
  forget(run, id, pending);
  if (pending.box !== run.left) {
    ArrayPrototypePush(run.left.cancel, id);
    return;
  }
  const { box, slot } = pending;
  box.opChars -= box.ops[slot]?.length ?? 0;
  const bytes = box.opBytes[slot];
  if (bytes !== undefined) box.bytes -= TypedArrayPrototypeGetByteLength(bytes);
  box.ops[slot] = undefined;
  box.opBytes[slot] = undefined;
}

function forget(run: Run, id: number, pending: PendingOp): void {
  MapPrototypeDelete(run.pending, id);
  if (run.state !== 'over') countPending(run, pending.kind, -1);
}

/** The host has done an op of that run. An id that is not pending is ignored: it was cancelled while it was done. */
export function settleOp(run: Run, settlement: Settlement, bytes: unknown): void {
  const pending = MapPrototypeGet(run.pending, settlement.id);
  if (pending === undefined) return;
  forget(run, settlement.id, pending);
  if (pending.endsBody) run.body = 'closed';
  if (settlement.ok) pending.resolve(settlement.value, bytes === undefined ? undefined : bytesOf(bytes));
  else pending.reject(lazyErrors.errorFrom(settlement.error.name, settlement.error.message));
}

export function parseSettlement(json: string): Settlement {
  return ObjectSetPrototypeOf(JSONParse(json), null) as Settlement;
}

/** The client has gone: every op that is pending rejects, every timer is dropped. */
export function abandonOps(run: Run): void {
  const reasons: (() => void)[] = [];
  MapPrototypeForEach(run.pending, (pending, id) => {
    countPending(run, pending.kind, -1);
    if (pending.box !== run.left) ArrayPrototypePush(run.left.cancel, id);
    ArrayPrototypePush(reasons, () => pending.reject(lazyErrors.errorFrom('AbortError', 'the client has gone')));
  });
  const { left } = run;
  left.ops = [];
  left.opBytes = [];
  left.opChars = 0;
  left.bytes = 0;
  MapPrototypeClear(run.pending);
  for (let i = 0; i < reasons.length; i++) reasons[i]!();
}
