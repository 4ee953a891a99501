// The tokenizer of the URL Pattern standard: what is a group, a name, a modifier, and what is plain text. Lazy.

import {
  ArrayPrototypePush,
  RegExpPrototypeExec,
  StringFromCodePoint,
  StringPrototypeCodePointAt,
  StringPrototypeSlice,
  TypeError,
} from '../primordials.ts';

export type TokenType =
  | 'open'
  | 'close'
  | 'regexp'
  | 'name'
  | 'char'
  | 'escaped-char'
  | 'other-modifier'
  | 'asterisk'
  | 'end'
  | 'invalid-char';

export interface Token {
  type: TokenType;
  /** Where it begins. */
  index: number;
  /** Without colon, backslash or parentheses. */
  value: string;
}

/** `lenient`: what cannot be read becomes `invalid-char` tokens.
 * @throws TypeError for such input if `strict` */
export const tokenize = (input: string, policy: 'strict' | 'lenient'): Token[] => {
  const tokens: Token[] = [];
  for (let at = 0; at < input.length; ) {
    const token = tokenAt(input, at);
    if (token.type === 'invalid-char' && policy === 'strict') {
      throw new TypeError(`URLPattern: cannot read "${input}" at index ${at}`);
    }
    ArrayPrototypePush(tokens, { type: token.type, index: at, value: token.value });
    at = token.end;
  }
  ArrayPrototypePush(tokens, { type: 'end', index: input.length, value: '' });
  return tokens;
};

interface Read {
  type: TokenType;
  value: string;
  end: number;
}

const tokenAt = (input: string, at: number): Read => {
  const character = characterAt(input, at);
  const end = at + character.length;
  switch (character) {
    case '*':
      return { type: 'asterisk', value: character, end };
    case '+':
    case '?':
      return { type: 'other-modifier', value: character, end };
    case '{':
      return { type: 'open', value: character, end };
    case '}':
      return { type: 'close', value: character, end };
    case '\\': {
      if (end === input.length) return { type: 'invalid-char', value: character, end };
      const escaped = characterAt(input, end);
      return { type: 'escaped-char', value: escaped, end: end + escaped.length };
    }
    case ':': {
      const nameEnd = endOfName(input, end);
      if (nameEnd === end) return { type: 'invalid-char', value: character, end };
      return { type: 'name', value: StringPrototypeSlice(input, end, nameEnd), end: nameEnd };
    }
    case '(': {
      const close = endOfRegExp(input, end);
      if (close < 0) return { type: 'invalid-char', value: character, end };
      return { type: 'regexp', value: StringPrototypeSlice(input, end, close), end: close + 1 };
    }
    default:
      return { type: 'char', value: character, end };
  }
};

export const characterAt = (text: string, at: number): string =>
  StringFromCodePoint(StringPrototypeCodePointAt(text, at)!);

/** May it be in a name, or begin one? As in JavaScript's identifiers. */
export const isNameCharacter = (character: string, place: 'first' | 'later'): boolean =>
  RegExpPrototypeExec(place === 'first' ? /^[\p{ID_Start}$_]$/u : /^[\p{ID_Continue}$\u200c\u200d]$/u, character) !==
  null;

const endOfName = (input: string, start: number): number => {
  let at = start;
  while (at < input.length) {
    const character = characterAt(input, at);
    if (!isNameCharacter(character, at === start ? 'first' : 'later')) break;
    at += character.length;
  }
  return at;
};

/** Where the closing parenthesis is; -1 when there is none, or the group is not allowed: empty, not ASCII, or with
 * capturing groups inside. */
const endOfRegExp = (input: string, start: number): number => {
  let depth = 1;
  for (let at = start; at < input.length; at++) {
    const character = input[at]!;
    if (character > '\x7f' || (at === start && character === '?')) return -1;
    if (character === '\\') {
      at++;
      if (at >= input.length || input[at]! > '\x7f') return -1;
    } else if (character === ')') {
      depth--;
      if (depth === 0) return at > start ? at : -1;
    } else if (character === '(') {
      depth++;
      if (input[at + 1] !== '?') return -1;
    }
  }
  return -1;
};
