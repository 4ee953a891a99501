// Lends the promises of a fresh context to code that captures them when it is evaluated, late: a package that is
// built on first touch would otherwise capture what a guest has put in their place.
import { Promise, ReflectDefineProperty, ReflectGetOwnPropertyDescriptor } from './primordials.ts';

interface Place {
  readonly target: object;
  readonly name: string;
  readonly value: unknown;
}

const PLACES: readonly Place[] = [
  { target: globalThis, name: 'Promise', value: Promise },
  { target: Promise, name: 'resolve', value: Promise.resolve },
  { target: Promise, name: 'reject', value: Promise.reject },
  { target: Promise.prototype, name: 'then', value: Promise.prototype.then },
];

/** What `run` gives, evaluated with untouched promises. What a guest has made unchangeable stays as it is. */
export function withUntouchedPromises<T>(run: () => T): T {
  const undo: (() => void)[] = [];
  for (let i = 0; i < PLACES.length; i++) {
    const { target, name, value } = PLACES[i] as Place;
    const found = ReflectGetOwnPropertyDescriptor(target, name);
    if (found?.value === value) continue;
    const lent = { __proto__: null, value, writable: true, configurable: true } as PropertyDescriptor;
    if (!ReflectDefineProperty(target, name, lent)) continue;
    undo[undo.length] = () => {
      if (found === undefined) delete (target as Record<string, unknown>)[name];
      else ReflectDefineProperty(target, name, found);
    };
  }
  try {
    return run();
  } finally {
    for (let i = 0; i < undo.length; i++) (undo[i] as () => void)();
  }
}
