// What a slice leaves behind, as one string and one buffer, and what becomes of its run. The lengths are checked here:
// building a string of half a gigabyte for a host that refuses it would be the harm already.
import { toJson } from './json.ts';
import {
  ArrayPrototypePush,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8Array,
} from './primordials.ts';
import { BYTES, type Outbox, STATE } from './protocol.ts';
import {
  closeRun,
  currentRun,
  type Leavings,
  pendingOfContext,
  type Run,
  resumeRun,
  takeLeavings,
  takeOthers,
} from './run.ts';

let bytes: readonly (Uint8Array | undefined)[] = [];
let bytesTotal = 0;

/** `CALL.collect` @param charsMax longest string that the host takes */
export function collect(charsMax: number, other: number | undefined): string {
  const run = other === undefined ? currentRun() : resumeRun(other);
  if (run === undefined) return `${STATE.done}${BYTES.none}{}`;
  const left = takeLeavings(run);
  let json = outboxJson(left, takeOthers());
  let state = stateOf(run);
  gatherBytes(left);
  if (json.length + 2 > charsMax) {
    const message = `limit reached: ${charsMax} characters of output at once`;
    json = toJson({ thrown: { name: 'RangeError', message, stack: '', code: 'too_many_operations' } } satisfies Outbox);
    state = STATE.done;
    bytesTotal = 0;
  }
  if (state !== STATE.waiting) closeRun(run);
  return `${state}${bytesTotal === 0 ? BYTES.none : BYTES.some}${json}`;
}

function stateOf(run: Run): string {
  if (run.state === 'over') return STATE.done;
  const open = run.state === 'open' || run.body === 'open';
  if (!open && run.background === 0) return STATE.done;
  if (pendingOfContext() > 0) return STATE.waiting;
  // nothing can happen any more: background work that never settles ends the run, a missing answer is its failure
  return open ? STATE.stuck : STATE.done;
}

function outboxJson(left: Leavings, others: number[]): string {
  let json = left.answer === undefined ? '' : `"answer":${left.answer}`;
  const add = (name: string, value: string) => {
    json += `${json === '' ? '' : ','}"${name}":${value}`;
  };
  if (left.thrown !== undefined) add('thrown', toJson(left.thrown));
  if (left.ops.length > 0) {
    let ops = '';
    for (let i = 0; i < left.ops.length; i++) {
      if (left.ops[i] !== undefined) ops += `${ops === '' ? '' : ','}${left.ops[i]}`;
    }
    if (ops !== '') add('ops', `[${ops}]`);
  }
  if (left.cancel.length > 0) add('cancel', toJson(left.cancel));
  if (left.log.length > 0) add('log', toJson(left.log));
  if (left.dropped > 0) add('dropped', `${left.dropped}`);
  if (others.length > 0) add('others', toJson(others));
  return `{${json}}`;
}

function gatherBytes(left: Leavings): void {
  bytesTotal = 0;
  if (left.answerBytes === undefined && left.bytes === 0) return;
  const parts: (Uint8Array | undefined)[] = [left.answerBytes];
  for (let i = 0; i < left.opBytes.length; i++) ArrayPrototypePush(parts, left.opBytes[i]);
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] !== undefined) bytesTotal += TypedArrayPrototypeGetByteLength(parts[i]);
  }
  bytes = parts;
}

/** `CALL.bytes`: those of the outbox that was collected last. Given once. */
export function takeBytes(): ArrayBuffer | undefined {
  if (bytesTotal === 0) return undefined;
  const whole = new Uint8Array(bytesTotal);
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    const part = bytes[i];
    if (part === undefined) continue;
    TypedArrayPrototypeSet(whole, part, at);
    at += TypedArrayPrototypeGetByteLength(part);
  }
  bytes = [];
  bytesTotal = 0;
  return whole.buffer;
}
