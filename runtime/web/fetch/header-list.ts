// Headers as the wire has them: names and values in turn in one flat list, the names in lower case. What can be done
// with such a list, and what a name and a value must look like.
import {
  ArrayPrototypePush,
  ArrayPrototypeSort,
  ArrayPrototypeSplice,
  RegExpPrototypeExec,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';

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

// Regular expressions are literals in functions: one made before the snapshot is compiled anew in every context.

export function isToken(text: string): boolean {
  return RegExpPrototypeExec(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, text) !== null;
}

/** In lower case. @throws TypeError */
export function headerName(name: unknown): string {
  const text = `${name as string}`;
  if (!isToken(text)) throw new TypeError(`Headers: "${text}" is not a valid header name`);
  return StringPrototypeToLowerCase(text);
}

/** Without the space around it. @throws TypeError */
export function headerValue(value: unknown): string {
  const given = `${value as string}`;
  const padded = given.length > 0 && (isSpace(given[0] as string) || isSpace(given[given.length - 1] as string));
  const text = padded ? trimmed(given) : given;
  if (RegExpPrototypeExec(/[^\x01-\x09\x0b\x0c\x0e-\xff]/, text) !== null) {
    throw new TypeError(`Headers: "${text}" is not a valid header value`);
  }
  return text;
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

/** -1 when there is none. */
export function indexOfName(list: FlatHeaders, key: string): number {
  for (let i = 0; i < list.length; i += 2) if (list[i] === key) return i;
  return -1;
}

/** Replaces the first value of a name and drops the others. */
export function setIn(list: FlatHeaders, key: string, value: string): void {
  const at = indexOfName(list, key);
  if (at < 0) {
    ArrayPrototypePush(list, key, value);
    return;
  }
  list[at + 1] = value;
  remove(list, key, at + 2);
}

/** Takes out a name from index `from` on. */
export function remove(list: FlatHeaders, key: string, from: number): void {
  for (let i = list.length - 2; i >= from; i -= 2) if (list[i] === key) ArrayPrototypeSplice(list, i, 2);
}

/** What iteration gives: in order of names, each name once, but cookies one by one. */
export function sortAndCombine(list: FlatHeaders): (readonly [string, string])[] {
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
