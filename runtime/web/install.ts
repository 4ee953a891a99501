// What a guest finds on its global object. Hot names are built at once, the rest on first touch. Nothing is frozen, and
// no builtin that V8 itself adds later is defined: either makes a snapshot whose contexts all die.

import * as lazyBase64 from './bytes/base64.ts';
import * as lazyBlob from './bytes/blob.ts';
import { TextDecoder, TextEncoder } from './bytes/encoding.ts';
import { makeConsole } from './console/console.ts';
import * as lazyCrypto from './crypto.ts';
import * as lazyAbort from './events/abort.ts';
import { DOMException } from './events/dom-exception.ts';
import { Event } from './events/event.ts';
import { EventTarget, globalTarget, showAs } from './events/event-target.ts';
import * as lazyKinds from './events/kinds.ts';
import { offerToListeners } from './events/report.ts';
import { reportException, uncaught } from './events/uncaught.ts';
import { fetch } from './fetch/fetch.ts';
import * as lazyFormData from './fetch/form-data.ts';
import { Headers } from './fetch/headers.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import { defineLazy, defineValue } from './lazy.ts';
import * as lazyMessages from './message-channel.ts';
import * as lazyNavigator from './navigator.ts';
import * as lazyPerformance from './performance.ts';
import { FunctionPrototypeBind, ObjectDefineProperty } from './primordials.ts';
import * as lazyStreams from './streams.ts';
import * as lazyClone from './structured-clone.ts';
import { tame } from './tame.ts';
import { timerMethods } from './timers.ts';
import { URLSearchParams } from './url/search-params.ts';
import { URL } from './url/url.ts';

type Names = Record<string, unknown>;

const STREAMS = [
  'ReadableStream',
  'ReadableStreamDefaultReader',
  'ReadableStreamDefaultController',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableByteStreamController',
  'WritableStream',
  'WritableStreamDefaultWriter',
  'WritableStreamDefaultController',
  'TransformStream',
  'TransformStreamDefaultController',
  'ByteLengthQueuingStrategy',
  'CountQueuingStrategy',
  'TextEncoderStream',
  'TextDecoderStream',
];

export function install(): void {
  tame();
  installEager();
  installLazy();
  installTarget();
}

function installEager(): void {
  const interfaces: Names = {
    DOMException,
    Event,
    EventTarget,
    Headers,
    Request,
    Response,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
  };
  for (const name of Object.keys(interfaces)) defineValue(globalThis, name, interfaces[name]);
  const members: Names = { ...timerMethods, fetch, reportError, self: globalThis };
  for (const name of Object.keys(members)) defineValue(globalThis, name, members[name], 'member');
  defineValue(globalThis, 'console', makeConsole());
}

function reportError(error: unknown): void {
  reportException(error);
}

function installLazy(): void {
  const from = (names: readonly string[], module: () => object, kind?: 'member') =>
    defineLazy(globalThis, names, (name) => (module() as Names)[name], kind);
  from(['AbortController', 'AbortSignal'], () => lazyAbort);
  from(['CustomEvent', 'ErrorEvent', 'MessageEvent', 'PromiseRejectionEvent'], () => lazyKinds);
  from(['FormData'], () => lazyFormData);
  from(['Blob', 'File'], () => lazyBlob);
  from(STREAMS, () => lazyStreams);
  from(['MessageChannel', 'MessagePort'], () => lazyMessages);
  from(['Crypto'], () => lazyCrypto);
  from(['Performance'], () => lazyPerformance);
  from(['Navigator'], () => lazyNavigator);
  from(['crypto'], () => lazyCrypto, 'member');
  from(['performance'], () => lazyPerformance, 'member');
  from(['navigator'], () => lazyNavigator, 'member');
  from(['structuredClone'], () => lazyClone, 'member');
  from(['atob', 'btoa'], () => lazyBase64, 'member');
}

/** The global is an EventTarget by methods of its own, which are not enumerable; its prototype stays as it is. */
function installTarget(): void {
  showAs(globalTarget, globalThis);
  uncaught.offer = offerToListeners;
  for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) {
    const method = FunctionPrototypeBind(EventTarget.prototype[name], globalTarget);
    ObjectDefineProperty(method, 'name', { value: name });
    defineValue(globalThis, name, method);
  }
  for (const name of ['onerror', 'onunhandledrejection', 'onrejectionhandled']) {
    defineValue(globalThis, name, null, 'member');
  }
}
