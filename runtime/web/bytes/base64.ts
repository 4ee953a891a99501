// Base64: `atob` and `btoa`, and the same on bytes for our own use. Decoding is the Infra standard's forgiving one:
// ASCII whitespace anywhere, padding optional.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { errorFrom } from '../events/dom-exception.ts';
import { requireArguments } from '../fetch/arguments.ts';
import {
  MathMin,
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  subarray,
  TypedArrayPrototypeGetLength,
  Uint8Array,
} from '../primordials.ts';
import { latin1Decode } from './utf8.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Bytes that are encoded at once: a multiple of 3. */
const CHUNK_BYTES = 24_576;
const PADDING = 0x3d;

/** With padding. */
export const base64Encode = (bytes: Uint8Array): string => {
  const length = TypedArrayPrototypeGetLength(bytes);
  let text = '';
  for (let start = 0; start < length; start += CHUNK_BYTES) {
    text += encodeChunk(subarray(bytes, start, MathMin(start + CHUNK_BYTES, length)));
  }
  return text;
};

const encodeChunk = (bytes: Uint8Array): string => {
  const length = TypedArrayPrototypeGetLength(bytes);
  const codes = new Uint8Array(((length + 2 - ((length + 2) % 3)) / 3) * 4);
  let to = 0;
  for (let from = 0; from < length; from += 3) {
    const left = length - from;
    const group = (bytes[from]! << 16) | ((left > 1 ? bytes[from + 1]! : 0) << 8) | (left > 2 ? bytes[from + 2]! : 0);
    codes[to++] = letters[group >> 18]!;
    codes[to++] = letters[(group >> 12) & 63]!;
    codes[to++] = left > 1 ? letters[(group >> 6) & 63]! : PADDING;
    codes[to++] = left > 2 ? letters[group & 63]! : PADDING;
  }
  return latin1Decode(codes);
};

/** The bytes, or null when `text` is not base64. */
export const base64Decode = (text: string): Uint8Array<ArrayBuffer> | null => {
  let clean = withoutSpaces(text);
  if (clean.length % 4 === 0 && clean[clean.length - 1] === '=') {
    clean = StringPrototypeSlice(clean, 0, clean[clean.length - 2] === '=' ? -2 : -1);
  }
  const length = clean.length;
  const over = length % 4;
  if (over === 1 || RegExpPrototypeExec(/[^+/0-9A-Za-z]/, clean) !== null) return null;
  const bytes = new Uint8Array(((length - over) / 4) * 3 + (over === 0 ? 0 : over - 1));
  let to = 0;
  let bits = 0;
  for (let at = 0; at < length; at++) {
    bits = ((bits & 0x3ffff) << 6) | values[StringPrototypeCharCodeAt(clean, at)]!;
    const phase = at & 3;
    // 6, 12, 18, 24 bits: the second gives the first byte
    if (phase !== 0) bytes[to++] = bits >> (6 - 2 * phase);
  }
  return bytes;
};

const withoutSpaces = (text: string): string => {
  let clean = '';
  let rest = text;
  for (;;) {
    const spaces = RegExpPrototypeExec(/[\t\n\f\r ]+/, rest);
    if (spaces === null) return clean + rest;
    clean += StringPrototypeSlice(rest, 0, spaces.index);
    rest = StringPrototypeSlice(rest, spaces.index + spaces[0].length);
  }
};

/** The codes of the alphabet, and back. */
const letters = new Uint8Array(64);
const values = new Uint8Array(128);
for (let i = 0; i < 64; i++) {
  const code = StringPrototypeCharCodeAt(ALPHABET, i);
  letters[i] = code;
  values[code] = i;
}

/** @throws InvalidCharacterError when `data` is not base64 */
export const atob = function (data: string): string {
  requireArguments(arguments.length, 1, 'atob');
  const bytes = base64Decode(`${data}`);
  if (bytes === null) throw errorFrom('InvalidCharacterError', 'atob: the text is not base64');
  return latin1Decode(bytes);
};

/** @throws InvalidCharacterError when a character of `data` is beyond U+00FF */
export const btoa = function (data: string): string {
  requireArguments(arguments.length, 1, 'btoa');
  const text = `${data}`;
  if (RegExpPrototypeExec(/[^\0-\xff]/, text) !== null) {
    throw errorFrom('InvalidCharacterError', 'btoa: each character must be at most U+00FF');
  }
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = StringPrototypeCharCodeAt(text, i);
  return base64Encode(bytes);
};
