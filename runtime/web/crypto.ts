// `crypto`: random values and UUIDs from a ChaCha20 stream keyed by the given seed. Lazy.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { ChaCha } from './chacha.ts';
import { noteDraw } from './entropy.ts';
import { errorFrom } from './events/dom-exception.ts';
import { requireArguments } from './fetch/arguments.ts';
import { defineInterface } from './fetch/interface.ts';
import {
  bytesOf,
  NumberPrototypeToString,
  StringPrototypePadStart,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypeError,
  Uint8Array,
} from './primordials.ts';
import { cryptoKey, randomState, wordsFrom } from './random.ts';
import { currentRun } from './run.ts';

const BYTES_MAX = 65_536;
let building = true;

export class Crypto {
  /** Marks the only instance. */
  readonly #brand = true;

  constructor() {
    if (!building) throw new TypeError('Illegal constructor');
  }

  getRandomValues<T extends ArrayBufferView>(array: T): T {
    requireArguments(arguments.length, 1, 'crypto.getRandomValues()');
    if (!this.#brand || !isIntegerArray(array)) {
      throw errorFrom('TypeMismatchError', 'crypto.getRandomValues(): an integer typed array is wanted');
    }
    const length = TypedArrayPrototypeGetByteLength(array);
    if (length > BYTES_MAX) {
      const text = `crypto.getRandomValues(): at most ${BYTES_MAX} bytes at once: got ${length}`;
      throw errorFrom('QuotaExceededError', text);
    }
    noteDraw('crypto.getRandomValues()');
    stream().fill(bytesOf(array)!);
    return array;
  }

  randomUUID(): string {
    if (!this.#brand) return '';
    noteDraw('crypto.randomUUID()');
    const bytes = new Uint8Array(16);
    stream().fill(bytes);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    let text = '';
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
      text += StringPrototypePadStart(NumberPrototypeToString(bytes[i]!, 16), 2, '0');
    }
    return text;
  }
}

defineInterface(Crypto, 'Crypto');
export const crypto: Crypto = new Crypto();
building = false;

const stream = (): { fill(bytes: Uint8Array): void } => {
  const state = randomState();
  state.crypto ??= new ChaCha(wordsFrom(cryptoKey(currentRun()), 8));
  return state.crypto;
};

const isIntegerArray = (value: unknown): boolean => {
  switch (TypedArrayPrototypeGetSymbolToStringTag(value)) {
    case 'Int8Array':
    case 'Uint8Array':
    case 'Uint8ClampedArray':
    case 'Int16Array':
    case 'Uint16Array':
    case 'Int32Array':
    case 'Uint32Array':
    case 'BigInt64Array':
    case 'BigUint64Array':
      return true;
    default:
      return false;
  }
};
