// `Headers` of the Fetch standard. Names are kept in lower case, so that every look-up is one comparison and what
// goes over the wire has one form. As every server runtime does, it forbids no names: a program may set `cookie`,
// `host` or `set-cookie`; what must not leave the machine is for the ingress to drop.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { addViewer, pairsView } from '../console/view.ts';
import { ArrayPrototypePush, FunctionPrototypeCall, TypeError } from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import { requireArguments } from './arguments.ts';
import { headerName, headerValue, indexOfName, remove, setIn, sortAndCombine, valueOf } from './header-list.ts';
import { fillFromRecord, iteratorOf } from './header-record.ts';
import { defineInterface } from './interface.ts';
import { iterateEntries, pairIterator } from './pair-iterator.ts';

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
    addViewer((value) => (#list in value ? pairsView('Headers', value.#list) : undefined));
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

function isHeaders(value: unknown): value is Headers {
  return typeof value === 'object' && value !== null && hasBrand(value);
}

function immutable(): TypeError {
  return new TypeError('Headers: these headers are immutable');
}

function fill(list: FlatHeaders, init: HeadersInit): void {
  const method = iteratorOf(init);
  if (method === undefined || method === null) fillFromRecord(list, init as Record<string, string>);
  else fillFromIterable(list, init, method);
}

/** Adds the checked headers of an init that can be iterated to a list. */
export function fillFromIterable(list: FlatHeaders, init: HeadersInit, method: unknown): void {
  if (isHeaders(init) && method === nativeEntries) fillFromHeaders(list, init);
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
