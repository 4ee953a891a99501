// The host parser of the URL standard: domains, IPv4 and IPv6 addresses, opaque hosts. A host is kept in its
// serialised form. Names that are not plain ASCII go to `idna.ts`, whose tables come to life on their first use.

import {
  ArrayPrototypePush,
  DecodeURIComponent,
  NumberPrototypeToString,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import * as lazyIdna from './idna.ts';
import { percentEncode } from './percent.ts';

/** The host of a URL with a special scheme, or null when it has none that is valid. */
export function parseHost(text: string): string | null {
  if (text[0] === '[') return parseIpv6Host(text);
  if (text !== '' && RegExpPrototypeExec(/[^-.\da-z]/, text) === null && StringPrototypeIndexOf(text, 'xn--') < 0) {
    return parseDomainOrIpv4(text);
  }
  let domain = percentDecodeHost(text);
  if (domain === null) return null;
  const isAscii = RegExpPrototypeExec(/[^\0-\x7f]/, domain) === null;
  if (isAscii) domain = StringPrototypeToLowerCase(domain);
  if (!isAscii || RegExpPrototypeExec(/(?:^|\.)xn--/, domain) !== null) domain = lazyIdna.domainToAscii(domain);
  if (domain === null || domain === '') return null;
  return RegExpPrototypeExec(/[\0- #%/:<>?@[\\\]^|\x7f]/, domain) === null ? parseDomainOrIpv4(domain) : null;
}

/** The host of a URL with any other scheme, or null. */
export function parseOpaqueHost(text: string): string | null {
  if (text[0] === '[') return parseIpv6Host(text);
  if (RegExpPrototypeExec(/[\0\t\n\r #/:<>?@[\\\]^|]/, text) !== null) return null;
  return percentEncode(text, 'control');
}

// Bytes that are no UTF-8 would become U+FFFD, and a stray `%` would stay: neither is allowed in a domain.
function percentDecodeHost(text: string): string | null {
  if (StringPrototypeIndexOf(text, '%') < 0) return text;
  try {
    return DecodeURIComponent(text);
  } catch {
    return null;
  }
}

// A name whose last label is a number is an IPv4 address or nothing.
function parseDomainOrIpv4(domain: string): string | null {
  const last = domain[StringPrototypeLastIndexOf(domain, '.', domain.length - 2) + 1]!;
  const isNumeric =
    last >= '0' && last <= '9' && RegExpPrototypeExec(/(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/, domain) !== null;
  return isNumeric ? parseIpv4(domain) : domain;
}

function parseIpv4(domain: string): string | null {
  let rest = domain[domain.length - 1] === '.' ? StringPrototypeSlice(domain, 0, -1) : domain;
  let address = 0;
  for (let weight = 256 ** 3; weight >= 1; weight /= 256) {
    const dot = StringPrototypeIndexOf(rest, '.');
    const number = parseIpv4Number(dot < 0 ? rest : StringPrototypeSlice(rest, 0, dot));
    // the last number fills all bytes that are left
    if (dot < 0) {
      if (number >= weight * 256) return null;
      address += number;
      return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
    }
    if (number > 255) return null;
    address += number * weight;
    rest = StringPrototypeSlice(rest, dot + 1);
  }
  return null;
}

/** Infinity when it is no number. */
function parseIpv4Number(text: string): number {
  const match = RegExpPrototypeExec(/^(?:0x([\da-f]*)|0([0-7]+)|(0|[1-9]\d*))$/, text);
  if (match === null) return Infinity;
  if (match[1] !== undefined) return match[1] === '' ? 0 : +text;
  return match[2] !== undefined ? +`0o${match[2]}` : +text;
}

function parseIpv6Host(text: string): string | null {
  if (text[text.length - 1] !== ']') return null;
  const pieces = parseIpv6(StringPrototypeSlice(text, 1, -1));
  return pieces === null ? null : `[${serializeIpv6(pieces)}]`;
}

/** Eight numbers, or null. */
function parseIpv6(text: string): number[] | null {
  const pieces: number[] = [];
  let gap = -1;
  let rest = text;
  if (rest[0] === ':') {
    if (rest[1] !== ':') return null;
    rest = StringPrototypeSlice(rest, 1);
  }
  while (rest !== '') {
    if (pieces.length === 8) return null;
    if (rest[0] === ':') {
      if (gap !== -1) return null;
      ArrayPrototypePush(pieces, 0);
      gap = pieces.length;
      rest = StringPrototypeSlice(rest, 1);
      continue;
    }
    const match = RegExpPrototypeExec(/^([\da-f]{1,4})(:|$)/i, rest);
    if (match === null) {
      if (pieces.length > 6 || !pushIpv4Tail(pieces, rest)) return null;
      break;
    }
    ArrayPrototypePush(pieces, +`0x${match[1]}`);
    rest = StringPrototypeSlice(rest, match[0].length);
    if (match[2] === ':' && rest === '') return null;
  }
  return gap === -1 ? (pieces.length === 8 ? pieces : null) : widen(pieces, gap);
}

function pushIpv4Tail(pieces: number[], text: string): boolean {
  const match = RegExpPrototypeExec(/^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/, text);
  if (match === null) return false;
  for (let i = 1; i < 5; i++) if (+match[i]! > 255) return false;
  ArrayPrototypePush(pieces, +match[1]! * 256 + +match[2]!, +match[3]! * 256 + +match[4]!);
  return true;
}

function widen(pieces: number[], gap: number): number[] {
  const all: number[] = [];
  for (let i = 0; i < gap; i++) ArrayPrototypePush(all, pieces[i]!);
  for (let i = pieces.length; i < 8; i++) ArrayPrototypePush(all, 0);
  for (let i = gap; i < pieces.length; i++) ArrayPrototypePush(all, pieces[i]!);
  return all;
}

// The first longest run of at least two zeros is written as `::`.
function serializeIpv6(pieces: number[]): string {
  let start = -1;
  let length = 1;
  for (let i = 0, run = 0; i < 8; i++) {
    run = pieces[i] === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = i - run + 1;
    }
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += i === 0 ? '::' : ':';
      i += length - 1;
      continue;
    }
    text += NumberPrototypeToString(pieces[i]!, 16);
    if (i < 7) text += ':';
  }
  return text;
}
