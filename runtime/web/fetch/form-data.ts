// `FormData` of the XMLHttpRequest standard, without forms: there is no document. Lazy.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { type Blob, blobBytes, blobType, type File, fileOver, isBlob, isFile } from '../bytes/blob.ts';
import { addViewer } from '../console/view.ts';
import {
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  FunctionPrototypeCall,
  isObject,
  StringPrototypeToWellFormed,
  TypeError,
} from '../primordials.ts';
import { requireArguments } from './arguments.ts';
import { brands } from './brands.ts';
import { defineInterface } from './interface.ts';
import { iterateEntries, pairIterator } from './pair-iterator.ts';

export type FormDataEntryValue = string | File;
export type FormDataEntry = readonly [name: string, value: FormDataEntryValue];

let entriesIn: (form: FormData) => FormDataEntry[];
let hasBrand: (value: object) => value is FormData;

export class FormData {
  #entries: FormDataEntry[] = [];
  declare readonly [Symbol.iterator]: () => IterableIterator<FormDataEntry>;

  static {
    addViewer((value) => (#entries in value ? { name: 'FormData', kind: 'pairs', rows: value.#entries } : undefined));
    entriesIn = (form) => form.#entries;
    hasBrand = (value): value is FormData => #entries in value;
  }

  constructor(form: undefined = undefined) {
    if (form !== undefined) throw new TypeError('new FormData(): there are no form elements here, got an argument');
  }

  append(name: string, value: string | Blob, filename: string | undefined = undefined): void {
    const entry = this.#entry(arguments.length, 'append', name, value, filename);
    ArrayPrototypePush(this.#entries, entry);
  }

  delete(name: string): void {
    const key = this.#key(arguments.length, 'delete', name);
    removeFrom(this.#entries, key, 0);
  }

  get(name: string): FormDataEntryValue | null {
    const key = this.#key(arguments.length, 'get', name);
    const at = indexOf(this.#entries, key);
    return at < 0 ? null : (this.#entries[at] as FormDataEntry)[1];
  }

  getAll(name: string): FormDataEntryValue[] {
    const key = this.#key(arguments.length, 'getAll', name);
    const values: FormDataEntryValue[] = [];
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as FormDataEntry;
      if (entry[0] === key) ArrayPrototypePush(values, entry[1]);
    }
    return values;
  }

  has(name: string): boolean {
    return indexOf(this.#entries, this.#key(arguments.length, 'has', name)) >= 0;
  }

  set(name: string, value: string | Blob, filename: string | undefined = undefined): void {
    const entry = this.#entry(arguments.length, 'set', name, value, filename);
    const at = indexOf(this.#entries, entry[0]);
    if (at < 0) ArrayPrototypePush(this.#entries, entry);
    else {
      this.#entries[at] = entry;
      removeFrom(this.#entries, entry[0], at + 1);
    }
  }

  entries(): IterableIterator<FormDataEntry> {
    return iterate(this.#self(), 'entry');
  }

  keys(): IterableIterator<string> {
    return iterate(this.#self(), 'key');
  }

  values(): IterableIterator<FormDataEntryValue> {
    return iterate(this.#self(), 'value');
  }

  forEach(
    callback: (value: FormDataEntryValue, name: string, form: FormData) => void,
    thisArg: unknown = undefined,
  ): void {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'FormData.forEach()');
    if (typeof callback !== 'function') throw new TypeError('FormData.forEach(): the callback must be a function');
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as FormDataEntry;
      FunctionPrototypeCall(callback, thisArg, entry[1], entry[0], this);
    }
  }

  /** Brand check for methods that only make an iterator. */
  #self(): this {
    return this;
  }

  #key(found: number, member: string, name: unknown): string {
    if (found < 1) requireArguments(found, 1, `FormData.${member}()`);
    return StringPrototypeToWellFormed(`${name as string}`);
  }

  #entry(found: number, member: string, name: unknown, value: unknown, filename: unknown): FormDataEntry {
    if (found < 2) requireArguments(found, 2, `FormData.${member}()`);
    const key = StringPrototypeToWellFormed(`${name as string}`);
    if (isObject(value) && isBlob(value)) return [key, fileFrom(value, filename)];
    if (found > 2 && filename !== undefined) {
      throw new TypeError(`FormData.${member}(): only a Blob can have a file name`);
    }
    return [key, StringPrototypeToWellFormed(`${value as string}`)];
  }
}

const iterate = pairIterator<FormData, FormDataEntryValue>('FormData', (form, index) => entriesIn(form)[index]);
defineInterface(FormData, 'FormData');
iterateEntries(FormData);
brands.isFormData = (value): value is FormData => hasBrand(value);

/** The entries themselves, live. */
export const formEntries = (form: FormData): readonly FormDataEntry[] => entriesIn(form);

/** Adds an entry that needs no checks. */
export const addEntry = (form: FormData, name: string, value: FormDataEntryValue): void => {
  ArrayPrototypePush(entriesIn(form), [name, value] as const);
};

const fileFrom = (blob: Blob, filename: unknown): File => {
  if (filename === undefined && isFile(blob)) return blob;
  const name = filename === undefined ? 'blob' : StringPrototypeToWellFormed(`${filename as string}`);
  return fileOver(blobBytes(blob), name, blobType(blob));
};

const indexOf = (entries: readonly FormDataEntry[], key: string): number => {
  for (let i = 0; i < entries.length; i++) if ((entries[i] as FormDataEntry)[0] === key) return i;
  return -1;
};

const removeFrom = (entries: FormDataEntry[], key: string, from: number): void => {
  for (let i = entries.length - 1; i >= from; i--) {
    if ((entries[i] as FormDataEntry)[0] === key) ArrayPrototypeSplice(entries, i, 1);
  }
};
