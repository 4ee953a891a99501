// `Blob` and `File` of the File API. All bytes are in memory and never change, so that blobs made of blobs, and
// bodies made of them, share them. Lazy.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { epochMs } from '../clock.ts';
import { addViewer, type Row } from '../console/view.ts';
import { dictionary, requireArguments } from '../fetch/arguments.ts';
import { brands } from '../fetch/brands.ts';
import { defineInterface } from '../fetch/interface.ts';
import {
  ArrayPrototypePush,
  bytesOf,
  isObject,
  MathMax,
  MathMin,
  MathTrunc,
  Number,
  NumberIsFinite,
  RegExpPrototypeExec,
  StringPrototypeToLowerCase,
  StringPrototypeToWellFormed,
  SymbolIterator,
  subarray,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import type { ReadableStream } from '../stream-tools.ts';
import * as lazyStreams from '../stream-tools.ts';
import { utf8Decode, utf8Encode } from './utf8.ts';

type Bytes = Uint8Array<ArrayBuffer>;
export type BlobPart = ArrayBuffer | ArrayBufferView | Blob | string;

export interface BlobPropertyBag {
  type?: string;
  endings?: 'transparent' | 'native';
}

export interface FilePropertyBag extends BlobPropertyBag {
  lastModified?: number;
}

const MAKE = {};

let bytesIn: (blob: Blob) => Bytes;
let typeIn: (blob: Blob) => string;
let hasBrand: (value: object) => value is Blob;
let fileRows: (file: File) => Row[];
let isFileIn: (blob: object) => blob is File;

export class Blob {
  #bytes: Bytes;
  #type: string;

  static {
    bytesIn = (blob) => blob.#bytes;
    typeIn = (blob) => blob.#type;
    hasBrand = (value): value is Blob => #bytes in value;
  }

  constructor(parts: Iterable<BlobPart> | undefined = undefined, options: BlobPropertyBag | undefined = undefined) {
    if (options === MAKE) {
      const made = parts as unknown as { bytes: Bytes; type: string };
      this.#bytes = made.bytes;
      this.#type = made.type;
      return;
    }
    const list = parts === undefined ? [] : listOf(parts);
    const { endings = 'transparent', type } = dictionary<BlobPropertyBag>(options, 'new Blob()');
    if (`${endings}` !== 'transparent' && `${endings}` !== 'native') {
      throw new TypeError(`new Blob(): endings must be "transparent" or "native", got "${endings}"`);
    }
    this.#bytes = joined(list, `${endings}`);
    this.#type = type === undefined ? '' : normalType(type);
  }

  get size(): number {
    return TypedArrayPrototypeGetLength(this.#bytes);
  }

  get type(): string {
    return this.#type;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return TypedArrayPrototypeGetBuffer(new Uint8Array(this.#bytes));
  }

  async bytes(): Promise<Bytes> {
    return new Uint8Array(this.#bytes);
  }

  slice(
    start: number | undefined = undefined,
    end: number | undefined = undefined,
    contentType: string | undefined = undefined,
  ): Blob {
    const size = TypedArrayPrototypeGetLength(this.#bytes);
    const from = start === undefined ? 0 : clamped(start, size);
    const to = end === undefined ? size : clamped(end, size);
    const type = contentType === undefined ? '' : normalType(contentType);
    return blobOver(subarray(this.#bytes, from, MathMax(to, from)), type);
  }

  stream(): ReadableStream {
    return lazyStreams.streamOfBytes(this.#bytes);
  }

  async text(): Promise<string> {
    return utf8Decode(this.#bytes);
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  static {
    isFileIn = (blob): blob is File => #name in blob;
    fileRows = (file) => [
      ['name', file.#name],
      ['lastModified', file.#lastModified],
    ];
  }

  constructor(parts: Iterable<BlobPart>, name: string, options: FilePropertyBag | undefined = undefined) {
    if (arguments.length < 2) requireArguments(arguments.length, 2, 'new File()');
    // The list is not optional here.
    super(parts === undefined ? (null as never) : parts, options);
    this.#name = options === MAKE ? name : StringPrototypeToWellFormed(`${name}`);
    const modified = options === MAKE ? undefined : dictionary<FilePropertyBag>(options, 'new File()').lastModified;
    this.#lastModified = modified === undefined ? epochMs() : wholeNumber(modified);
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }
}

defineInterface(Blob, 'Blob');
defineInterface(File, 'File');

export const isBlob = (value: object): value is Blob => hasBrand(value);
brands.isBlob = isBlob;

export const isFile = (blob: Blob): blob is File => isFileIn(blob);

/** The bytes themselves: not to be changed, not to be handed to a guest. */
export const blobBytes = (blob: Blob): Bytes => bytesIn(blob);
export const blobType = (blob: Blob): string => typeIn(blob);

/** A blob of these bytes, which nobody changes from now on. */
export const blobOver = (bytes: Bytes, type: string): Blob => new Blob({ bytes, type } as never, MAKE as never);

/** A file of these bytes, which nobody changes from now on. */
export const fileOver = (bytes: Bytes, name: string, type: string): File =>
  new File({ bytes, type } as never, name, MAKE as never);

const listOf = (parts: Iterable<BlobPart>): BlobPart[] => {
  if (!isObject(parts) || typeof (parts as Iterable<BlobPart>)[SymbolIterator] !== 'function') {
    throw new TypeError('new Blob(): the parts must be a list');
  }
  const list: BlobPart[] = [];
  // The iterator is the guest's own, as Web IDL says; so are the strings that its objects become.
  for (const part of parts) {
    const keep = isObject(part) && (isBlob(part) || bytesOf(part) !== undefined);
    ArrayPrototypePush(list, keep ? part : StringPrototypeToWellFormed(`${part as string}`));
  }
  return list;
};

const joined = (list: BlobPart[], endings: string): Bytes => {
  const chunks: Bytes[] = [];
  let length = 0;
  for (let i = 0; i < list.length; i++) {
    const chunk = chunkOf(list[i] as BlobPart, endings);
    ArrayPrototypePush(chunks, chunk);
    length += TypedArrayPrototypeGetLength(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < chunks.length; i++) {
    TypedArrayPrototypeSet(bytes, chunks[i] as Bytes, at);
    at += TypedArrayPrototypeGetLength(chunks[i]);
  }
  return bytes;
};

const chunkOf = (part: BlobPart, endings: string): Bytes => {
  if (typeof part === 'string') return utf8Encode(endings === 'native' ? withNewlines(part) : part);
  return isBlob(part) ? bytesIn(part) : (bytesOf(part) as Bytes);
};

/** Every line ending as `\n`. */
const withNewlines = (text: string): string => {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\r') out += text[i];
    else if (text[i + 1] !== '\n') out += '\n';
  }
  return out;
};

const normalType = (type: unknown): string => {
  const text = `${type as string}`;
  return RegExpPrototypeExec(/[^ -~]/, text) === null ? StringPrototypeToLowerCase(text) : '';
};

const clamped = (value: number, size: number): number => {
  const whole = wholeNumber(value, 'clamp');
  if (whole < 0) return MathMax(size + whole, 0);
  return MathMin(whole, size);
};

/** Web IDL `long long`; with `clamp`, infinities are kept. */
const wholeNumber = (value: unknown, mode?: 'clamp'): number => {
  const number = Number(value);
  if (mode === 'clamp' && (number === Number.POSITIVE_INFINITY || number === Number.NEGATIVE_INFINITY)) return number;
  // `+ 0` turns a negative zero around
  return NumberIsFinite(number) ? MathTrunc(number) + 0 : 0;
};

addViewer((value) => {
  if (!isBlob(value)) return undefined;
  const file = isFile(value);
  const rows = file ? fileRows(value) : [];
  ArrayPrototypePush(rows, ['size', TypedArrayPrototypeGetLength(blobBytes(value))], ['type', blobType(value)]);
  return { name: file ? 'File' : 'Blob', kind: 'members', rows };
});
