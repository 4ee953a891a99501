// The methods of the Body mixin, as functions. Lazy.
import type { Blob } from '../bytes/blob.ts';
import * as lazyBlob from '../bytes/blob.ts';
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import {
  ArrayPrototypePush,
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
import { type Body, claim, newBody } from './body-state.ts';
import * as lazyFormBody from './form-body.ts';
import type { FormData } from './form-data.ts';
import type { Bytes } from './host-body.ts';

/** `bodyUsed`: somebody has begun to read. */
export function isUsed(body: Body | undefined): boolean {
  if (body === undefined) return false;
  return body.used || (body.stream !== undefined && lazyStreams.isDisturbed(body.stream));
}

/** Used, or a reader holds its stream. */
function isUnusable(body: Body | undefined): boolean {
  return isUsed(body) || (body?.stream !== undefined && lazyStreams.isLocked(body.stream));
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
