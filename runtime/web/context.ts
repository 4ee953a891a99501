// The third argument of a handler. A guest may keep it beyond its request: then it refuses.

import { writeLine } from './console/write.ts';
import { defineInterface } from './fetch/interface.ts';
import {
  isObject,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  Promise,
  PromisePrototypeThen,
  TypeError,
} from './primordials.ts';
import { noteResult, type Run } from './run.ts';
import { describeThrown } from './thrown.ts';

export class ExecutionContext {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  get requestId(): string {
    return this.#run.requestId;
  }

  /** The run goes on until `work` has settled. A rejection is logged. @throws TypeError when the request is over */
  waitUntil(work: unknown): void {
    waitFor(this.#run, work);
  }

  passThroughOnException(): never {
    throw new TypeError('passThroughOnException is not supported: there is no origin behind a program');
  }
}

defineInterface(ExecutionContext, 'ExecutionContext');

/** `waitUntil`, in both forms of handlers. */
export function waitFor(run: Run, work: unknown): void {
  if (run.state === 'over') throw new TypeError('waitUntil: this request is over');
  run.background += 1;
  const done = () => {
    run.background -= 1;
    noteResult(run);
  };
  whenSettled(work, done, (reason) => {
    const { name, message, stack } = describeThrown(reason);
    writeLine('error', `waitUntil: ${stack === '' ? `${name}: ${message}` : stack}`);
    done();
  });
}

const nativePromise = Promise.prototype;

/** Calls one of the two when `value` settles; they must not throw. A native promise is asked by the builtin `then`, so
 * that a guest that replaced `Promise.prototype.then` still gets its answer out; anything else by its own. */
export function whenSettled(value: unknown, ok: (value: unknown) => void, fail: (reason: unknown) => void): void {
  if (isObject(value) && isPlainPromise(value)) {
    try {
      PromisePrototypeThen(value as Promise<unknown>, ok, fail);
      return;
    } catch {
      // it only looked like one
    }
  }
  PromisePrototypeThen(new Promise((resolve) => resolve(value)), ok, fail);
}

function isPlainPromise(value: object): boolean {
  try {
    return ObjectGetPrototypeOf(value) === nativePromise && !ObjectHasOwn(value, 'then');
  } catch {
    return false;
  }
}
