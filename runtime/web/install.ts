// What a guest finds on its global object. Request and Response are built at once, as every request needs them; the
// rest on first touch, functions behind small functions, interfaces behind getters. Nothing is frozen, and no builtin
// that V8 itself adds later is defined: either makes a snapshot whose contexts all die. Runs once.

// biome-ignore-all lint/complexity/noArguments: how many arguments there were matters to Web IDL

import { awake } from './awake.ts';
import * as lazyBase64 from './bytes/base64.ts';
import * as lazyGlobalTarget from './events/global-target.ts';
import * as lazyReport from './events/report.ts';
import * as lazyUncaught from './events/uncaught.ts';
import * as lazyFetch from './fetch/fetch.ts';
import { Request, stateOf } from './fetch/request.ts';
import { isResponse, Response, responseState } from './fetch/response.ts';
import * as lazyInterfaces from './interfaces.ts';
import { defineValue } from './lazy.ts';
import { FunctionPrototypeBind, ObjectDefineProperty, ReflectApply } from './primordials.ts';
import * as onceRehearse from './rehearse.ts';
import * as lazyClone from './structured-clone.ts';
import { tame } from './tame.ts';
import * as lazyTimers from './timers.ts';

export function install(): void {
  tame();
  emptyNativeConsole();
  awake.offerUncaught = (error) => lazyReport.offerToListeners(error);
  awake.insideOf = (value) => stateOf(value) ?? (isResponse(value) ? responseState(value) : undefined);
  defineMembers(functions(), 'member');
  defineMembers(timers(), 'member');
  defineMembers(targetMethods(), 'interface');
  defineMembers({ Request, Response }, 'interface');
  defineMembers({ self: globalThis, onerror: null, onunhandledrejection: null, onrejectionhandled: null }, 'member');
  for (const name of lazyNames()) defineLazy(name);
  awake.rehearsal = onceRehearse.rehearse();
}

/** V8's own console, of which guests get nothing, is kept by V8; its methods need not be. */
function emptyNativeConsole(): void {
  const { console: native } = globalThis as unknown as { console?: Record<string, unknown> };
  for (const name of Object.keys(native ?? {})) delete native?.[name];
}

function defineMembers(members: Record<string, unknown>, kind: 'member' | 'interface'): void {
  for (const name of Object.keys(members)) defineValue(globalThis, name, members[name], kind);
}

/** Getter and setter of the lazy names in one: `this` is the name, and a setter is called with an argument. */
function touch(this: string, ...given: unknown[]): unknown {
  return lazyInterfaces.touch(`${this}`, given);
}

/** One function, bound to each name: a bound function is half of what a closure and its scope take in every context. */
function defineLazy(name: string): void {
  const bound = FunctionPrototypeBind(touch, name) as () => unknown;
  const enumerable = name === 'crypto' || name === 'navigator' || name === 'performance';
  ObjectDefineProperty(globalThis, name, { get: bound, set: bound, enumerable, configurable: true });
}

// Each table is made in a function, as one that another function sees would be kept, with its shapes.

/** Functions of the global. They pass on how many arguments there were. */
const functions = () => ({
  fetch(_input: unknown): unknown {
    return ReflectApply(lazyFetch.fetch, undefined, arguments as unknown as unknown[]);
  },
  structuredClone(_value: unknown): unknown {
    return ReflectApply(lazyClone.structuredClone, undefined, arguments as unknown as unknown[]);
  },
  atob(_text: unknown): unknown {
    return ReflectApply(lazyBase64.atob, undefined, arguments as unknown as unknown[]);
  },
  btoa(_text: unknown): unknown {
    return ReflectApply(lazyBase64.btoa, undefined, arguments as unknown as unknown[]);
  },
  reportError(error: unknown): void {
    lazyUncaught.reportException(error);
  },
});

const timers = () => ({
  setTimeout(callback: unknown, delay: unknown = undefined, ...args: unknown[]): number {
    return lazyTimers.start('timeout', callback, delay, args);
  },
  setInterval(callback: unknown, delay: unknown = undefined, ...args: unknown[]): number {
    return lazyTimers.start('interval', callback, delay, args);
  },
  clearTimeout(number: unknown = undefined): void {
    lazyTimers.clear(number);
  },
  clearInterval(number: unknown = undefined): void {
    lazyTimers.clear(number);
  },
  queueMicrotask(callback: unknown): void {
    lazyTimers.queue(callback);
  },
});

/** The global as an EventTarget: not enumerable. */
const targetMethods = () => ({
  addEventListener(_type: unknown, _callback: unknown): void {
    ReflectApply(lazyGlobalTarget.target().addEventListener, undefined, arguments as never);
  },
  removeEventListener(_type: unknown, _callback: unknown): void {
    ReflectApply(lazyGlobalTarget.target().removeEventListener, undefined, arguments as never);
  },
  dispatchEvent(_event: unknown): boolean {
    return ReflectApply(lazyGlobalTarget.target().dispatchEvent, undefined, arguments as never) as boolean;
  },
});

/** Names that are built on first touch. */
const lazyNames = () => [
  'AbortController',
  'AbortSignal',
  'Blob',
  'ByteLengthQueuingStrategy',
  'CountQueuingStrategy',
  'Crypto',
  'CustomEvent',
  'DOMException',
  'ErrorEvent',
  'Event',
  'EventTarget',
  'File',
  'FinalizationRegistry',
  'FormData',
  'Headers',
  'Intl',
  'MessageChannel',
  'MessageEvent',
  'MessagePort',
  'Navigator',
  'Performance',
  'PromiseRejectionEvent',
  'Proxy',
  'ReadableByteStreamController',
  'ReadableStream',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableStreamDefaultController',
  'ReadableStreamDefaultReader',
  'TextDecoder',
  'TextDecoderStream',
  'TextEncoder',
  'TextEncoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'URL',
  'URLPattern',
  'URLSearchParams',
  'WeakRef',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
  'console',
  'crypto',
  'navigator',
  'performance',
];
