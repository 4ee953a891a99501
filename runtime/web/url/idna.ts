// "Domain to ASCII" of the URL standard: UTS #46 without transitional processing, with the rules for joiners and for
// right-to-left names, not strict about hyphens and length. Lazy, for names that are not plain ASCII or hold `xn--`.

import { unpack } from '../bytes/unpack.ts';
import {
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  RegExpPrototypeExec,
  StringFromCodePoint,
  StringPrototypeCodePointAt,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
} from '../primordials.ts';
import { composed, fold } from './idna-fold.ts';
import { CLASSES, JOINING, VIRAMAS } from './idna-table.ts';
import { punycodeDecode, punycodeEncode } from './punycode.ts';

const NOT_ASCII = /[^\0-\x7f]/;
const MARK_FIRST = /^\p{M}/u;
const ZERO_WIDTH_NON_JOINER = 0x200c;
const ZERO_WIDTH_JOINER = 0x200d;

// classes of the table
const DISALLOWED = 0;
const IGNORED = 1;
const LEFT = 2;
const RIGHT = 3;
const EUROPEAN = 4;
const ARABIC = 5;
const MARK = 7;
const OTHER = 8;

/** The name as it goes over the wire, or null when it is not valid. */
export const domainToAscii = (domain: string): string | null => {
  const labels = StringPrototypeSplit(composed(mapped(domain)), '.');
  const unicode: string[] = [];
  let isBidi = false;
  for (let i = 0; i < labels.length; i++) {
    const label = toUnicode(labels[i]!);
    if (label === null) return null;
    ArrayPrototypePush(unicode, label);
    isBidi ||= hasRightToLeft(label);
  }
  for (let i = 0; i < labels.length; i++) {
    const label = unicode[i]!;
    if (!isValid(label) || (isBidi && !isValidBidi(label))) return null;
    if (RegExpPrototypeExec(NOT_ASCII, label) !== null) {
      const encoded = punycodeEncode(label);
      if (encoded === null) return null;
      labels[i] = `xn--${encoded}`;
    }
  }
  return ArrayPrototypeJoin(labels, '.');
};

const mapped = (domain: string): string => {
  let text = '';
  for (let at = 0; at < domain.length; ) {
    const code = StringPrototypeCodePointAt(domain, at)!;
    const character = StringFromCodePoint(code);
    at += character.length;
    const kind = classOf(code);
    // what is disallowed stays, and fails later
    if (kind === DISALLOWED) text += character;
    else if (kind !== IGNORED) text += fold(character);
  }
  return text;
};

const toUnicode = (label: string): string | null => {
  if (!StringPrototypeStartsWith(label, 'xn--')) return label;
  if (RegExpPrototypeExec(NOT_ASCII, label) !== null) return null;
  const decoded = punycodeDecode(StringPrototypeSlice(label, 4));
  // a label without a reason to be encoded is a second name for the same thing
  return decoded === null || RegExpPrototypeExec(NOT_ASCII, decoded) === null ? null : decoded;
};

const codesOf = (label: string): number[] => {
  const codes: number[] = [];
  for (let at = 0; at < label.length; ) {
    const code = StringPrototypeCodePointAt(label, at)!;
    ArrayPrototypePush(codes, code);
    at += code > 0xffff ? 2 : 1;
  }
  return codes;
};

const isValid = (label: string): boolean => {
  if (composed(label) !== label || StringPrototypeStartsWith(label, 'xn--')) return false;
  if (RegExpPrototypeExec(MARK_FIRST, label) !== null) return false;
  const codes = codesOf(label);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === ZERO_WIDTH_NON_JOINER || code === ZERO_WIDTH_JOINER) {
      if (!joins(codes, i)) return false;
      continue;
    }
    if (code === 0x2e || classOf(code) <= IGNORED) return false;
    const character = StringFromCodePoint(code);
    if (fold(character) !== character) return false;
  }
  return true;
};

// RFC 5892, appendix A.1 and A.2
const joins = (codes: number[], at: number): boolean => {
  if (at === 0) return false;
  if (isVirama(codes[at - 1]!)) return true;
  if (codes[at] === ZERO_WIDTH_JOINER) return false;
  let before = at - 1;
  while (before >= 0 && joiningOf(codes[before]!) === 4) before--;
  let after = at + 1;
  while (after < codes.length && joiningOf(codes[after]!) === 4) after++;
  if (before < 0 || after === codes.length) return false;
  return (joiningOf(codes[before]!) & 1) !== 0 && (joiningOf(codes[after]!) & 2) !== 0;
};

const hasRightToLeft = (label: string): boolean => {
  const codes = codesOf(label);
  for (let i = 0; i < codes.length; i++) {
    const kind = classOf(codes[i]!);
    if (kind === RIGHT || kind === ARABIC) return true;
  }
  return false;
};

// RFC 5893, section 2
const isValidBidi = (label: string): boolean => {
  const codes = codesOf(label);
  if (codes.length === 0) return true;
  const first = classOf(codes[0]!);
  if (first !== LEFT && first !== RIGHT) return false;
  let last = first;
  let numbers = 0;
  for (let i = 0; i < codes.length; i++) {
    const kind = classOf(codes[i]!);
    if (kind === OTHER || kind === (first === LEFT ? RIGHT : LEFT)) return false;
    if (kind === ARABIC && first === LEFT) return false;
    if (kind === EUROPEAN) numbers |= 1;
    if (kind === ARABIC) numbers |= 2;
    if (kind !== MARK) last = kind;
  }
  if (first === LEFT) return last === LEFT || last === EUROPEAN;
  return numbers !== 3 && (last === RIGHT || last === EUROPEAN || last === ARABIC);
};

interface Runs {
  starts: number[];
  kinds: number[];
}

const readRuns = (text: string, kindsMax: number): Runs => {
  const runs: Runs = { starts: [], kinds: [] };
  const next = unpack(text);
  let start = 0;
  for (let number = next(); number !== undefined; number = next()) {
    ArrayPrototypePush(runs.starts, start);
    ArrayPrototypePush(runs.kinds, number % kindsMax);
    start += (number - (number % kindsMax)) / kindsMax + 1;
  }
  return runs;
};

const kindIn = ({ starts, kinds }: Runs, code: number): number => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= code) low = middle;
    else high = middle - 1;
  }
  return kinds[low]!;
};

const classes = readRuns(CLASSES, 9);
const classOf = (code: number): number => kindIn(classes, code);

let joining: Runs | undefined;
const joiningOf = (code: number): number => {
  if (code === ZERO_WIDTH_NON_JOINER) return 0;
  joining ??= readRuns(JOINING, 5);
  return kindIn(joining, code);
};

const isVirama = (code: number): boolean => {
  const next = unpack(VIRAMAS);
  let virama = 0;
  for (let step = next(); step !== undefined; step = next()) {
    virama += step;
    if (virama === code) return true;
  }
  return false;
};
