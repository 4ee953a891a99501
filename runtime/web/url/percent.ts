// Percent-encoding and -decoding of the URL standard. A percent-encode set is a regular expression that finds the
// first character to be encoded: most parts of most URLs hold none, and then one native search is the whole cost.

import { utf8DecodeWithoutBom, utf8Encode } from '../bytes/utf8.ts';
import {
  DecodeURIComponent,
  EncodeURIComponent,
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
  subarray,
  TypedArrayPrototypeGetLength,
} from '../primordials.ts';

export type PercentSet = 'control' | 'fragment' | 'query' | 'special query' | 'path' | 'userinfo' | 'form';

// Literals inside of functions: a regular expression that was made before the snapshot is compiled anew in every
// context (5 µs each), one that a function makes is found in the cache of the isolate. Everything below the space and
// beyond `~` is in all sets.
function charactersOf(set: PercentSet): RegExp {
  switch (set) {
    case 'control':
      return /[^ -~]/;
    case 'fragment':
      return /[^!#-;=?-_a-~]/;
    case 'query':
      return /[^!$-;=?-~]/;
    case 'special query':
      return /[^!$-&(-;=?-~]/;
    case 'path':
      return /[^!$-;=@-_a-z|~]/;
    case 'userinfo':
      return /[^!$-.0-9A-Z_a-z~]/;
    case 'form':
      return /[^*\-.0-9A-Z_a-z]/;
  }
}

const HEX = '0123456789ABCDEF';

/** `text` with every character of the set as the percent-encoded bytes of its UTF-8; a lone surrogate is U+FFFD. */
export function percentEncode(text: string, set: PercentSet): string {
  const characters = charactersOf(set);
  let encoded = '';
  let rest = text;
  for (;;) {
    const dirty = RegExpPrototypeExec(characters, rest);
    if (dirty === null) return encoded + rest;
    encoded += StringPrototypeSlice(rest, 0, dirty.index);
    rest = StringPrototypeSlice(rest, dirty.index);
    const foreign = RegExpPrototypeExec(/^[^\0-\x7f]+/, rest);
    if (foreign === null) {
      const code = StringPrototypeCharCodeAt(rest, 0);
      encoded += set === 'form' && code === 0x20 ? '+' : `%${HEX[code >> 4]}${HEX[code & 15]}`;
      rest = StringPrototypeSlice(rest, 1);
    } else {
      encoded += EncodeURIComponent(StringPrototypeToWellFormed(foreign[0]));
      rest = StringPrototypeSlice(rest, foreign[0].length);
    }
  }
}

/** As `application/x-www-form-urlencoded` wants a name or a value. */
export function formEncode(text: string): string {
  return percentEncode(text, 'form');
}

/** The characters of `text` once its percent-encoded bytes are decoded as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (StringPrototypeIndexOf(text, '%') < 0) return text;
  try {
    return DecodeURIComponent(text);
  } catch {
    return utf8DecodeWithoutBom(percentDecodeBytes(utf8Encode(text)));
  }
}

function percentDecodeBytes(bytes: Uint8Array): Uint8Array {
  const length = TypedArrayPrototypeGetLength(bytes);
  let to = 0;
  for (let from = 0; from < length; from++) {
    let byte = bytes[from]!;
    if (byte === 0x25 && from + 2 < length) {
      const high = hexValue(bytes[from + 1]!);
      const low = hexValue(bytes[from + 2]!);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        from += 2;
      }
    }
    bytes[to++] = byte;
  }
  return subarray(bytes, 0, to);
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
