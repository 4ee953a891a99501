// UTF-8 in both directions, without a native codec: a bare V8 context has none. Decoding leans on builtins that work
// in bulk (`fromCharCode` with a whole typed array, `escape`, `decodeURIComponent`), as a fresh context runs loops of
// JavaScript cold. Streams, byte order marks of `TextDecoder` and other encodings are `encoding.ts`.

import {
  DecodeURIComponent,
  MathMin,
  ReflectApply,
  RegExpPrototypeExec,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  subarray,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
  Uint16Array,
} from '../primordials.ts';

const { escape: percentEscape } = globalThis;
const { prototype: stringPrototype } = String;
const { charCodeAt: nativeCharCodeAt } = stringPrototype;

/** So many arguments fit on the stack with room to spare. */
const ARGUMENTS_MAX = 8192;
const CHUNK_BYTES = 16_384;

export type Malformed = 'replace' | 'throw';

/** The bytes of `text`; a lone surrogate becomes U+FFFD. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  const ascii = new Uint8Array(text.length);
  const length = encodeAscii(text, ascii);
  if (length === text.length) return ascii;
  const bytes = new Uint8Array(utf8Length(text, length));
  TypedArrayPrototypeSet(bytes, subarray(ascii, 0, length));
  encodeFrom(text, bytes, length);
  return bytes;
}

/** Fills `target` with whole characters only. `read` counts UTF-16 code units, `written` bytes. */
export function utf8EncodeInto(text: string, target: Uint8Array): { read: number; written: number } {
  return encodeFrom(text, target, encodeAscii(text, target));
}

/** How many bytes `text` takes from code unit `from` on, with `from` bytes before it. */
export function utf8Length(text: string, from = 0): number {
  let length = from;
  for (let i = from; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code < 0x80) length += 1;
    else if (code < 0x800) length += 2;
    else if (isPair(text, i, code)) {
      length += 4;
      i++;
    } else length += 3;
  }
  return length;
}

// A method call is several times as fast as a captured function until the optimiser has seen the loop, and no guest
// code can run in between.
function encodeAscii(text: string, target: Uint8Array): number {
  if (stringPrototype.charCodeAt !== nativeCharCodeAt) return 0;
  const length = MathMin(text.length, TypedArrayPrototypeGetLength(target));
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return i;
    target[i] = code;
  }
  return length;
}

function encodeFrom(text: string, target: Uint8Array, start: number): { read: number; written: number } {
  const room = TypedArrayPrototypeGetLength(target);
  let read = start;
  let written = start;
  for (; read < text.length; read++) {
    let code = StringPrototypeCharCodeAt(text, read);
    if (code < 0x80) {
      if (written === room) break;
      target[written++] = code;
      continue;
    }
    if (code < 0x800) {
      if (written + 2 > room) break;
      target[written++] = 0xc0 | (code >> 6);
    } else {
      if (isPair(text, read, code)) {
        if (written + 4 > room) break;
        code = 0x10000 + ((code & 0x3ff) << 10) + (StringPrototypeCharCodeAt(text, ++read) & 0x3ff);
        target[written++] = 0xf0 | (code >> 18);
        target[written++] = 0x80 | ((code >> 12) & 0x3f);
      } else {
        if (written + 3 > room) break;
        if ((code & 0xf800) === 0xd800) code = 0xfffd;
        target[written++] = 0xe0 | (code >> 12);
      }
      target[written++] = 0x80 | ((code >> 6) & 0x3f);
    }
    target[written++] = 0x80 | (code & 0x3f);
  }
  return { read, written };
}

function isPair(text: string, at: number, code: number): boolean {
  return (code & 0xfc00) === 0xd800 && (StringPrototypeCharCodeAt(text, at + 1) & 0xfc00) === 0xdc00;
}

/** "UTF-8 decode": a byte order mark at the start goes, what is not UTF-8 becomes U+FFFD. What `text()` wants. */
export function utf8Decode(bytes: Uint8Array): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return utf8DecodeWithoutBom(marked ? subarray(bytes, 3) : bytes);
}

/** "UTF-8 decode without BOM": U+FEFF at the start is a character like any other.
 * @throws TypeError when `malformed` says so and `bytes` are not UTF-8 */
export function utf8DecodeWithoutBom(bytes: Uint8Array, malformed: Malformed = 'replace'): string {
  const length = TypedArrayPrototypeGetLength(bytes);
  let text = '';
  for (let start = 0; start < length; ) {
    let end = start + CHUNK_BYTES;
    if (end >= length) end = length;
    // not in the middle of a character
    else for (let back = 0; back < 3 && (bytes[end]! & 0xc0) === 0x80; back++) end--;
    text += decodeChunk(subarray(bytes, start, end), malformed);
    start = end;
  }
  return text;
}

/** One character per byte. */
export function latin1Decode(bytes: Uint8Array): string {
  const length = TypedArrayPrototypeGetLength(bytes);
  let text = '';
  for (let start = 0; start < length; start += ARGUMENTS_MAX) {
    text += ReflectApply(
      StringFromCharCode,
      null,
      subarray(bytes, start, MathMin(start + ARGUMENTS_MAX, length)) as never,
    );
  }
  return text;
}

function decodeChunk(bytes: Uint8Array, malformed: Malformed): string {
  const binary = latin1Decode(bytes);
  if (RegExpPrototypeExec(/[^\0-\x7f]/, binary) === null) return binary;
  try {
    return DecodeURIComponent(percentEscape(binary));
  } catch {
    if (malformed === 'throw') throw new TypeError('Cannot decode: the bytes are not UTF-8');
    return decodeMalformed(bytes);
  }
}

/** How long the valid start of a character at `at` is: 0 when there is none, its full length when it is whole. */
export function utf8Prefix(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = utf8Width(lead);
  if (length === 0) return 0;
  for (let i = 1; i < length; i++) {
    const next = at + i < TypedArrayPrototypeGetLength(bytes) ? bytes[at + i]! : 0;
    // neither overlong forms, nor surrogates, nor beyond U+10FFFF: seen from the second byte
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (next < low || next > high) return i;
  }
  return length;
}

/** How many bytes a character has that begins with `lead`; 0 when none does. */
export function utf8Width(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

// In JavaScript from here on, as no builtin goes on after a mistake.
function decodeMalformed(bytes: Uint8Array): string {
  const length = TypedArrayPrototypeGetLength(bytes);
  const units = new Uint16Array(length);
  let to = 0;
  for (let at = 0; at < length; ) {
    const lead = bytes[at]!;
    const prefix = utf8Prefix(bytes, at);
    if (prefix === 0 || prefix < utf8Width(lead)) {
      units[to++] = 0xfffd;
      at += prefix || 1;
      continue;
    }
    let code = prefix === 1 ? lead : lead & (0x7f >> prefix);
    for (const end = at + prefix; ++at < end; ) code = (code << 6) | (bytes[at]! & 0x3f);
    if (code > 0xffff) {
      units[to++] = 0xd7c0 + (code >> 10);
      code = 0xdc00 | (code & 0x3ff);
    }
    units[to++] = code;
  }
  const buffer = TypedArrayPrototypeGetBuffer(units);
  let text = '';
  for (let start = 0; start < to; start += ARGUMENTS_MAX) {
    const part = new Uint16Array(buffer, start * 2, MathMin(ARGUMENTS_MAX, to - start));
    text += ReflectApply(StringFromCharCode, null, part as never);
  }
  return text;
}
