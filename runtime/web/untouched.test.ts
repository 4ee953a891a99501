import test from 'ava';
import { withUntouchedBuiltins } from './untouched.ts';

const { then } = Promise.prototype;
const { resolve } = Promise;

test.serial('withUntouchedBuiltins() lends the builtins and puts back what the guest had', (t) => {
  const mine = () => undefined as never;
  let lent: unknown[] = [];
  Object.defineProperty(Promise.prototype, 'then', { value: mine, writable: true, configurable: true });
  Object.defineProperty(Promise, 'resolve', { value: mine, writable: true, configurable: true });
  try {
    const result = withUntouchedBuiltins(() => {
      lent = [Promise.prototype.then, Promise.resolve];
      return 7;
    });
    t.is(result, 7);
    t.deepEqual(lent, [then, resolve]);
    t.is(Promise.prototype.then as unknown, mine);
    t.is(Promise.resolve as unknown, mine);
  } finally {
    Object.defineProperty(Promise.prototype, 'then', { value: then, writable: true, configurable: true });
    Promise.resolve = resolve;
  }
});

test.serial('withUntouchedBuiltins() puts back after a throw, and deletes what was not there', (t) => {
  const { reject } = Promise;
  Reflect.deleteProperty(Promise, 'reject');
  try {
    t.throws(
      () =>
        withUntouchedBuiltins(() => {
          t.is(Promise.reject, reject);
          throw new Error('x');
        }),
      { message: 'x' },
    );
    t.false('reject' in Promise);
  } finally {
    Object.defineProperty(Promise, 'reject', { value: reject, writable: true, configurable: true });
  }
});

test.serial('withUntouchedBuiltins() clears Object.prototype of what descriptors inherit, and puts it back', (t) => {
  const names = ['get', 'value', 'enumerable'];
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, {
      __proto__: null,
      value: name,
      configurable: true,
      writable: true,
    } as object);
  }
  Object.defineProperty(Object.prototype, 'set', { __proto__: null, get: () => 'got', configurable: true } as object);
  let inside: unknown;
  let after: unknown;
  try {
    withUntouchedBuiltins(() => {
      inside = [...names, 'set'].map((name) => name in {});
    });
    after = [...names, 'set'].map((name) => Reflect.get({}, name));
  } finally {
    for (const name of [...names, 'set']) Reflect.deleteProperty(Object.prototype, name);
  }
  t.deepEqual(inside, [false, false, false, false]);
  t.deepEqual(after, ['get', 'value', 'enumerable', 'got']);
});

test.serial('withUntouchedBuiltins() hides a lazy DOMException without building it', (t) => {
  const found = Object.getOwnPropertyDescriptor(globalThis, 'DOMException')!;
  let built = 0;
  Object.defineProperty(globalThis, 'DOMException', { get: () => built++, configurable: true });
  try {
    withUntouchedBuiltins(() => t.is(typeof Reflect.get(globalThis, 'DOMException'), 'undefined'));
    t.is(built, 0);
    t.is(typeof Object.getOwnPropertyDescriptor(globalThis, 'DOMException')!.get, 'function');
  } finally {
    Object.defineProperty(globalThis, 'DOMException', found);
  }
});
