// Cuts a pattern that is written like a URL into its components: the constructor string parser of the URL Pattern
// standard, a state machine over lenient tokens. Lazy.

import { StringPrototypeSlice } from '../primordials.ts';
import { canonicalProtocol } from './canonical.ts';
import { compileComponent, matchesSpecialScheme } from './component.ts';
import { COMPONENTS, type ComponentName, emptyInit, type URLPatternInit } from './init.ts';
import { type Token, tokenize } from './tokenize.ts';

type State = ComponentName | 'init' | 'authority' | 'done';

/** @throws TypeError when the protocol cannot be read */
export const parseConstructorString = (input: string): URLPatternInit => new Parser(input).parse();

class Parser {
  readonly #input: string;
  readonly #tokens: Token[];
  readonly #result = emptyInit();
  #state: State = 'init';
  #start = 0;
  #index = 0;
  #step = 1;
  #groupDepth = 0;
  #bracketDepth = 0;
  #isSpecial = false;

  constructor(input: string) {
    this.#input = input;
    this.#tokens = tokenize(input, 'lenient');
  }

  parse(): URLPatternInit {
    for (; this.#index < this.#tokens.length; this.#index += this.#step) {
      this.#step = 1;
      const { type } = this.#tokens[this.#index]!;
      if (type === 'end') {
        if (!this.#atEnd()) break;
      } else if (type === 'open') {
        this.#groupDepth++;
      } else if (this.#groupDepth > 0) {
        if (type === 'close') this.#groupDepth--;
      } else {
        this.#next();
      }
    }
    if (this.#result.hostname !== undefined) this.#result.port ??= '';
    return this.#result;
  }

  /** False when all is done, else some component is looked at once more. */
  #atEnd(): boolean {
    if (this.#state === 'init') {
      this.#rewind('init');
      if (this.#is('#')) this.#change('hash', 1);
      else if (this.#isSearchStart()) this.#change('search', 1);
      else this.#change('pathname', 0);
      return true;
    }
    if (this.#state === 'authority') {
      this.#rewind('hostname');
      return true;
    }
    this.#change('done', 0);
    return false;
  }

  #next(): void {
    switch (this.#state) {
      case 'init':
        if (this.#is(':')) this.#rewind('protocol');
        break;
      case 'protocol':
        if (this.#is(':')) this.#endProtocol();
        break;
      case 'authority':
        if (this.#is('@')) this.#rewind('username');
        else if (this.#is('/') || this.#isSearchStart() || this.#is('#')) this.#rewind('hostname');
        break;
      case 'username':
        if (this.#is(':')) this.#change('password', 1);
        else if (this.#is('@')) this.#change('hostname', 1);
        break;
      case 'password':
        if (this.#is('@')) this.#change('hostname', 1);
        break;
      case 'hostname':
        if (this.#is('[')) this.#bracketDepth++;
        else if (this.#is(']')) this.#bracketDepth--;
        else if (this.#is(':') && this.#bracketDepth === 0) this.#change('port', 1);
        else this.#endAt('pathname');
        break;
      case 'port':
        this.#endAt('pathname');
        break;
      case 'pathname':
        this.#endAt('search');
        break;
      case 'search':
        this.#endAt('hash');
        break;
    }
  }

  #endAt(first: 'pathname' | 'search' | 'hash'): void {
    if (first === 'pathname' && this.#is('/')) this.#change('pathname', 0);
    else if (first !== 'hash' && this.#isSearchStart()) this.#change('search', 1);
    else if (this.#is('#')) this.#change('hash', 1);
  }

  #endProtocol(): void {
    const options = { delimiter: '', prefix: '', ignoreCase: false };
    this.#isSpecial = matchesSpecialScheme(compileComponent(this.#text(), canonicalProtocol, options));
    if (this.#is('/', 1) && this.#is('/', 2)) this.#change('authority', 3);
    else this.#change(this.#isSpecial ? 'authority' : 'pathname', 1);
  }

  /** Is the token, or one after it, this character as plain text? */
  #is(character: string, offset = 0): boolean {
    const { type, value } = this.#tokenAt(this.#index + offset);
    return value === character && (type === 'char' || type === 'escaped-char' || type === 'invalid-char');
  }

  // A question mark is a modifier when it follows what can have one.
  #isSearchStart(): boolean {
    if (this.#is('?')) return true;
    if (this.#tokens[this.#index]!.value !== '?') return false;
    if (this.#index === 0) return true;
    const before = this.#tokens[this.#index - 1]!.type;
    return before !== 'name' && before !== 'regexp' && before !== 'close' && before !== 'asterisk';
  }

  #tokenAt(index: number): Token {
    return this.#tokens[index < this.#tokens.length ? index : this.#tokens.length - 1]!;
  }

  #text(): string {
    return StringPrototypeSlice(this.#input, this.#tokenAt(this.#start).index, this.#tokens[this.#index]!.index);
  }

  #rewind(state: State): void {
    this.#index = this.#start;
    this.#step = 0;
    this.#state = state;
  }

  #change(next: State, skip: number): void {
    const state = this.#state;
    if (state !== 'init' && state !== 'authority' && state !== 'done') this.#result[state] = this.#text();
    if (state !== 'init' && next !== 'done') this.#fill(orderOf(state), orderOf(next));
    this.#state = next;
    this.#index += skip;
    this.#start = this.#index;
    this.#step = 0;
  }

  // What was jumped over is empty, where it would otherwise be anything.
  #fill(from: number, to: number): void {
    const result = this.#result;
    if (from < orderOf('hostname') && to > orderOf('hostname')) result.hostname ??= '';
    if (from < orderOf('pathname') && to > orderOf('pathname')) result.pathname ??= this.#isSpecial ? '/' : '';
    if (from < orderOf('search') && to > orderOf('search')) result.search ??= '';
  }
}

// the authority stands before the names in it
const orderOf = (state: State): number => {
  for (let i = 0; i < COMPONENTS.length; i++) if (COMPONENTS[i] === state) return i;
  return 0;
};
