// Decoders of the encodings with one byte per character. Lazy.

import {
  MathMin,
  ReflectApply,
  StringFromCharCode,
  subarray,
  TypedArrayPrototypeGetLength,
  TypeError,
  Uint16Array,
} from '../../primordials.ts';
import type { Decode } from '../encoding.ts';
import { unpackCodes } from './codes.ts';
import { SINGLE_BYTE } from './single-byte-table.ts';

const HOLE = 0xfffd;
/** So many arguments fit on the stack with room to spare. */
const CHUNK_BYTES = 8192;

export const singleByte = (encoding: string): Decode => {
  const codes = tableOf(encoding);
  return (bytes, _end, malformed) => {
    const length = TypedArrayPrototypeGetLength(bytes);
    let text = '';
    for (let start = 0; start < length; start += CHUNK_BYTES) {
      const chunk = subarray(bytes, start, MathMin(start + CHUNK_BYTES, length));
      const count = TypedArrayPrototypeGetLength(chunk);
      const characters = new Uint16Array(count);
      for (let i = 0; i < count; i++) {
        const code = codes[chunk[i]!]!;
        if (code === HOLE && malformed === 'throw') {
          throw new TypeError(`Cannot decode: the byte ${chunk[i]} is no character of ${encoding}`);
        }
        characters[i] = code;
      }
      text += ReflectApply(StringFromCharCode, null, characters as never);
    }
    return text;
  };
};

const tableOf = (encoding: string): Uint16Array => {
  const codes = new Uint16Array(256);
  for (let byte = 0; byte < 0x80; byte++) codes[byte] = byte;
  const packed = SINGLE_BYTE[encoding === 'iso-8859-8-i' ? 'iso-8859-8' : encoding];
  const upper = packed === undefined ? undefined : unpackCodes(packed);
  for (let byte = 0x80; byte < 0x100; byte++) {
    // what has no table is x-user-defined
    codes[byte] = upper === undefined ? 0xf780 + byte - 0x80 : upper[byte - 0x80] || HOLE;
  }
  return codes;
};
