// What a body is made of, when it is more than a text. Lazy.
import type { Blob } from '../bytes/blob.ts';
import * as lazyBlob from '../bytes/blob.ts';
import { bytesOf, isObject, TypeError, Uint8Array } from '../primordials.ts';
import type { ReadableStream } from '../stream-tools.ts';
import * as lazyStreams from '../stream-tools.ts';
import { isSearchParams, serializeParams, type URLSearchParams } from '../url/search-params.ts';
import { type Body, newBody } from './body-state.ts';
import { brands } from './brands.ts';
import * as lazyFormBody from './form-body.ts';
import type { FormData } from './form-data.ts';
import type { Bytes, HostBody } from './host-body.ts';

export type BodyInit = string | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | ReadableStream;

function textBody(text: string, type: string | undefined): Body {
  return newBody(text, undefined, undefined, type);
}

/** The bytes are the body's from now on. */
export function bytesBody(bytes: Bytes, type: string | undefined = undefined): Body {
  return newBody(undefined, bytes, undefined, type);
}

export function hostBody(host: HostBody): Body {
  return newBody(undefined, undefined, host, undefined);
}

/** @throws TypeError when it is a stream that is locked or has been read from */
export function bodyFrom(init: Exclude<BodyInit, string>): Body {
  if (isObject(init)) {
    if (brands.isStream(init)) return streamBody(init);
    const bytes = bytesOf(init);
    if (bytes !== undefined) return bytesBody(new Uint8Array(bytes));
    if (isSearchParams(init)) {
      return textBody(serializeParams(init), 'application/x-www-form-urlencoded;charset=UTF-8');
    }
    if (brands.isBlob(init)) return blobBody(init);
    if (brands.isFormData(init)) {
      const form = lazyFormBody.encodeForm(init);
      return bytesBody(form.bytes, form.type);
    }
  }
  return textBody(`${init as unknown as string}`, 'text/plain;charset=UTF-8');
}

function blobBody(blob: Blob): Body {
  const body = bytesBody(lazyBlob.blobBytes(blob), lazyBlob.blobType(blob) || undefined);
  body.shared = true;
  return body;
}

function streamBody(stream: ReadableStream): Body {
  if (lazyStreams.isDisturbed(stream)) throw new TypeError('body has already been read');
  if (lazyStreams.isLocked(stream)) throw new TypeError('body: the stream is locked');
  const origin = lazyStreams.originOf(stream);
  const body = newBody(origin?.text, origin?.bytes, origin?.host, undefined);
  body.shared = origin?.shared ?? false;
  body.stream = stream;
  return body;
}
