// What a handler gives may be a promise, or something that looks like one.
import { isObject, ObjectGetPrototypeOf, ObjectHasOwn, Promise, PromisePrototypeThen } from './primordials.ts';

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
