// The iterator of name-value pairs of Web IDL. Lazy.
import {
  ArrayIteratorPrototype,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  SymbolIterator,
  SymbolToStringTag,
} from '../primordials.ts';
import { enumerable } from './interface.ts';

/** What all iterators inherit from. */
const iteratorPrototype = ObjectGetPrototypeOf(ArrayIteratorPrototype) as object;

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
export function iterateEntries(constructor: { readonly prototype: object }): void {
  const entries = ReflectGetOwnPropertyDescriptor(constructor.prototype, 'entries') as PropertyDescriptor;
  ObjectDefineProperty(constructor.prototype, SymbolIterator, {
    __proto__: null,
    value: entries.value,
    writable: true,
    configurable: true,
  } as PropertyDescriptor);
}
