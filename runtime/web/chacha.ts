// ChaCha20 (RFC 8439) as a generator of random bytes: the key is the given seed, the nonce is zero, the counter runs.
// Unused bytes of a block are kept for the next call, so that the stream does not depend on how it is cut. Lazy.
import { Uint32Array } from './primordials.ts';

const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

export class ChaCha {
  /** Constants, key, counter, nonce. */
  readonly #input: Uint32Array = new Uint32Array(16);
  readonly #block: Uint32Array = new Uint32Array(16);
  #used = 64;

  /** @param key eight words, little endian */
  constructor(key: ArrayLike<number>) {
    for (let i = 0; i < 4; i++) this.#input[i] = CONSTANTS[i]!;
    for (let i = 0; i < 8; i++) this.#input[4 + i] = key[i]!;
  }

  /** Writes the next bytes of the stream. */
  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      if (this.#used === 64) this.#next();
      bytes[i] = this.#block[this.#used >> 2]! >>> ((this.#used & 3) * 8);
      this.#used += 1;
    }
  }

  #next(): void {
    const x = this.#block;
    for (let i = 0; i < 16; i++) x[i] = this.#input[i]!;
    for (let round = 0; round < 10; round++) {
      quarter(x, 0, 4, 8, 12);
      quarter(x, 1, 5, 9, 13);
      quarter(x, 2, 6, 10, 14);
      quarter(x, 3, 7, 11, 15);
      quarter(x, 0, 5, 10, 15);
      quarter(x, 1, 6, 11, 12);
      quarter(x, 2, 7, 8, 13);
      quarter(x, 3, 4, 9, 14);
    }
    for (let i = 0; i < 16; i++) x[i] = x[i]! + this.#input[i]!;
    this.#input[12] = this.#input[12]! + 1;
    if (this.#input[12] === 0) this.#input[13] = this.#input[13]! + 1;
    this.#used = 0;
  }
}

const quarter = (x: Uint32Array, a: number, b: number, c: number, d: number): void => {
  x[a] = x[a]! + x[b]!;
  x[d] = turn(x[d]! ^ x[a]!, 16);
  x[c] = x[c]! + x[d]!;
  x[b] = turn(x[b]! ^ x[c]!, 12);
  x[a] = x[a]! + x[b]!;
  x[d] = turn(x[d]! ^ x[a]!, 8);
  x[c] = x[c]! + x[d]!;
  x[b] = turn(x[b]! ^ x[c]!, 7);
};

const turn = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
