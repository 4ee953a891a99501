// How the generated tables of the bundle are written: numbers as text, in ASCII only, as one other character would
// double the size of the whole bundle in memory. `web/bytes/unpack.ts` reads them back.

import { DIGITS, FINAL } from '../web/bytes/unpack.ts';

/** Natural numbers as text; those below `FINAL` take one character. */
export function pack(numbers: Iterable<number>): string {
  const more = DIGITS.length - FINAL;
  let text = '';
  for (const number of numbers) {
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new RangeError(`Cannot pack a number as a natural one is wanted: got ${number}`);
    }
    let rest = number;
    while (rest >= FINAL) {
      rest -= FINAL;
      text += DIGITS[FINAL + (rest % more)];
      rest = Math.floor(rest / more);
    }
    text += DIGITS[rest];
  }
  return text;
}

/** Small numbers of either sign as small natural numbers: 0, -1, 1, -2, 2 … */
export function zigzag(number: number): number {
  return number < 0 ? -number * 2 - 1 : number * 2;
}
