// `TextEncoder` and `TextDecoder` of the Encoding standard. UTF-8 is at hand (`utf8.ts`); labels and decoders of every
// other encoding are in `legacy/`, which comes to life with the first label that is not UTF-8's.

import { dictionary } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import {
  bytesOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  subarray,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import * as lazyLegacy from './legacy/decoders.ts';
import { type Malformed, utf8DecodeWithoutBom, utf8Encode, utf8EncodeInto, utf8Prefix, utf8Width } from './utf8.ts';

/** Decodes a piece of a stream and remembers what it needs for the next. `flush`: there is no next one.
 * @throws TypeError when `malformed` says so */
export type Decode = (bytes: Uint8Array, end: 'flush' | 'stream', malformed: Malformed) => string;

export class TextEncoder {
  // a brand: members throw for what is no TextEncoder
  readonly #encoding = 'utf-8';

  get encoding(): string {
    return this.#encoding;
  }

  encode(input = ''): Uint8Array<ArrayBuffer> {
    this.#encoding;
    return utf8Encode(`${input}`);
  }

  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    this.#encoding;
    const text = `${source}`;
    if (TypedArrayPrototypeGetSymbolToStringTag(destination) !== 'Uint8Array') {
      throw new TypeError('TextEncoder.encodeInto: the destination must be a Uint8Array');
    }
    return utf8EncodeInto(text, destination);
  }
}

export interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

export class TextDecoder {
  readonly #encoding: string;
  readonly #malformed: Malformed;
  readonly #ignoreBom: boolean;
  #decode: Decode | null = null;
  #atStart = true;

  constructor(label = 'utf-8', options?: TextDecoderOptions) {
    const text = StringPrototypeToLowerCase(`${label}`);
    this.#encoding = text === 'utf-8' || text === 'utf8' ? 'utf-8' : lazyLegacy.encodingOf(text);
    const { fatal, ignoreBOM } = dictionary<TextDecoderOptions>(options, 'TextDecoder');
    this.#malformed = fatal ? 'throw' : 'replace';
    this.#ignoreBom = Boolean(ignoreBOM);
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#malformed === 'throw';
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBom;
  }

  decode(input: ArrayBuffer | ArrayBufferView | undefined = undefined, options?: { stream?: boolean }): string {
    const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input);
    if (bytes === undefined) throw new TypeError('TextDecoder.decode: an ArrayBuffer or a view of one is wanted');
    const end = dictionary<{ stream?: boolean }>(options, 'TextDecoder.decode').stream ? 'stream' : 'flush';
    const isUtf8 = this.#encoding === 'utf-8';
    let text: string;
    const decode = this.#decode;
    if (end === 'flush') this.#decode = null;
    if (decode === null && end === 'flush' && isUtf8) {
      text = utf8DecodeWithoutBom(bytes, this.#malformed);
    } else {
      const step = decode ?? (isUtf8 ? utf8Stream() : lazyLegacy.makeDecoder(this.#encoding));
      if (end === 'stream') this.#decode = step;
      text = step(bytes, end, this.#malformed);
    }
    const atStart = this.#atStart;
    this.#atStart = end === 'flush' || (atStart && text === '');
    const marked = atStart && !this.#ignoreBom && text[0] === '\ufeff';
    return marked && (isUtf8 || this.#encoding === 'utf-16le' || this.#encoding === 'utf-16be')
      ? StringPrototypeSlice(text, 1)
      : text;
  }
}

defineInterface(TextEncoder, 'TextEncoder');
defineInterface(TextDecoder, 'TextDecoder');

/** Holds back the start of a character that the next piece may complete. */
function utf8Stream(): Decode {
  let held = new Uint8Array(0);
  return (bytes, end, malformed) => {
    let all = bytes;
    const before = TypedArrayPrototypeGetLength(held);
    if (before > 0) {
      all = new Uint8Array(before + TypedArrayPrototypeGetLength(bytes));
      TypedArrayPrototypeSet(all, held);
      TypedArrayPrototypeSet(all, bytes, before);
    }
    const length = TypedArrayPrototypeGetLength(all);
    const whole = end === 'flush' ? length : length - openTail(all);
    // a copy: the guest may go on to use its buffer
    held = new Uint8Array(length - whole);
    TypedArrayPrototypeSet(held, subarray(all, whole));
    return utf8DecodeWithoutBom(subarray(all, 0, whole), malformed);
  };
}

/** How many of the last bytes are a good start of a character. */
function openTail(bytes: Uint8Array): number {
  const length = TypedArrayPrototypeGetLength(bytes);
  for (let back = 1; back <= 3 && back <= length; back++) {
    const lead = bytes[length - back]!;
    if ((lead & 0xc0) === 0x80) continue;
    return utf8Width(lead) > back && utf8Prefix(bytes, length - back) === back ? back : 0;
  }
  return 0;
}
