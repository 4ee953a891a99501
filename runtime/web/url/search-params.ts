// `URLSearchParams` of the URL standard, and the form encoding it stands for. The list is flat, names and values in
// turn. An object that belongs to a `URL` tells it about every change; the URL refills it when its query is set.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { addViewer, pairsView } from '../console/view.ts';
import { requireArguments } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import { type IteratorKind, iterateEntries, pairIterator } from '../fetch/pair-iterator.ts';
import {
  ArrayPrototypePush,
  ArrayPrototypeSort,
  FunctionPrototypeCall,
  ObjectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
  SymbolIterator,
  TypeError,
} from '../primordials.ts';
import { formEncode, percentDecode } from './percent.ts';

export type URLSearchParamsInit = string | Iterable<Iterable<string>> | Record<string, string> | URLSearchParams;

/** Makes the `searchParams` of a URL; `changed` gets the new query without its `?`. */
export let linkedParams: (query: string, changed: (query: string) => void) => URLSearchParams;
/** Replaces what a linked object holds, without telling its URL. */
export let refillParams: (params: URLSearchParams, query: string) => void;

/** By brand, not by prototype. */
export let isSearchParams: (value: unknown) => value is URLSearchParams;
/** `application/x-www-form-urlencoded`, whatever a guest has made of `toString`. */
export let serializeParams: (params: URLSearchParams) => string;

let pairAt: (params: URLSearchParams, index: number) => readonly [string, string] | undefined;

export class URLSearchParams {
  #list: string[] = [];
  #changed: ((query: string) => void) | null = null;

  static {
    addViewer((value) => (#list in value ? pairsView('URLSearchParams', value.#list) : undefined));
    linkedParams = (query, changed) => {
      const params = new URLSearchParams();
      params.#list = parseForm(query);
      params.#changed = changed;
      return params;
    };
    refillParams = (params, query) => {
      params.#list = parseForm(query);
    };
    isSearchParams = (value): value is URLSearchParams => typeof value === 'object' && value !== null && #list in value;
    serializeParams = (params) => serializeForm(params.#list);
    pairAt = (params, index) => {
      const list = params.#list;
      return index * 2 < list.length ? [list[index * 2]!, list[index * 2 + 1]!] : undefined;
    };
  }

  constructor(init: URLSearchParamsInit = '') {
    if ((typeof init === 'object' && init !== null) || typeof init === 'function') this.#list = listFromObject(init);
    else {
      const text = usvString(init);
      this.#list = parseForm(text[0] === '?' ? StringPrototypeSlice(text, 1) : text);
    }
  }

  get size(): number {
    return this.#list.length / 2;
  }

  append(name: string, value: string): void {
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    ArrayPrototypePush(this.#list, usvString(name), usvString(value));
    this.#tell();
  }

  delete(name: string, value: string | undefined = undefined): void {
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    const wantedName = usvString(name);
    const wantedValue = value === undefined ? undefined : usvString(value);
    const list = this.#list;
    let to = 0;
    for (let from = 0; from < list.length; from += 2) {
      if (list[from] === wantedName && (wantedValue === undefined || list[from + 1] === wantedValue)) continue;
      list[to++] = list[from]!;
      list[to++] = list[from + 1]!;
    }
    list.length = to;
    this.#tell();
  }

  get(name: string): string | null {
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    const at = this.#find(usvString(name));
    return at < 0 ? null : this.#list[at + 1]!;
  }

  getAll(name: string): string[] {
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    const wanted = usvString(name);
    const values: string[] = [];
    for (let at = 0; at < this.#list.length; at += 2) {
      if (this.#list[at] === wanted) ArrayPrototypePush(values, this.#list[at + 1]!);
    }
    return values;
  }

  has(name: string, value: string | undefined = undefined): boolean {
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    return this.#find(usvString(name), value === undefined ? undefined : usvString(value)) >= 0;
  }

  set(name: string, value: string): void {
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    const wanted = usvString(name);
    const text = usvString(value);
    const first = this.#find(wanted);
    if (first < 0) {
      ArrayPrototypePush(this.#list, wanted, text);
    } else {
      const list = this.#list;
      list[first + 1] = text;
      let to = first + 2;
      for (let from = to; from < list.length; from += 2) {
        if (list[from] === wanted) continue;
        list[to++] = list[from]!;
        list[to++] = list[from + 1]!;
      }
      list.length = to;
    }
    this.#tell();
  }

  sort(): void {
    const list = this.#list;
    const pairs: [string, string][] = [];
    for (let at = 0; at < list.length; at += 2) ArrayPrototypePush(pairs, [list[at]!, list[at + 1]!]);
    // by code units, and stable
    ArrayPrototypeSort(pairs, (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    for (let i = 0; i < pairs.length; i++) {
      list[i * 2] = pairs[i]![0];
      list[i * 2 + 1] = pairs[i]![1];
    }
    this.#tell();
  }

  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'URLSearchParams.forEach');
    if (typeof visit !== 'function') {
      throw new TypeError(`URLSearchParams.forEach: a function is wanted, got ${typeof visit}`);
    }
    for (let at = 0; at < this.#list.length; at += 2) {
      FunctionPrototypeCall(visit, self, this.#list[at + 1], this.#list[at], this);
    }
  }

  keys(): IterableIterator<string> {
    return iterate(this, 'key');
  }

  values(): IterableIterator<string> {
    return iterate(this, 'value');
  }

  entries(): IterableIterator<[string, string]> {
    return iterate(this, 'entry');
  }

  declare [Symbol.iterator]: () => IterableIterator<[string, string]>;

  toString(): string {
    return serializeForm(this.#list);
  }

  #find(name: string, value?: string): number {
    for (let at = 0; at < this.#list.length; at += 2) {
      if (this.#list[at] === name && (value === undefined || this.#list[at + 1] === value)) return at;
    }
    return -1;
  }

  #tell(): void {
    if (this.#changed !== null) this.#changed(serializeForm(this.#list));
  }
}

defineInterface(URLSearchParams, 'URLSearchParams');
iterateEntries(URLSearchParams);
const makeIterator = pairIterator<URLSearchParams, string>('URLSearchParams', pairAt);

function iterate(params: URLSearchParams, kind: IteratorKind): IterableIterator<never> {
  pairAt(params, 0); // throws for what is no URLSearchParams
  return makeIterator(params, kind);
}

/** Web IDL's USVString: lone surrogates become U+FFFD. */
export function usvString(value: unknown): string {
  return StringPrototypeToWellFormed(`${value as string}`);
}

/** Names and values in turn, from `application/x-www-form-urlencoded`. */
export function parseForm(text: string): string[] {
  const list: string[] = [];
  for (let from = 0; from < text.length; ) {
    let end = StringPrototypeIndexOf(text, '&', from);
    if (end < 0) end = text.length;
    if (end > from) {
      const equals = StringPrototypeIndexOf(text, '=', from);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      const value = nameEnd === end ? '' : decodePart(StringPrototypeSlice(text, nameEnd + 1, end));
      ArrayPrototypePush(list, decodePart(StringPrototypeSlice(text, from, nameEnd)), value);
    }
    from = end + 1;
  }
  return list;
}

/** The other way round. */
export function serializeForm(list: readonly string[]): string {
  let text = '';
  for (let at = 0; at < list.length; at += 2) {
    text += `${at === 0 ? '' : '&'}${formEncode(list[at]!)}=${formEncode(list[at + 1]!)}`;
  }
  return text;
}

function decodePart(text: string): string {
  let spaced = '';
  let from = 0;
  for (let plus = StringPrototypeIndexOf(text, '+'); plus >= 0; plus = StringPrototypeIndexOf(text, '+', from)) {
    spaced += `${StringPrototypeSlice(text, from, plus)} `;
    from = plus + 1;
  }
  return percentDecode(spaced + StringPrototypeSlice(text, from));
}

function listFromObject(init: object): string[] {
  const list: string[] = [];
  const method = (init as Iterable<Iterable<string>>)[SymbolIterator];
  if (method !== undefined && method !== null) {
    // the protocol is what is wanted here: the iterables are the guest's
    for (const pair of init as Iterable<Iterable<string>>) {
      if ((typeof pair !== 'object' && typeof pair !== 'function') || pair === null) throw badPair();
      let items = 0;
      for (const item of pair) {
        items++;
        ArrayPrototypePush(list, usvString(item));
      }
      if (items !== 2) throw badPair();
    }
    return list;
  }
  const keys = ReflectOwnKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (ObjectGetOwnPropertyDescriptor(init, key)?.enumerable !== true) continue;
    // two names may become the same one
    const name = usvString(key);
    const value = usvString((init as Record<PropertyKey, unknown>)[key]);
    let at = 0;
    while (at < list.length && list[at] !== name) at += 2;
    list[at] = name;
    list[at + 1] = value;
  }
  return list;
}

function badPair(): TypeError {
  return new TypeError('URLSearchParams: each item must be a pair of a name and a value');
}
