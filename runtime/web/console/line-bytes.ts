// How many bytes of UTF-8 a line of output takes, and where it is cut to fit. Lazy.
import { utf8Length } from '../bytes/utf8.ts';
import { RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeSlice } from '../primordials.ts';

const DOTS = '…';
const DOTS_BYTES = 3;

/** Bytes that `text` takes; any number above `enough` where it takes more than that. */
export const bytesOfLine = (text: string, enough: number): number =>
  text.length > enough || RegExpPrototypeExec(/[^\x00-\x7f]/, text) === null ? text.length : utf8Length(text);

/** The beginning of `text` and three dots, in at most `room` bytes or the dots alone. No pair is cut in two. */
export const cutToBytes = (text: string, room: number): string => {
  let left = room - DOTS_BYTES;
  let end = 0;
  for (; end < text.length; end++) {
    const unit = StringPrototypeCharCodeAt(text, end);
    // the halves of a pair count two each: four for the pair
    left -= unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
    if (left < 0) break;
  }
  const last = end === 0 ? 0 : StringPrototypeCharCodeAt(text, end - 1);
  return StringPrototypeSlice(text, 0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end) + DOTS;
};
