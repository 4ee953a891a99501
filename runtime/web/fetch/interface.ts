// What Web IDL asks of every interface, in one place: attributes of members, the iterator of name-value pairs, and
// the checks of arguments. Runs while the bundle is evaluated or when a lazy interface is touched for the first time.

import {
  ArrayIteratorPrototype,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SymbolIterator,
  SymbolToStringTag,
  TypeError,
} from '../primordials.ts';

/** What all iterators inherit from. */
const iteratorPrototype = ObjectGetPrototypeOf(ArrayIteratorPrototype) as object;

type Constructor = (abstract new (...args: never[]) => object) & { name: string };

/** Makes the members of a class enumerable, as those of an interface are, and gives its prototype a tag. */
export function defineInterface(constructor: Constructor, name: string): void {
  const { prototype } = constructor;
  enumerable(prototype);
  enumerable(constructor);
  ObjectDefineProperty(constructor, 'name', { __proto__: null, value: name } as PropertyDescriptor);
  ObjectDefineProperty(prototype, SymbolToStringTag, {
    __proto__: null,
    value: name,
    configurable: true,
  } as PropertyDescriptor);
}

function enumerable(target: object): void {
  const keys = ReflectOwnKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string | symbol;
    if (typeof key === 'symbol' || key === 'constructor' || key === 'prototype' || key === 'name' || key === 'length') {
      continue;
    }
    ObjectDefineProperty(target, key, { __proto__: null, enumerable: true } as PropertyDescriptor);
  }
}

export type IteratorKind = 'key' | 'value' | 'entry';

/** The pair at an index of what is iterated over, or undefined past its end. */
export type PairAt<T, V> = (target: T, index: number) => readonly [string, V] | undefined;

/** Gives the function that makes iterators of one interface. They are live: each step asks for its pair anew. */
export function pairIterator<T, V>(name: string, at: PairAt<T, V>) {
  class PairIterator {
    readonly #target: T;
    readonly #kind: IteratorKind;
    #index = 0;

    constructor(target: T, kind: IteratorKind) {
      this.#target = target;
      this.#kind = kind;
    }

    next(): IteratorResult<unknown> {
      const pair = at(this.#target, this.#index);
      if (pair === undefined) return { value: undefined, done: true };
      this.#index += 1;
      if (this.#kind === 'entry') return { value: [pair[0], pair[1]], done: false };
      return { value: this.#kind === 'key' ? pair[0] : pair[1], done: false };
    }
  }
  const prototype = PairIterator.prototype as { constructor?: unknown };
  delete prototype.constructor;
  ObjectSetPrototypeOf(prototype, iteratorPrototype);
  enumerable(prototype);
  ObjectDefineProperty(prototype, SymbolToStringTag, {
    __proto__: null,
    value: `${name} Iterator`,
    configurable: true,
  } as PropertyDescriptor);
  return (target: T, kind: IteratorKind) => new PairIterator(target, kind) as unknown as IterableIterator<never>;
}

/** `[Symbol.iterator]` is the very function that `entries` is. */
export function iterateEntries(constructor: Constructor): void {
  const entries = ReflectGetOwnPropertyDescriptor(constructor.prototype, 'entries') as PropertyDescriptor;
  ObjectDefineProperty(constructor.prototype, SymbolIterator, {
    __proto__: null,
    value: entries.value,
    writable: true,
    configurable: true,
  } as PropertyDescriptor);
}

/** @throws TypeError when a call has fewer arguments than the interface asks for */
export function requireArguments(found: number, wanted: number, call: string): void {
  if (found < wanted) {
    throw new TypeError(`${call}: ${wanted} ${wanted === 1 ? 'argument' : 'arguments'} wanted, got ${found}`);
  }
}

/** Web IDL dictionary: undefined and null are empty, any other value but an object is refused. */
export function dictionary<T extends object>(value: T | null | undefined, call: string): Partial<T> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`${call}: options must be an object, got ${typeof value}`);
  }
  return value;
}
