// Builtins that would make time, memory or garbage collection visible, in a harmless form: Date and Math.random on
// what was given, Intl behind wrappers, WeakRef that holds on, FinalizationRegistry that never calls, ArrayBuffer of
// fixed length. (`Intl` and the weak ones are lazy: `interfaces.ts`.) Nothing is frozen and no late builtin is defined:
// either makes a snapshot whose contexts all die. Runs once.
import { makeDate } from './date.ts';
import { defineValue } from './lazy.ts';
import {
  ArrayBufferIsView,
  ArrayBuffer as BuiltinArrayBuffer,
  ObjectDefineProperty,
  ReflectConstruct,
  SymbolSpecies,
  TypeError,
} from './primordials.ts';
import * as lazyRandom from './random.ts';

/** In an object, as a bundler may rename a function but not a method. */
const mathMethods = () => ({
  random(): number {
    return lazyRandom.random();
  },
});

export function tame(): void {
  defineValue(globalThis, 'Date', makeDate());
  defineValue(globalThis.Math, 'random', mathMethods().random);
  defineValue(globalThis, 'ArrayBuffer', makeArrayBuffer());
  for (const name of ['resize', 'transfer', 'transferToFixedLength']) {
    Reflect.deleteProperty(BuiltinArrayBuffer.prototype, name);
  }
}

/** `ArrayBuffer` that takes a length and nothing else: memory of resizable buffers is counted by no limit. */
function makeArrayBuffer(): ArrayBufferConstructor {
  // in an object, as a bundler may rename a function but not a property
  const named = {
    ArrayBuffer: function (this: unknown, length?: unknown): unknown {
      const target = new.target as unknown as (new () => object) | undefined;
      if (target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
      return ReflectConstruct(BuiltinArrayBuffer, [length], target);
    },
  };
  const Fixed = named.ArrayBuffer as unknown as ArrayBufferConstructor;
  ObjectDefineProperty(Fixed, 'length', { value: 1 });
  ObjectDefineProperty(Fixed, 'prototype', { value: BuiltinArrayBuffer.prototype, writable: false });
  defineValue(BuiltinArrayBuffer.prototype, 'constructor', Fixed);
  defineValue(Fixed, 'isView', ArrayBufferIsView);
  const { get } = Object.getOwnPropertyDescriptor(BuiltinArrayBuffer, SymbolSpecies)!;
  ObjectDefineProperty(Fixed, SymbolSpecies, { get, configurable: true } as PropertyDescriptor);
  return Fixed;
}
