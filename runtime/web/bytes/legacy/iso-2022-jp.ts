// The decoder of ISO-2022-JP, which switches its character sets by escape sequences. Lazy.

import { indexOf } from './east-asia.ts';
import { END, type Output, type Step } from './machine.ts';

type State = 'ascii' | 'roman' | 'katakana' | 'lead' | 'trail' | 'escape start' | 'escape';

const ESCAPE = 0x1b;

export const iso2022Jp = (): Step => {
  const index = indexOf('jis0208');
  let state: State = 'ascii';
  /** Where an escape sequence that is none goes back to. */
  let current: State = 'ascii';
  let lead = 0;
  /** Has an escape sequence come, and nothing after it? */
  let isFresh = false;

  const error = (output: Output): void => {
    isFresh = false;
    output.error();
  };

  const escape = (byte: number, output: Output): void => {
    const start = lead;
    lead = 0;
    const next = escaped(start, byte);
    if (next === undefined) {
      state = current;
      if (byte === END) output.again(start);
      else output.again(start, byte);
      error(output);
      return;
    }
    state = next;
    current = next;
    const isRepeated = isFresh;
    isFresh = true;
    if (isRepeated) output.error();
  };

  const trail = (byte: number, output: Output): void => {
    state = byte === ESCAPE ? 'escape start' : 'lead';
    const code = byte >= 0x21 && byte <= 0x7e ? index[(lead - 0x21) * 94 + byte - 0x21] : undefined;
    if (code) output.emit(code);
    else output.error();
  };

  return (byte, output) => {
    if (state === 'escape start' && (byte === 0x24 || byte === 0x28)) {
      lead = byte;
      state = 'escape';
    } else if (state === 'escape start') {
      state = current;
      if (byte !== END) output.again(byte);
      error(output);
    } else if (state === 'escape') escape(byte, output);
    else if (state === 'trail') trail(byte, output);
    else if (byte === ESCAPE) state = 'escape start';
    else if (byte === END) return;
    else if (state === 'lead' && byte >= 0x21 && byte <= 0x7e) {
      isFresh = false;
      lead = byte;
      state = 'trail';
    } else {
      const code = codeOf(state, byte);
      if (code === undefined) error(output);
      else {
        isFresh = false;
        output.emit(code);
      }
    }
  };
};

const escaped = (first: number, second: number): State | undefined => {
  if (first === 0x28 && second === 0x42) return 'ascii';
  if (first === 0x28 && second === 0x4a) return 'roman';
  if (first === 0x28 && second === 0x49) return 'katakana';
  return first === 0x24 && (second === 0x40 || second === 0x42) ? 'lead' : undefined;
};

const codeOf = (state: State, byte: number): number | undefined => {
  if (state === 'katakana') return byte >= 0x21 && byte <= 0x5f ? 0xff61 - 0x21 + byte : undefined;
  if (state === 'lead' || byte > 0x7f || byte === 0x0e || byte === 0x0f) return undefined;
  if (state === 'roman' && byte === 0x5c) return 0xa5;
  return state === 'roman' && byte === 0x7e ? 0x203e : byte;
};
