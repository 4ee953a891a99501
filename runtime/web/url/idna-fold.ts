// The mapping of UTS #46 for one character. Its table would be the largest of all, and is what the engine's own
// normalisation and letter cases give, but for the few characters that are named here. Lazy, with `idna.ts`.

import {
  StringFromCodePoint,
  StringPrototypeCodePointAt,
  StringPrototypeNormalize,
  StringPrototypeToLowerCase,
  StringPrototypeToUpperCase,
} from '../primordials.ts';

/** The character itself when it is valid as it is. Of no meaning for disallowed and ignored ones. */
export const fold = (character: string): string => {
  const code = StringPrototypeCodePointAt(character, 0)!;
  switch (code) {
    case 0xdf: // ß
    case 0x131: // ı
    case 0x3c2: // ς
      return character;
    case 0x3002: // full stops of East Asia
    case 0xff61:
      return '.';
    case 0x1d6a4:
      return '\u0131';
  }
  // Cherokee folds to upper case
  if (code >= 0x13a0 && code <= 0x13f5) return character;
  if (code >= 0x13f8 && code <= 0x13fd) return StringFromCodePoint(code - 8);
  if (code >= 0xab70 && code <= 0xabbf) return StringFromCodePoint(code - 0xab70 + 0x13a0);
  const plain = StringPrototypeNormalize(character, 'NFKC');
  return StringPrototypeNormalize(StringPrototypeToLowerCase(StringPrototypeToUpperCase(plain)), 'NFKC');
};

/** Normalization Form C. */
export const composed = (text: string): string => StringPrototypeNormalize(text, 'NFC');
