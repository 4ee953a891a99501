// What a slice leaves behind, as one string and one buffer, and what becomes of its run. The lengths are checked here:
// building a string of half a gigabyte for a host that refuses it would be the harm already.
import * as lazyBytes from './collect-bytes.ts';
import { toJson } from './json.ts';
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

let bytesLeft = false;

/** `CALL.collect` @param charsMax longest string that the host takes */
export function collect(charsMax: number, other: number | undefined): string {
  const run = other === undefined ? currentRun() : resumeRun(other);
  if (run === undefined) return `${STATE.done}${BYTES.none}{}`;
  const left = takeLeavings(run);
  let json = outboxJson(left, takeOthers());
  let state = stateOf(run);
  // the bytes of an outbox that nobody asked for are not those of the next one
  if (bytesLeft) lazyBytes.dropBytes();
  bytesLeft = (left.answerBytes !== undefined || left.bytes > 0) && lazyBytes.gatherBytes(left) > 0;
  if (json.length + 2 > charsMax) {
    const message = `limit reached: ${charsMax} characters of output at once`;
    json = toJson({ thrown: { name: 'RangeError', message, stack: '', code: 'too_many_operations' } } satisfies Outbox);
    state = STATE.done;
    if (bytesLeft) lazyBytes.dropBytes();
    bytesLeft = false;
  }
  if (state !== STATE.waiting) closeRun(run);
  return `${state}${bytesLeft ? BYTES.some : BYTES.none}${json}`;
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
