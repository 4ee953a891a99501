// `TextEncoderStream` and `TextDecoderStream` of the Encoding standard: the codecs of `bytes/encoding.ts` between the
// two ends of a TransformStream. Lazy.
import { TextDecoder, type TextDecoderOptions } from './bytes/encoding.ts';
import { utf8Encode } from './bytes/utf8.ts';
import { defineInterface } from './fetch/interface.ts';
import { bytesOf, StringPrototypeCharCodeAt, StringPrototypeSlice, TypeError, uncurryThis } from './primordials.ts';
import { type Pair, pairThrough } from './stream-tools.ts';

const decodeNext = uncurryThis(TextDecoder.prototype.decode);
const BYTES_WANTED = 'TextDecoderStream: a chunk must be an ArrayBuffer or a view of one';

export class TextEncoderStream {
  readonly #encoding = 'utf-8';
  readonly #pair: Pair;

  constructor() {
    // The first half of a pair of surrogates whose second half is in the next chunk.
    let held = '';
    this.#pair = pairThrough({
      transform: (chunk, forward) => {
        const text = `${held}${chunk as string}`;
        held = '';
        const last = text.length === 0 ? 0 : StringPrototypeCharCodeAt(text, text.length - 1);
        const split = (last & 0xfc00) === 0xd800;
        if (split) held = StringPrototypeSlice(text, text.length - 1);
        const whole = split ? StringPrototypeSlice(text, 0, text.length - 1) : text;
        if (whole !== '') forward(utf8Encode(whole));
      },
      flush: (forward) => {
        if (held !== '') forward(utf8Encode(held));
      },
    });
  }

  get encoding(): string {
    return this.#encoding;
  }

  get readable(): Pair['readable'] {
    return this.#pair.readable;
  }

  get writable(): Pair['writable'] {
    return this.#pair.writable;
  }
}

export class TextDecoderStream {
  readonly #pair: Pair;
  readonly #decoder: TextDecoder;
  readonly #options: { encoding: string; fatal: boolean; ignoreBOM: boolean };

  constructor(label: string | undefined = 'utf-8', options: TextDecoderOptions | undefined = undefined) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    const { encoding, fatal, ignoreBOM } = decoder;
    this.#options = { encoding, fatal, ignoreBOM };
    this.#pair = pairThrough({
      transform: (chunk, forward) => {
        const bytes = bytesOf(chunk);
        if (bytes === undefined) throw new TypeError(BYTES_WANTED);
        const text = decodeNext(this.#decoder, bytes, { stream: true });
        if (text !== '') forward(text);
      },
      flush: (forward) => {
        const text = decodeNext(this.#decoder);
        if (text !== '') forward(text);
      },
    });
  }

  get encoding(): string {
    return this.#options.encoding;
  }

  get fatal(): boolean {
    return this.#options.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#options.ignoreBOM;
  }

  get readable(): Pair['readable'] {
    return this.#pair.readable;
  }

  get writable(): Pair['writable'] {
    return this.#pair.writable;
  }
}

defineInterface(TextEncoderStream, 'TextEncoderStream');
defineInterface(TextDecoderStream, 'TextDecoderStream');
