// Reads the tables of the bundle, which are natural numbers written as ASCII text (`runtime/tables/pack.ts`). Used by
// lazy modules only.

import { StringPrototypeCharCodeAt, Uint8Array } from '../primordials.ts';

/** No quotes, backslash or dollar sign, so that a literal needs no escapes. */
export const DIGITS = ' !#%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~';
/** So many of the digits end a number; the others say that more follow. */
export const FINAL = 46;

/** The numbers in `text`, one per call; undefined after the last. */
export const unpack = (text: string): (() => number | undefined) => {
  const values = new Uint8Array(128);
  for (let i = 0; i < DIGITS.length; i++) values[StringPrototypeCharCodeAt(DIGITS, i)] = i;
  let at = 0;
  return () => {
    if (at >= text.length) return undefined;
    let number = 0;
    let scale = 1;
    for (;;) {
      const digit = values[StringPrototypeCharCodeAt(text, at++)]!;
      if (digit < FINAL) return number + digit * scale;
      number += digit * scale;
      scale *= DIGITS.length - FINAL;
    }
  };
};

/** The number that `zigzag` made this one of. */
export const unzigzag = (number: number): number => (number % 2 === 1 ? -(number + 1) / 2 : number / 2);
