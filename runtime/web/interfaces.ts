// Which module has which name of the platform. Asked when a guest touches a name for the first time. Lazy.
import * as lazyBlob from './bytes/blob.ts';
import * as lazyEncoding from './bytes/encoding.ts';
import * as lazyConsole from './console/console.ts';
import * as lazyCrypto from './crypto.ts';
import * as lazyAbort from './events/abort.ts';
import * as lazyErrors from './events/dom-exception.ts';
import * as lazyEvent from './events/event.ts';
import * as lazyTarget from './events/event-target.ts';
import * as lazyKinds from './events/kinds.ts';
import * as lazyFormData from './fetch/form-data.ts';
import { Headers } from './fetch/headers.ts';
import * as lazyIntl from './intl.ts';
import { defineValue } from './lazy.ts';
import * as lazyMessages from './message-channel.ts';
import * as lazyNavigator from './navigator.ts';
import * as lazyPerformance from './performance.ts';
import { ReflectGetOwnPropertyDescriptor } from './primordials.ts';
import * as lazyProxy from './proxy.ts';
import * as lazyStreams from './streams.ts';
import * as lazyParams from './url/search-params.ts';
import * as lazyUrl from './url/url.ts';
import * as lazyPattern from './url-pattern.ts';
import * as lazyWeak from './weak.ts';

/** A lazy name of the global is read, or written when something is `given`: from now on it is an ordinary property. */
export function touch(name: string, given: readonly unknown[]): unknown {
  const value = given.length === 0 ? valueOf(name) : given[0];
  const found = ReflectGetOwnPropertyDescriptor(globalThis, name);
  defineValue(globalThis, name, value, found?.enumerable === true ? 'member' : 'interface');
  return value;
}

function valueOf(name: string): unknown {
  switch (name) {
    case 'console':
      return lazyConsole.makeConsole();
    case 'crypto':
      return lazyCrypto.crypto;
    case 'navigator':
      return lazyNavigator.navigator;
    case 'performance':
      return lazyPerformance.performance;
    case 'Intl':
      return lazyIntl.Intl;
    case 'Proxy':
      return lazyProxy.Proxy;
    case 'WeakRef':
      return lazyWeak.WeakRef;
    case 'FinalizationRegistry':
      return lazyWeak.FinalizationRegistry;
    default:
      return interfaceOf(name);
  }
}

/** The interface object of that name. */
function interfaceOf(name: string): unknown {
  switch (name) {
    case 'URL':
      return lazyUrl.URL;
    case 'URLPattern':
      return lazyPattern.URLPattern;
    case 'URLSearchParams':
      return lazyParams.URLSearchParams;
    case 'Headers':
      return Headers;
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
