// What a guest finds on its global object. Request and Response are built at once, as every request needs them; the
// rest on first touch, functions behind small functions, interfaces behind getters. Nothing is frozen, and no builtin
// that V8 itself adds later is defined: either makes a snapshot whose contexts all die.

// biome-ignore-all lint/complexity/noArguments: how many arguments there were matters to Web IDL

import * as lazyBase64 from './bytes/base64.ts';
import * as lazyBlob from './bytes/blob.ts';
import * as lazyEncoding from './bytes/encoding.ts';
import { makeConsole } from './console/console.ts';
import * as lazyCrypto from './crypto.ts';
import * as lazyAbort from './events/abort.ts';
import * as lazyErrors from './events/dom-exception.ts';
import * as lazyEvent from './events/event.ts';
import * as lazyTarget from './events/event-target.ts';
import { targetMethods } from './events/global-target.ts';
import * as lazyKinds from './events/kinds.ts';
import * as lazyReport from './events/report.ts';
import { reportException, uncaught } from './events/uncaught.ts';
import * as lazyFetch from './fetch/fetch.ts';
import * as lazyFormData from './fetch/form-data.ts';
import * as lazyHeaders from './fetch/headers.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import { defineLazy, defineValue } from './lazy.ts';
import * as lazyMessages from './message-channel.ts';
import * as lazyNavigator from './navigator.ts';
import * as lazyPerformance from './performance.ts';
import { ReflectApply } from './primordials.ts';
import * as lazyStreams from './streams.ts';
import * as lazyClone from './structured-clone.ts';
import { tame } from './tame.ts';
import { timerMethods } from './timers.ts';
import * as lazyParams from './url/search-params.ts';
import * as lazyUrl from './url/url.ts';

type Names = Record<string, unknown>;

export function install(): void {
  tame();
  uncaught.offer = (error) => lazyReport.offerToListeners(error);
  installMembers(timerMethods, 'member');
  installMembers(functions, 'member');
  installMembers(targetMethods, 'interface');
  installMembers({ Request, Response, console: makeConsole() }, 'interface');
  installMembers({ self: globalThis, onerror: null, onunhandledrejection: null, onrejectionhandled: null }, 'member');
  defineLazy(globalThis, INTERFACES, interfaceOf);
  defineLazy(globalThis, ['crypto', 'performance', 'navigator'], objectOf, 'member');
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
  'URLSearchParams',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
];

function interfaceOf(name: string): unknown {
  switch (name) {
    case 'URL':
      return lazyUrl.URL;
    case 'URLSearchParams':
      return lazyParams.URLSearchParams;
    case 'Headers':
      return lazyHeaders.Headers;
    case 'TextDecoder':
      return lazyEncoding.TextDecoder;
    case 'TextEncoder':
      return lazyEncoding.TextEncoder;
    case 'AbortController':
      return lazyAbort.AbortController;
    case 'AbortSignal':
      return lazyAbort.AbortSignal;
    case 'Blob':
      return lazyBlob.Blob;
    case 'File':
      return lazyBlob.File;
    case 'FormData':
      return lazyFormData.FormData;
    case 'Crypto':
      return lazyCrypto.Crypto;
    case 'Navigator':
      return lazyNavigator.Navigator;
    case 'Performance':
      return lazyPerformance.Performance;
    default:
      return eventInterface(name) ?? streamInterface(name);
  }
}

function eventInterface(name: string): unknown {
  switch (name) {
    case 'CustomEvent':
      return lazyKinds.CustomEvent;
    case 'DOMException':
      return lazyErrors.DOMException;
    case 'ErrorEvent':
      return lazyKinds.ErrorEvent;
    case 'Event':
      return lazyEvent.Event;
    case 'EventTarget':
      return lazyTarget.EventTarget;
    case 'MessageChannel':
      return lazyMessages.MessageChannel;
    case 'MessageEvent':
      return lazyKinds.MessageEvent;
    case 'MessagePort':
      return lazyMessages.MessagePort;
    case 'PromiseRejectionEvent':
      return lazyKinds.PromiseRejectionEvent;
    default:
      return undefined;
  }
}

function streamInterface(name: string): unknown {
  switch (name) {
    case 'ByteLengthQueuingStrategy':
      return lazyStreams.ByteLengthQueuingStrategy;
    case 'CountQueuingStrategy':
      return lazyStreams.CountQueuingStrategy;
    case 'ReadableByteStreamController':
      return lazyStreams.ReadableByteStreamController;
    case 'ReadableStream':
      return lazyStreams.ReadableStream;
    case 'ReadableStreamBYOBReader':
      return lazyStreams.ReadableStreamBYOBReader;
    case 'ReadableStreamBYOBRequest':
      return lazyStreams.ReadableStreamBYOBRequest;
    case 'ReadableStreamDefaultController':
      return lazyStreams.ReadableStreamDefaultController;
    case 'ReadableStreamDefaultReader':
      return lazyStreams.ReadableStreamDefaultReader;
    case 'TextDecoderStream':
      return lazyStreams.TextDecoderStream;
    case 'TextEncoderStream':
      return lazyStreams.TextEncoderStream;
    case 'TransformStream':
      return lazyStreams.TransformStream;
    case 'TransformStreamDefaultController':
      return lazyStreams.TransformStreamDefaultController;
    case 'WritableStream':
      return lazyStreams.WritableStream;
    case 'WritableStreamDefaultController':
      return lazyStreams.WritableStreamDefaultController;
    default:
      return lazyStreams.WritableStreamDefaultWriter;
  }
}

function objectOf(name: string): unknown {
  if (name === 'crypto') return lazyCrypto.crypto;
  return name === 'performance' ? lazyPerformance.performance : lazyNavigator.navigator;
}
