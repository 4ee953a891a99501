// UTF-16 in either byte order. Lazy.

import {
  MathMin,
  ReflectApply,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  StringPrototypeIsWellFormed,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
  subarray,
  TypedArrayPrototypeGetLength,
  TypeError,
  Uint16Array,
} from '../../primordials.ts';
import type { Decode } from '../encoding.ts';

const CHUNK_BYTES = 16_384;

export const utf16 = (order: 'big' | 'little'): Decode => {
  // what the next piece may complete: a byte, and half of a surrogate pair
  let byte = -1;
  let half = '';
  return (bytes, end, malformed) => {
    let from = 0;
    let text = half;
    half = '';
    if (byte >= 0 && TypedArrayPrototypeGetLength(bytes) > 0) {
      text += StringFromCharCode(order === 'big' ? (byte << 8) | bytes[0]! : (bytes[0]! << 8) | byte);
      byte = -1;
      from = 1;
    }
    const rest = subarray(bytes, from);
    const length = TypedArrayPrototypeGetLength(rest);
    for (let start = 0; start + 1 < length; start += CHUNK_BYTES) {
      text += unitsOf(subarray(rest, start, MathMin(start + CHUNK_BYTES, length)), order);
    }
    if (length % 2 === 1) byte = rest[length - 1]!;
    if (text !== '' && (StringPrototypeCharCodeAt(text, text.length - 1) & 0xfc00) === 0xd800) {
      half = StringPrototypeSlice(text, -1);
      text = StringPrototypeSlice(text, 0, -1);
    }
    const isOpen = end === 'flush' && (byte >= 0 || half !== '');
    if (end === 'flush') {
      byte = -1;
      half = '';
    }
    if (malformed === 'throw' && (isOpen || !StringPrototypeIsWellFormed(text))) {
      throw new TypeError('Cannot decode: the bytes are not UTF-16');
    }
    // a byte and half of a pair are one mistake
    return StringPrototypeToWellFormed(text) + (isOpen ? '\ufffd' : '');
  };
};

const unitsOf = (bytes: Uint8Array, order: 'big' | 'little'): string => {
  const count = TypedArrayPrototypeGetLength(bytes) >> 1;
  const units = new Uint16Array(count);
  const high = order === 'big' ? 0 : 1;
  for (let i = 0; i < count; i++) units[i] = (bytes[2 * i + high]! << 8) | bytes[2 * i + 1 - high]!;
  return ReflectApply(StringFromCharCode, null, units as never) as string;
};
