// From the pattern of one component to its parts: the pattern parser of the URL Pattern standard. Lazy.

import { ArrayPrototypePush, TypeError } from '../primordials.ts';
import { type Token, type TokenType, tokenize } from './tokenize.ts';

export interface Part {
  type: 'fixed-text' | 'regexp' | 'segment-wildcard' | 'full-wildcard';
  /** Of fixed text or a regular expression; `''` for wildcards. */
  value: string;
  modifier: '' | '?' | '*' | '+';
  /** A number, written out, when the pattern gives none. `''` for fixed text. */
  name: string;
  prefix: string;
  suffix: string;
}

export interface PartOptions {
  /** What a segment ends at. */
  delimiter: string;
  /** What belongs to the group after it. */
  prefix: string;
  ignoreCase: boolean;
}

/** Gives text the form that it has in a URL. Throws for text that cannot be there. */
export type Encode = (text: string) => string;

export const escapeRegExp = (text: string): string => escaped(text, '.+*?^$()[]{}|/\\');
export const escapePattern = (text: string): string => escaped(text, '+*?:{}()\\');

const escaped = (text: string, special: string): string => {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    for (let k = 0; k < special.length; k++) if (special[k] === character) result += '\\';
    result += character;
  }
  return result;
};

export const segmentWildcard = (options: PartOptions): string => `[^${escapeRegExp(options.delimiter)}]+?`;
export const FULL_WILDCARD = '.*';

/** @throws TypeError when the pattern cannot be read */
export const parseParts = (input: string, options: PartOptions, encode: Encode): Part[] =>
  new PartParser(input, options, encode).parse();

class PartParser {
  readonly #input: string;
  readonly #tokens: Token[];
  readonly #options: PartOptions;
  readonly #encode: Encode;
  readonly #parts: Part[] = [];
  #index = 0;
  #nextName = 0;
  /** Text that waits to be encoded in one piece. */
  #pending = '';

  constructor(input: string, options: PartOptions, encode: Encode) {
    this.#input = input;
    this.#tokens = tokenize(input, 'strict');
    this.#options = options;
    this.#encode = encode;
  }

  parse(): Part[] {
    while (this.#index < this.#tokens.length) {
      const character = this.#take('char');
      const name = this.#take('name');
      const matcher = this.#takeMatcher(name);
      if (name !== undefined || matcher !== undefined) {
        let prefix = character?.value ?? '';
        if (prefix !== this.#options.prefix) {
          this.#pending += prefix;
          prefix = '';
        }
        this.#flush();
        this.#add(prefix, name, matcher, '', this.#takeModifier());
        continue;
      }
      const fixed = character ?? this.#take('escaped-char');
      if (fixed !== undefined) {
        this.#pending += fixed.value;
      } else if (this.#take('open') !== undefined) {
        const prefix = this.#takeText();
        const groupName = this.#take('name');
        const groupMatcher = this.#takeMatcher(groupName);
        const suffix = this.#takeText();
        this.#require('close');
        this.#add(prefix, groupName, groupMatcher, suffix, this.#takeModifier());
      } else {
        this.#flush();
        this.#require('end');
      }
    }
    return this.#parts;
  }

  #take(type: TokenType): Token | undefined {
    const token = this.#tokens[this.#index];
    if (token?.type !== type) return undefined;
    this.#index++;
    return token;
  }

  #takeMatcher(name: Token | undefined): Token | undefined {
    return this.#take('regexp') ?? (name === undefined ? this.#take('asterisk') : undefined);
  }

  #takeModifier(): Part['modifier'] {
    const token = this.#take('other-modifier') ?? this.#take('asterisk');
    return (token?.value ?? '') as Part['modifier'];
  }

  #takeText(): string {
    let text = '';
    for (;;) {
      const token = this.#take('char') ?? this.#take('escaped-char');
      if (token === undefined) return text;
      text += token.value;
    }
  }

  #require(type: TokenType): void {
    if (this.#take(type) !== undefined) return;
    const index = this.#tokens[this.#index]?.index ?? this.#input.length;
    throw new TypeError(`URLPattern: ${type} wanted at index ${index} of "${this.#input}"`);
  }

  #flush(): void {
    if (this.#pending === '') return;
    const value = this.#encode(this.#pending);
    this.#pending = '';
    ArrayPrototypePush(this.#parts, { type: 'fixed-text', value, modifier: '', name: '', prefix: '', suffix: '' });
  }

  #add(
    prefix: string,
    nameToken: Token | undefined,
    matcher: Token | undefined,
    suffix: string,
    modifier: Part['modifier'],
  ): void {
    if (nameToken === undefined && matcher === undefined) {
      if (modifier === '') {
        this.#pending += prefix;
        return;
      }
      this.#flush();
      if (prefix === '') return;
      const value = this.#encode(prefix);
      ArrayPrototypePush(this.#parts, { type: 'fixed-text', value, modifier, name: '', prefix: '', suffix: '' });
      return;
    }
    this.#flush();
    const segment = segmentWildcard(this.#options);
    const expression = matcher === undefined ? segment : matcher.type === 'asterisk' ? FULL_WILDCARD : matcher.value;
    const type =
      expression === segment ? 'segment-wildcard' : expression === FULL_WILDCARD ? 'full-wildcard' : 'regexp';
    const name = nameToken === undefined ? `${this.#nextName++}` : nameToken.value;
    for (let i = 0; i < this.#parts.length; i++) {
      if (this.#parts[i]!.name === name) throw new TypeError(`URLPattern: there are two groups named "${name}"`);
    }
    ArrayPrototypePush(this.#parts, {
      type,
      value: type === 'regexp' ? expression : '',
      modifier,
      name,
      prefix: this.#encode(prefix),
      suffix: this.#encode(suffix),
    });
  }
}
