// A code frame: up to five lines of a source with their numbers, and a caret below the place that is meant. For
// people to read, in a deploy answer, the dev page and the log. Not a parser: it is given the place.

/** Lines before and after the one that is meant. */
const CONTEXT_LINES = 2;
/** Longer lines (minified code) are cut to a window around the column. */
const LINE_CHARS_MAX = 120;
/** Stands for what was cut off. */
const CUT = '…';

/**
 * Lines around a place of `source`, joined by `\n`; the line itself is marked with `>` and followed by a caret line.
 * `line` and `column` count from 1. Undefined when the source has no such line.
 */
export function codeFrame(source: string, line: number, column: number): string | undefined {
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/, line + CONTEXT_LINES);
  const meant = lines[line - 1];
  if (line < 1 || meant === undefined) return undefined;
  const first = Math.max(1, line - CONTEXT_LINES);
  const width = String(lines.length).length;
  const from = windowStart(meant, column);
  const frame: string[] = [];
  for (let number = first; number <= lines.length; number += 1) {
    const text = cut(lines[number - 1] ?? '', from);
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`.trimEnd());
    if (number === line) frame.push(`  ${' '.repeat(width)} | ${indent(text, column - from)}^`);
  }
  return frame.join('\n');
}

/** Where the window of a long line begins, in characters from 0. */
function windowStart(text: string, column: number): number {
  if (text.length <= LINE_CHARS_MAX) return 0;
  const start = Math.max(0, Math.min(column - 1, text.length) - Math.floor(LINE_CHARS_MAX / 2));
  return Math.min(start, text.length - LINE_CHARS_MAX);
}

function cut(text: string, from: number): string {
  const end = from + LINE_CHARS_MAX;
  const head = from > 0 && text.length > from ? CUT + text.slice(from + 1, end) : text.slice(from, end);
  return text.length > end ? head.slice(0, -1) + CUT : head;
}

/** What stands above the caret, as white space of the same width: a tab stays a tab, a surrogate pair is one cell. */
function indent(text: string, column: number): string {
  return [...text.slice(0, Math.max(0, column - 1))].map((char) => (char === '\t' ? '\t' : ' ')).join('');
}
