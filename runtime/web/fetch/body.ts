// The body of a Request or a Response, and the methods of the mixin as functions. A body keeps what it was given (a
// text, bytes, a place at the host) for as long as it can; a stream is built only when somebody asks for one.

import type { Blob } from '../bytes/blob.ts';
import * as lazyBlob from '../bytes/blob.ts';
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import {
  ArrayPrototypePush,
  bytesOf,
  isObject,
  JSONParse,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import type { ReadableStream } from '../stream-tools.ts';
import * as lazyStreams from '../stream-tools.ts';
import type { URLSearchParams } from '../url/search-params.ts';
import { isSearchParams, serializeParams } from '../url/search-params.ts';
import { brands } from './brands.ts';
import * as lazyFormBody from './form-body.ts';
import type { FormData } from './form-data.ts';
import type { Bytes, HostBody } from './host-body.ts';

export type BodyInit = string | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | ReadableStream;

export interface Body {
  /** What it was given; all undefined when it is a stream of the guest. */
  text: string | undefined;
  bytes: Bytes | undefined;
  host: HostBody | undefined;
  /** Set when a guest has seen the body as a stream, or gave one. */
  stream: ReadableStream | undefined;
  /** `bytes` belong to somebody else as well: who gets them gets a copy. */
  shared: boolean;
  /** Read, piped or moved without a stream. A stream knows by itself whether it was touched. */
  used: boolean;
  /** What `content-type` is unless the headers say otherwise. */
  type: string | undefined;
}

// Every function that a context calls for the first time costs it about a microsecond, an answer of a few words has a
// body too: hence few and plain functions here.
function newBody(
  text: string | undefined,
  bytes: Bytes | undefined,
  host: HostBody | undefined,
  type: string | undefined,
): Body {
  return { text, bytes, host, stream: undefined, shared: false, used: false, type };
}

export function textBody(text: string, type: string | undefined): Body {
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
export function extractBody(init: BodyInit): Body {
  if (typeof init === 'string') return newBody(init, undefined, undefined, 'text/plain;charset=UTF-8');
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

/** `bodyUsed`: somebody has begun to read. */
export function isUsed(body: Body | undefined): boolean {
  if (body === undefined) return false;
  return body.used || (body.stream !== undefined && lazyStreams.isDisturbed(body.stream));
}

/** Used, or a reader holds its stream. */
function isUnusable(body: Body | undefined): boolean {
  return isUsed(body) || (body?.stream !== undefined && lazyStreams.isLocked(body.stream));
}

/** Marks the body as read. What it was given may be used by the caller, and by nobody else.
 * @throws TypeError when it is used or locked */
export function claim(body: Body): void {
  if (body.used || (body.stream !== undefined && lazyStreams.isDisturbed(body.stream)))
    throw new TypeError('body has already been read');
  if (body.stream !== undefined) {
    if (lazyStreams.isLocked(body.stream)) throw new TypeError('body: the stream is locked');
    if (hasSource(body)) lazyStreams.seize(body.stream);
  }
  body.used = true;
}

function hasSource(body: Body): boolean {
  return body.text !== undefined || body.bytes !== undefined || body.host !== undefined;
}

/** The `body` attribute. */
export function bodyStream(body: Body | undefined): ReadableStream | null {
  if (body === undefined) return null;
  body.stream ??= body.used ? lazyStreams.spentStream() : lazyStreams.streamOver(body);
  return body.stream;
}

/** Splits the body: the given one keeps one half, the other half is returned.
 * @throws TypeError when it is used or locked */
export function cloneBody(body: Body | undefined, call: string): Body | undefined {
  if (body === undefined) return undefined;
  if (isUnusable(body)) throw new TypeError(`${call}: body has already been read`);
  const copy = newBody(body.text, body.bytes, undefined, undefined);
  if (body.text !== undefined || body.bytes !== undefined) {
    if (body.stream !== undefined) lazyStreams.seize(body.stream);
    body.stream = undefined;
    body.shared = true;
    copy.shared = true;
    return copy;
  }
  const [left, right] = lazyStreams.teeStream(bodyStream(body) as ReadableStream);
  body.host = undefined;
  body.stream = left;
  copy.stream = right;
  return copy;
}

/** Moves the body: the given one counts as used from now on.
 * @throws TypeError when it is used or locked */
export function takeBody(body: Body | undefined, call: string): Body | undefined {
  if (body === undefined) return undefined;
  if (isUnusable(body)) throw new TypeError(`${call}: body has already been read`);
  const taken = newBody(body.text, body.bytes, body.host, undefined);
  if (hasSource(body)) {
    taken.shared = body.shared;
    claim(body);
  } else {
    taken.stream = lazyStreams.throughIdentity(body.stream as ReadableStream);
    body.used = true;
  }
  return taken;
}

/** `text()` */
export async function readText(body: Body | undefined): Promise<string> {
  if (body === undefined) return '';
  claim(body);
  if (body.text !== undefined) {
    const text = StringPrototypeToWellFormed(body.text);
    return text[0] === '\ufeff' ? StringPrototypeSlice(text, 1) : text;
  }
  return utf8Decode(body.bytes ?? (await readRest(body)));
}

/** `json()` */
export async function readJson(body: Body | undefined): Promise<unknown> {
  return JSONParse(await readText(body));
}

/** `bytes()`: memory of its own, as long as its buffer. */
export async function readBytes(body: Body | undefined): Promise<Bytes> {
  if (body === undefined) return new Uint8Array(0);
  claim(body);
  if (body.text !== undefined) return utf8Encode(body.text) as Bytes;
  if (body.bytes !== undefined) return body.shared ? new Uint8Array(body.bytes) : body.bytes;
  return await readRest(body);
}

/** `arrayBuffer()` */
export async function readBuffer(body: Body | undefined): Promise<ArrayBuffer> {
  return TypedArrayPrototypeGetBuffer(await readBytes(body));
}

/** `blob()` */
export async function readBlob(body: Body | undefined, contentType: string | null): Promise<Blob> {
  const bytes = await readBytes(body);
  return lazyBlob.blobOver(bytes, lazyFormBody.serializedType(contentType));
}

/** `formData()` */
export async function readFormData(body: Body | undefined, contentType: string | null): Promise<FormData> {
  const bytes = await readBytes(body);
  return lazyFormBody.parseForm(bytes, contentType);
}

/** Everything a claimed body without text and bytes still has. */
async function readRest(body: Body): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let length = 0;
  const source = body.host ?? lazyStreams.sourceOf(body.stream as ReadableStream);
  for (;;) {
    const { done, value } = await ('read' in source ? source.read() : source.next());
    if (done) return joined(chunks, length);
    if (TypedArrayPrototypeGetSymbolToStringTag(value) !== 'Uint8Array') {
      throw new TypeError('body: a chunk must be a Uint8Array');
    }
    const chunk = value as Bytes;
    ArrayPrototypePush(chunks, chunk);
    length += TypedArrayPrototypeGetLength(chunk);
  }
}

function joined(chunks: readonly Bytes[], length: number): Bytes {
  const all = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < chunks.length; i++) {
    TypedArrayPrototypeSet(all, chunks[i] as Bytes, at);
    at += TypedArrayPrototypeGetLength(chunks[i]);
  }
  return all;
}
