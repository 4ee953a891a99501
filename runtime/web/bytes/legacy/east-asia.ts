// The decoders of the multi-byte encodings but ISO-2022-JP, byte by byte as the Encoding standard gives them. Lazy.

import { unpack, unzigzag } from '../unpack.ts';
import { unpackCodes } from './codes.ts';
import { END, type Output, type Step } from './machine.ts';
import { GB18030_RANGES, MULTI_BYTE } from './multi-byte-table.ts';

const indexes: Record<string, number[]> = { __proto__: null } as never;

/** Code points by pointer: 0 or undefined where there is none. */
export const indexOf = (name: string): number[] => {
  indexes[name] ??= unpackCodes(MULTI_BYTE[name]!());
  return indexes[name];
};

const isBetween = (byte: number, first: number, last: number): boolean => byte >= first && byte <= last;

/** The end of a two-byte character: its code point, or a mistake after which ASCII is read again. */
const finish = (code: number | undefined, byte: number, output: Output): void => {
  if (code) {
    output.emit(code);
    return;
  }
  if (isBetween(byte, 0, 0x7f)) output.again(byte);
  output.error();
};

/** What is neither a lead byte nor a character of its own is ASCII, the end or a mistake. */
const single = (byte: number, output: Output): void => {
  if (isBetween(byte, 0, 0x7f)) output.emit(byte);
  else if (byte !== END) output.error();
};

export const eucKr = (): Step => {
  const index = indexOf('euc-kr');
  let lead = 0;
  return (byte, output) => {
    if (lead !== 0) {
      const pointer = (lead - 0x81) * 190 + byte - 0x41;
      lead = 0;
      finish(isBetween(byte, 0x41, 0xfe) ? index[pointer] : undefined, byte, output);
    } else if (isBetween(byte, 0x81, 0xfe)) lead = byte;
    else single(byte, output);
  };
};

export const big5 = (): Step => {
  const index = indexOf('big5');
  let lead = 0;
  return (byte, output) => {
    if (lead !== 0) {
      const pointer = (lead - 0x81) * 157 + byte - (byte < 0x7f ? 0x40 : 0x62);
      lead = 0;
      const isTrail = isBetween(byte, 0x40, 0x7e) || isBetween(byte, 0xa1, 0xfe);
      // two code points each: a letter and a mark
      if (isTrail && (pointer === 1133 || pointer === 1135 || pointer === 1164 || pointer === 1166)) {
        output.emit(pointer < 1164 ? 0xca : 0xea);
        output.emit(pointer === 1133 || pointer === 1164 ? 0x304 : 0x30c);
        return;
      }
      finish(isTrail ? index[pointer] : undefined, byte, output);
    } else if (isBetween(byte, 0x81, 0xfe)) lead = byte;
    else single(byte, output);
  };
};

export const shiftJis = (): Step => {
  const index = indexOf('jis0208');
  let lead = 0;
  return (byte, output) => {
    if (lead !== 0) {
      const pointer = (lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + byte - (byte < 0x7f ? 0x40 : 0x41);
      lead = 0;
      const isTrail = isBetween(byte, 0x40, 0x7e) || isBetween(byte, 0x80, 0xfc);
      // a range for private use, which has no table
      const isPrivate = isTrail && isBetween(pointer, 8836, 10715);
      finish(isPrivate ? 0xe000 - 8836 + pointer : isTrail ? index[pointer] : undefined, byte, output);
    } else if (byte === 0x80) output.emit(byte);
    else if (isBetween(byte, 0xa1, 0xdf)) output.emit(0xff61 - 0xa1 + byte);
    else if (isBetween(byte, 0x81, 0xfc) && byte !== 0xa0) lead = byte;
    else single(byte, output);
  };
};

export const eucJp = (): Step => {
  let lead = 0;
  let isJis0212 = false;
  return (byte, output) => {
    if (lead === 0x8e && isBetween(byte, 0xa1, 0xdf)) {
      lead = 0;
      output.emit(0xff61 - 0xa1 + byte);
    } else if (lead === 0x8f && isBetween(byte, 0xa1, 0xfe)) {
      isJis0212 = true;
      lead = byte;
    } else if (lead !== 0) {
      const isPair = isBetween(lead, 0xa1, 0xfe) && isBetween(byte, 0xa1, 0xfe);
      const pointer = (lead - 0xa1) * 94 + byte - 0xa1;
      const code = isPair ? indexOf(isJis0212 ? 'jis0212' : 'jis0208')[pointer] : undefined;
      lead = 0;
      isJis0212 = false;
      finish(code, byte, output);
    } else if (byte === 0x8e || byte === 0x8f || isBetween(byte, 0xa1, 0xfe)) lead = byte;
    else single(byte, output);
  };
};

export const gb18030 = (): Step => {
  const index = indexOf('gb18030');
  let first = 0;
  let second = 0;
  let third = 0;
  return (byte, output) => {
    const one = first;
    const two = second;
    const three = third;
    if (three !== 0) {
      first = second = third = 0;
      if (isBetween(byte, 0x30, 0x39)) {
        const code = rangeCode((((one - 0x81) * 10 + two - 0x30) * 126 + three - 0x81) * 10 + byte - 0x30);
        if (code === undefined) output.error();
        else output.emit(code);
      } else {
        if (byte !== END) output.again(two, three, byte);
        output.error();
      }
    } else if (two !== 0) {
      if (isBetween(byte, 0x81, 0xfe)) third = byte;
      else {
        first = second = 0;
        if (byte !== END) output.again(two, byte);
        output.error();
      }
    } else if (one !== 0) {
      if (isBetween(byte, 0x30, 0x39)) second = byte;
      else {
        first = 0;
        const isTrail = isBetween(byte, 0x40, 0x7e) || isBetween(byte, 0x80, 0xfe);
        const pointer = (one - 0x81) * 190 + byte - (byte < 0x7f ? 0x40 : 0x41);
        finish(isTrail ? index[pointer] : undefined, byte, output);
      }
    } else if (byte === 0x80) output.emit(0x20ac);
    else if (isBetween(byte, 0x81, 0xfe)) first = byte;
    else single(byte, output);
  };
};

/** The code point of a four-byte character. */
const rangeCode = (pointer: number): number | undefined => {
  if ((pointer > 39_419 && pointer < 189_000) || pointer > 1_237_575) return undefined;
  if (pointer === 7457) return 0xe7c7;
  const read = unpack(GB18030_RANGES);
  let start = 0;
  let code = 0;
  for (let step = read(); step !== undefined && start + step <= pointer; step = read()) {
    start += step;
    code += unzigzag(read()!);
  }
  return code + pointer - start;
};
