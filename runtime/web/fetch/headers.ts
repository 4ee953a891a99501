// `Headers` of the Fetch standard. Names are kept in lower case, so that every look-up is one comparison and what
// goes over the wire has one form. As every server runtime does, it forbids no names: a program may set `cookie`,
// `host` or `set-cookie`; what must not leave the machine is for the ingress to drop.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import {
  ArrayPrototypePush,
  ArrayPrototypeSort,
  ArrayPrototypeSplice,
  FunctionPrototypeCall,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  SymbolIterator,
  TypeError,
} from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import { defineInterface, iterateEntries, pairIterator, requireArguments } from './interface.ts';

export type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;

/** The list behind the headers, live: names in lower case and values in turn. */
export let headerList: (headers: Headers) => FlatHeaders;
/** Headers over a list that is theirs from now on; its names must be in lower case. */
export let headersOver: (list: FlatHeaders, guard: 'none' | 'immutable') => Headers;
let branded: (headers: Headers) => Headers;
let hasBrand: (value: object) => boolean;
let pairs: (headers: Headers) => readonly (readonly [string, string])[];

export class Headers {
  /** Names in lower case and values in turn, in the order they came. */
  #list: FlatHeaders = [];
  #immutable = false;
  declare readonly [Symbol.iterator]: () => IterableIterator<[string, string]>;
  /** What iteration gives, made on first use and dropped by every change. */
  #sorted: (readonly [string, string])[] | undefined;

  static {
    headerList = (headers) => headers.#list;
    hasBrand = (value) => #list in value;
    branded = (headers) => {
      if (!(#list in headers)) throw new TypeError('Illegal invocation');
      return headers;
    };
    headersOver = (list, guard) => {
      const headers = new Headers();
      headers.#list = list;
      headers.#immutable = guard === 'immutable';
      return headers;
    };
    pairs = (headers) => {
      headers.#sorted ??= sortAndCombine(headers.#list);
      return headers.#sorted;
    };
  }

  constructor(init: HeadersInit | undefined = undefined) {
    if (init !== undefined) fill(this.#list, init);
  }

  append(name: string, value: string): void {
    if (arguments.length < 2) requireArguments(arguments.length, 2, 'Headers.append()');
    const key = headerName(name);
    const text = headerValue(value);
    if (this.#immutable) throw immutable();
    this.#sorted = undefined;
    ArrayPrototypePush(this.#list, key, text);
  }

  delete(name: string): void {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Headers.delete()');
    const key = headerName(name);
    if (this.#immutable) throw immutable();
    this.#sorted = undefined;
    remove(this.#list, key, 0);
  }

  get(name: string): string | null {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Headers.get()');
    // A name that is found as it stands needs no check.
    return valueOf(this.#list, name) ?? valueOf(this.#list, headerName(name));
  }

  getSetCookie(): string[] {
    const list = this.#list;
    const cookies: string[] = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === 'set-cookie') ArrayPrototypePush(cookies, list[i + 1] as string);
    }
    return cookies;
  }

  has(name: string): boolean {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Headers.has()');
    return indexOfName(this.#list, name) >= 0 || indexOfName(this.#list, headerName(name)) >= 0;
  }

  set(name: string, value: string): void {
    if (arguments.length < 2) requireArguments(arguments.length, 2, 'Headers.set()');
    const key = headerName(name);
    const text = headerValue(value);
    if (this.#immutable) throw immutable();
    this.#sorted = undefined;
    setIn(this.#list, key, text);
  }

  entries(): IterableIterator<[string, string]> {
    return iterate(branded(this), 'entry');
  }

  keys(): IterableIterator<string> {
    return iterate(branded(this), 'key');
  }

  values(): IterableIterator<string> {
    return iterate(branded(this), 'value');
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg: unknown = undefined): void {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Headers.forEach()');
    if (typeof callback !== 'function') throw new TypeError('Headers.forEach: the callback must be a function');
    for (let i = 0; ; i++) {
      const pair = pairs(this)[i];
      if (pair === undefined) return;
      FunctionPrototypeCall(callback, thisArg, pair[1], pair[0], this);
    }
  }
}

const iterate = pairIterator<Headers, string>('Headers', (headers, index) => pairs(headers)[index]);
defineInterface(Headers, 'Headers');
iterateEntries(Headers);
const nativeEntries = Headers.prototype.entries;

export function isHeaders(value: unknown): value is Headers {
  return typeof value === 'object' && value !== null && hasBrand(value);
}

/** Checked headers of an init, as a list. */
export function listFrom(init: HeadersInit): FlatHeaders {
  const list: FlatHeaders = [];
  fill(list, init);
  return list;
}

/** A copy whose names are in lower case. */
export function lowered(flat: FlatHeaders): FlatHeaders {
  const list: FlatHeaders = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    list[i] = StringPrototypeToLowerCase(flat[i] as string);
    list[i + 1] = flat[i + 1] as string;
  }
  return list;
}

export function copyList(list: FlatHeaders): FlatHeaders {
  const copy: FlatHeaders = [];
  for (let i = 0; i < list.length; i++) copy[i] = list[i] as string;
  return copy;
}

/** All values of a name in lower case, joined; null when there is none. */
export function valueOf(list: FlatHeaders, key: string): string | null {
  let value: string | null = null;
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === key) value = value === null ? (list[i + 1] as string) : `${value}, ${list[i + 1]}`;
  }
  return value;
}

/** Adds the value unless the name is there. */
export function setIfAbsent(list: FlatHeaders, key: string, value: string): void {
  if (indexOfName(list, key) < 0) ArrayPrototypePush(list, key, value);
}

// The first regular expression of each kind costs a context several microseconds, and nearly every answer has a short
// header or two: those are looked at character by character.
const SHORT_CHARS = 64;

export function isToken(text: string): boolean {
  if (text.length > SHORT_CHARS) return RegExpPrototypeExec(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, text) !== null;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code >= 0x61 && code <= 0x7a) continue;
    if (code === 0x2d || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39)) continue;
    if (StringPrototypeIndexOf("!#$%&'*+.^_`|~", text[i] as string) < 0) return false;
  }
  return text.length > 0;
}

function immutable(): TypeError {
  return new TypeError('Headers: these headers are immutable');
}

function headerName(name: unknown): string {
  const text = `${name as string}`;
  if (!isToken(text)) throw new TypeError(`Headers: "${text}" is not a valid header name`);
  return StringPrototypeToLowerCase(text);
}

function headerValue(value: unknown): string {
  const given = `${value as string}`;
  const padded = given.length > 0 && (isSpace(given[0] as string) || isSpace(given[given.length - 1] as string));
  const text = padded ? trimmed(given) : given;
  if (!isValue(text)) throw new TypeError(`Headers: "${text}" is not a valid header value`);
  return text;
}

function isValue(text: string): boolean {
  if (text.length > SHORT_CHARS) return RegExpPrototypeExec(/[^\x01-\x09\x0b\x0c\x0e-\xff]/, text) === null;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code === 0 || code === 0x0a || code === 0x0d || code > 0xff) return false;
  }
  return true;
}

function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text[from] as string)) from += 1;
  while (to > from && isSpace(text[to - 1] as string)) to -= 1;
  return StringPrototypeSlice(text, from, to);
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

function indexOfName(list: FlatHeaders, key: string): number {
  for (let i = 0; i < list.length; i += 2) if (list[i] === key) return i;
  return -1;
}

function setIn(list: FlatHeaders, key: string, value: string): void {
  const at = indexOfName(list, key);
  if (at < 0) {
    ArrayPrototypePush(list, key, value);
    return;
  }
  list[at + 1] = value;
  remove(list, key, at + 2);
}

function remove(list: FlatHeaders, key: string, from: number): void {
  for (let i = list.length - 2; i >= from; i -= 2) if (list[i] === key) ArrayPrototypeSplice(list, i, 2);
}

function fill(list: FlatHeaders, init: HeadersInit): void {
  if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
    throw new TypeError('Headers: the init must be Headers, a list of pairs or an object');
  }
  const method = (init as Iterable<Iterable<string>>)[SymbolIterator];
  if (method === undefined || method === null) fillFromRecord(list, init as Record<string, string>);
  else if (isHeaders(init) && (method as unknown) === nativeEntries) fillFromHeaders(list, init);
  else fillFromPairs(list, init as Iterable<Iterable<string>>);
}

function fillFromHeaders(list: FlatHeaders, headers: Headers): void {
  const from = headerList(headers);
  for (let i = 0; i < from.length; i++) list[i] = from[i] as string;
}

function fillFromPairs(list: FlatHeaders, init: Iterable<Iterable<string>>): void {
  // The iterators are the guest's own, as Web IDL says.
  for (const pair of init) {
    if ((typeof pair !== 'object' && typeof pair !== 'function') || pair === null) {
      throw new TypeError('Headers: each pair must be a list of a name and a value');
    }
    const parts: string[] = [];
    for (const part of pair) ArrayPrototypePush(parts, `${part}`);
    if (parts.length !== 2) throw new TypeError(`Headers: a pair must have 2 parts, got ${parts.length}`);
    const key = headerName(parts[0]);
    ArrayPrototypePush(list, key, headerValue(parts[1]));
  }
}

function fillFromRecord(list: FlatHeaders, init: Record<string, string>): void {
  const keys = ReflectOwnKeys(init);
  const checked: string[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (ReflectGetOwnPropertyDescriptor(init, key)?.enumerable !== true) continue;
    if (typeof key === 'symbol') throw new TypeError('Headers: a header name must not be a symbol');
    const value = `${init[key]}`;
    ArrayPrototypePush(checked, key, value);
  }
  for (let i = 0; i < checked.length; i += 2) {
    const key = headerName(checked[i]);
    ArrayPrototypePush(list, key, headerValue(checked[i + 1]));
  }
}

function sortAndCombine(list: FlatHeaders): (readonly [string, string])[] {
  const names: string[] = [];
  const seen = { __proto__: null } as unknown as Record<string, boolean>;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    if (seen[name] === true) continue;
    seen[name] = true;
    ArrayPrototypePush(names, name);
  }
  ArrayPrototypeSort(names);
  const sorted: (readonly [string, string])[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name !== 'set-cookie') ArrayPrototypePush(sorted, [name, valueOf(list, name) as string] as const);
    else {
      for (let k = 0; k < list.length; k += 2) {
        if (list[k] === name) ArrayPrototypePush(sorted, [name, list[k + 1] as string] as const);
      }
    }
  }
  return sorted;
}
