// Lends the builtins of a fresh context to code that is evaluated late: a package that is built on first touch would
// otherwise capture what a guest has put in their place, or stumble over what it has put on `Object.prototype`.
// Lazy.
import {
  NativePromiseReject,
  NativePromiseResolve,
  NativePromiseThen,
  Object,
  ObjectCreate,
  ObjectDefineProperties,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  Promise,
  ReflectDefineProperty,
  ReflectGetOwnPropertyDescriptor,
} from './primordials.ts';

interface Place {
  readonly target: object;
  readonly name: string;
  /** Undefined: there is nothing in a fresh context. */
  readonly value: unknown;
}

const place = (target: object, name: string, value?: unknown): Place => ({ target, name, value });

const PLACES: readonly Place[] = [
  // the members of a property descriptor: first, as all that follows makes descriptors
  place(Object.prototype, 'get'),
  place(Object.prototype, 'set'),
  place(Object.prototype, 'value'),
  place(Object.prototype, 'writable'),
  place(Object.prototype, 'enumerable'),
  place(Object.prototype, 'configurable'),
  place(Object, 'create', ObjectCreate),
  place(Object, 'defineProperty', ObjectDefineProperty),
  place(Object, 'defineProperties', ObjectDefineProperties),
  place(Promise, 'resolve', NativePromiseResolve),
  place(Promise, 'reject', NativePromiseReject),
  place(Promise.prototype, 'then', NativePromiseThen),
  place(globalThis, 'Promise', Promise),
  // Hidden, as it would be built for nothing: the package only wants one for signals that have no reason, ours have.
  place(globalThis, 'DOMException'),
];

/** What `run` gives, evaluated with untouched builtins. What a guest has made unchangeable stays as it is. */
export function withUntouchedBuiltins<T>(run: () => T): T {
  const undo: (() => void)[] = [];
  for (let i = 0; i < PLACES.length; i++) {
    const { target, name, value } = PLACES[i] as Place;
    const found = ReflectGetOwnPropertyDescriptor(target, name);
    if (found !== undefined) ObjectSetPrototypeOf(found, null);
    if (found === undefined ? value === undefined : 'value' in found && found.value === value) continue;
    if (!lend(target, name, value)) continue;
    undo[undo.length] = () => {
      if (found === undefined) drop(target, name);
      else ReflectDefineProperty(target, name, found);
    };
  }
  try {
    return run();
  } finally {
    for (let i = undo.length - 1; i >= 0; i--) (undo[i] as () => void)();
  }
}

function lend(target: object, name: string, value: unknown): boolean {
  if (value === undefined) return drop(target, name);
  const lent = { __proto__: null, value, writable: true, configurable: true } as PropertyDescriptor;
  return ReflectDefineProperty(target, name, lent);
}

function drop(target: object, name: string): boolean {
  try {
    return delete (target as Record<string, unknown>)[name];
  } catch {
    return false;
  }
}
