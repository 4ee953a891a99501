// Punycode (RFC 3492) of one label, without its `xn--`. Lazy, with `idna.ts`.

import {
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  MathFloor,
  StringFromCodePoint,
  StringPrototypeCharCodeAt,
  StringPrototypeCodePointAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
} from '../primordials.ts';

// parameters of the RFC
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const BIAS_START = 72;
const CODE_START = 0x80;

const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const CODE_MAX = 0x10ffff;

/** Null when `text` is not the Punycode of anything. */
export const punycodeDecode = (text: string): string | null => {
  const codes: number[] = [];
  const dash = StringPrototypeLastIndexOf(text, '-');
  for (let i = 0; i < dash; i++) ArrayPrototypePush(codes, StringPrototypeCharCodeAt(text, i));
  let code = CODE_START;
  let bias = BIAS_START;
  let index = 0;
  for (let at = dash > 0 ? dash + 1 : 0; at < text.length; ) {
    const before = index;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = at < text.length ? StringPrototypeIndexOf(DIGITS, text[at++]!) : -1;
      if (digit < 0) return null;
      index += digit * weight;
      const threshold = thresholdOf(k, bias);
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (index > 0xffffffff) return null;
    }
    const length = codes.length + 1;
    bias = adapt(index - before, length, before === 0);
    code += MathFloor(index / length);
    if (code > CODE_MAX || (code >= 0xd800 && code <= 0xdfff)) return null;
    index %= length;
    ArrayPrototypeSplice(codes, index++, 0, code);
  }
  let decoded = '';
  for (let i = 0; i < codes.length; i++) decoded += StringFromCodePoint(codes[i]!);
  return decoded;
};

/** Null when a lone surrogate is in `text`. */
export const punycodeEncode = (text: string): string | null => {
  const codes: number[] = [];
  let encoded = '';
  for (let at = 0; at < text.length; ) {
    const code = StringPrototypeCodePointAt(text, at)!;
    if (code >= 0xd800 && code <= 0xdfff) return null;
    ArrayPrototypePush(codes, code);
    if (code < CODE_START) encoded += text[at]!;
    at += code > 0xffff ? 2 : 1;
  }
  const plain = encoded.length;
  if (plain > 0) encoded += '-';
  let done = plain;
  let bias = BIAS_START;
  let delta = 0;
  for (let code = CODE_START; done < codes.length; code++, delta++) {
    let next = CODE_MAX;
    for (let i = 0; i < codes.length; i++) if (codes[i]! >= code && codes[i]! < next) next = codes[i]!;
    delta += (next - code) * (done + 1);
    code = next;
    for (let i = 0; i < codes.length; i++) {
      if (codes[i]! < code) delta++;
      if (codes[i] !== code) continue;
      encoded += variableLength(delta, bias);
      bias = adapt(delta, done + 1, done === plain);
      delta = 0;
      done++;
    }
  }
  return encoded;
};

const variableLength = (number: number, bias: number): string => {
  let rest = number;
  let text = '';
  for (let k = BASE; ; k += BASE) {
    const threshold = thresholdOf(k, bias);
    if (rest < threshold) return text + DIGITS[rest];
    const span = BASE - threshold;
    text += DIGITS[threshold + ((rest - threshold) % span)];
    rest = MathFloor((rest - threshold) / span);
  }
};

const thresholdOf = (k: number, bias: number): number =>
  k <= bias + T_MIN ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

const adapt = (delta: number, length: number, isFirst: boolean): number => {
  let rest = MathFloor(delta / (isFirst ? DAMP : 2));
  rest += MathFloor(rest / length);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = MathFloor(rest / (BASE - T_MIN));
  return k + MathFloor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
};
