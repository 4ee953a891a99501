// Builtins that would make time, memory or garbage collection visible, in a harmless form: Date and Math.random on
// what was given, Intl behind wrappers, WeakRef that holds on, FinalizationRegistry that never calls, ArrayBuffer of
// fixed length. Nothing is frozen and no late builtin is defined: either makes a snapshot whose contexts all die.
import { makeDate } from './clock.ts';
import * as lazyIntl from './intl.ts';
import { defineLazy, defineValue } from './lazy.ts';
import {
  ArrayBufferIsView,
  ArrayBuffer as BuiltinArrayBuffer,
  ObjectDefineProperty,
  ReflectConstruct,
  SymbolSpecies,
  TypeError,
} from './primordials.ts';
import { randomMethods } from './random.ts';
import * as lazyWeak from './weak.ts';

export function tame(): void {
  defineValue(globalThis, 'Date', makeDate());
  defineValue(globalThis.Math, 'random', randomMethods.random);
  defineValue(globalThis, 'ArrayBuffer', makeArrayBuffer());
  for (const name of ['resize', 'transfer', 'transferToFixedLength']) {
    Reflect.deleteProperty(BuiltinArrayBuffer.prototype, name);
  }
  defineLazy(globalThis, ['WeakRef', 'FinalizationRegistry'], (name) =>
    name === 'WeakRef' ? lazyWeak.WeakRef : lazyWeak.FinalizationRegistry,
  );
  defineLazy(globalThis, ['Intl'], () => lazyIntl.Intl);
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
