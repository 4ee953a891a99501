// `Math.random` from the given seed: xoshiro128** on a state of 128 bits. Not for secrets: its outputs reveal its
// state, which is why `crypto` has a key of its own (`chacha.ts`). Lazy.
import { noteDraw } from './entropy.ts';
import { MathImul, NumberParseInt, StringPrototypeSlice, Uint32Array } from './primordials.ts';
import { currentRun, type Run } from './run.ts';

export interface RandomState {
  readonly words: Uint32Array;
  /** The stream of `crypto`, once it was used. */
  crypto: { fill(bytes: Uint8Array): void } | undefined;
}

/** Digits of the first draw at top level; every build starts with them. */
const TOP_LEVEL_SEED =
  '243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89452821e638d01377be5466cf34e90c6c';
let topLevel: RandomState | undefined;

/** The state of the run whose slice is under way. */
export function randomState(): RandomState {
  const run = currentRun();
  if (run === undefined) {
    topLevel ??= stateFrom(TOP_LEVEL_SEED);
    return topLevel;
  }
  run.random ??= stateFrom(run.seed);
  return run.random;
}

/** The 64 hex digits that are the key of `crypto` in this run. */
export function cryptoKey(run: Run | undefined): string {
  return StringPrototypeSlice(run === undefined ? TOP_LEVEL_SEED : run.seed, 32, 96);
}

function stateFrom(seed: string): RandomState {
  return { words: wordsFrom(seed, 4), crypto: undefined };
}

/** The first `count` words of 32 bits. */
export function wordsFrom(hex: string, count: number): Uint32Array {
  const words = new Uint32Array(count);
  let any = 0;
  for (let i = 0; i < count; i++) {
    words[i] = NumberParseInt(StringPrototypeSlice(hex, i * 8, i * 8 + 8), 16);
    any |= words[i]!;
  }
  // all zeros is the one state that never leaves itself
  if (any === 0) words[0] = 1;
  return words;
}

/** A draw for `Math.random`. */
export function random(): number {
  noteDraw('Math.random()');
  const { words } = randomState();
  return ((next(words) >>> 5) * 67_108_864 + (next(words) >>> 6)) / 9_007_199_254_740_992;
}

function next(s: Uint32Array): number {
  const scrambled = MathImul(rotate(MathImul(s[1]!, 5), 7), 9);
  const shifted = s[1]! << 9;
  s[2]! ^= s[0]!;
  s[3]! ^= s[1]!;
  s[1]! ^= s[2]!;
  s[0]! ^= s[3]!;
  s[2]! ^= shifted;
  s[3] = rotate(s[3]!, 11);
  return scrambled >>> 0;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
