// What a guest finds on its global object. Request and Response are built at once, as every request needs them; the
// rest on first touch, functions behind small functions, interfaces behind getters. Nothing is frozen, and no builtin
// that V8 itself adds later is defined: either makes a snapshot whose contexts all die.

// biome-ignore-all lint/complexity/noArguments: how many arguments there were matters to Web IDL

import * as lazyBase64 from './bytes/base64.ts';
import * as lazyConsole from './console/console.ts';
import { targetMethods } from './events/global-target.ts';
import * as lazyReport from './events/report.ts';
import { reportException, uncaught } from './events/uncaught.ts';
import * as lazyFetch from './fetch/fetch.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import * as lazyInterfaces from './interfaces.ts';
import { defineLazy, defineValue } from './lazy.ts';
import { ReflectApply } from './primordials.ts';
import * as lazyClone from './structured-clone.ts';
import { tame } from './tame.ts';
import { timerMethods } from './timers.ts';

type Names = Record<string, unknown>;

export function install(): void {
  tame();
  uncaught.offer = (error) => lazyReport.offerToListeners(error);
  installMembers(timerMethods, 'member');
  installMembers(functions, 'member');
  installMembers(targetMethods, 'interface');
  installMembers({ Request, Response }, 'interface');
  installMembers({ self: globalThis, onerror: null, onunhandledrejection: null, onrejectionhandled: null }, 'member');
  defineLazy(globalThis, INTERFACES, (name) => lazyInterfaces.interfaceOf(name));
  defineLazy(globalThis, ['console'], () => lazyConsole.makeConsole());
  defineLazy(globalThis, ['crypto', 'performance', 'navigator'], (name) => lazyInterfaces.objectOf(name), 'member');
}

function installMembers(members: Names, kind: 'member' | 'interface'): void {
  for (const name of Object.keys(members)) defineValue(globalThis, name, members[name], kind);
}

/** Functions of the global. They pass on how many arguments there were. */
const functions = {
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
    reportException(error);
  },
};

const INTERFACES = [
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
  'FormData',
  'Headers',
  'MessageChannel',
  'MessageEvent',
  'MessagePort',
  'Navigator',
  'Performance',
  'PromiseRejectionEvent',
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
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
];
