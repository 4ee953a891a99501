// `setTimeout`, `setInterval`, `queueMicrotask`. A timer is an op: the host fires it in a slice of its own. What a
// callback throws is reported and stops nothing else. Lazy.
import { reportException } from './events/uncaught.ts';
import { cancel, type OpHandle, runFor, timerOp } from './outbox.ts';
import {
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  MathTrunc,
  Number,
  PromisePrototypeThen,
  PromiseResolve,
  ReflectApply,
  TypeError,
} from './primordials.ts';

const MS_MAX = 2_147_483_647;

/** Open timers by their number; an interval keeps its number over all of its ops. */
const open: Map<number, OpHandle> = new Map();
let lastNumber = 0;
const settled = PromiseResolve(undefined);

/** At least 1 ms; what is no number, or longer than a timer can be, is 1 ms as well. */
function delayOf(delay: unknown): number {
  const ms = MathTrunc(Number(delay));
  return ms >= 1 && ms <= MS_MAX ? ms : 1;
}

/** `setTimeout`, `setInterval` */
export function start(kind: 'timeout' | 'interval', callback: unknown, delay: unknown, args: unknown[]): number {
  const name = kind === 'timeout' ? 'setTimeout()' : 'setInterval()';
  runFor(name);
  if (typeof callback !== 'function') throw new TypeError(`${name}: the callback must be a function`);
  const ms = delayOf(delay);
  lastNumber += 1;
  const number = lastNumber;
  const drop = () => void MapPrototypeDelete(open, number);
  const fire = () => {
    drop();
    // before the call, so that the callback can end it
    if (kind === 'interval') MapPrototypeSet(open, number, timerOp(ms, fire, drop));
    run(callback as () => unknown, args);
  };
  MapPrototypeSet(open, number, timerOp(ms, fire, drop));
  return number;
}

function run(callback: () => unknown, args: unknown[]): void {
  try {
    ReflectApply(callback, globalThis, args);
  } catch (error) {
    reportException(error);
  }
}

/** `clearTimeout`, `clearInterval` */
export function clear(number: unknown): void {
  const wanted = Number(number);
  const handle = MapPrototypeGet(open, wanted);
  if (handle === undefined) return;
  MapPrototypeDelete(open, wanted);
  cancel(handle);
}

/** `queueMicrotask` */
export function queue(callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError('queueMicrotask(): the callback must be a function');
  PromisePrototypeThen(settled, () => run(callback as () => unknown, []));
}
