// Values as text for people, in the manner of Node's `util.inspect`: `format` for the arguments of `console.log`,
// `inspect` for one value. Bounded in depth, in entries, in visited values and in characters; runs getters never, traps
// of proxies only guarded; never throws. Lazy.

import { toJson } from '../json.ts';
import {
  ArrayPrototypeJoin,
  ArrayPrototypePop,
  ArrayPrototypePush,
  Error,
  NumberParseFloat,
  NumberParseInt,
  ObjectIs,
  String,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
} from '../primordials.ts';
import { show } from './show.ts';

const TEXT_CHARS = 16_384;
const VALUES_MAX = 2_000;
const DEPTH_MAX = 4;

/** What is left to spend on one line of output. */
export interface Budget {
  values: number;
  chars: number;
  depth: number;
  /** The objects that contain what is shown now, outermost first. */
  readonly within: object[];
}

const budget = (depth = DEPTH_MAX): Budget => ({ values: VALUES_MAX, chars: TEXT_CHARS, depth, within: [] });

/** One value. A string is quoted only where it stands inside of something. */
export function inspect(value: unknown, depth: number = DEPTH_MAX): string {
  return guarded(() => show(value, budget(depth), 0));
}

/** The arguments of a console call: `%s %d %i %f %o %O %j %c %%` in a first string, the rest separated by spaces. */
export function format(args: readonly unknown[]): string {
  const shared = budget();
  const parts: string[] = [];
  let next = 0;
  if (typeof args[0] === 'string') {
    const text: string[] = [];
    next = substitute(args, text, shared);
    ArrayPrototypePush(parts, ArrayPrototypeJoin(text, ''));
  }
  for (; next < args.length; next++) ArrayPrototypePush(parts, plain(args[next], shared));
  return cut(ArrayPrototypeJoin(parts, ' '));
}

/** `prefix` in front of the arguments, into the first one when that is a format string. */
export function withPrefix(prefix: string, args: readonly unknown[]): unknown[] {
  const all: unknown[] = [typeof args[0] === 'string' ? `${prefix} ${args[0]}` : prefix];
  for (let i = typeof args[0] === 'string' ? 1 : 0; i < args.length; i++) ArrayPrototypePush(all, args[i]);
  return all;
}

/** The arguments, and where the call comes from. */
export function traceText(args: readonly unknown[]): string {
  const { stack } = new Error() as { stack?: unknown };
  const lines = typeof stack === 'string' ? stack : '';
  let at = 0;
  // the head of the stack, this function, and the method of `console`
  for (let skip = 0; skip < 3; skip++) {
    while (at < lines.length && lines[at] !== '\n') at += 1;
    at += 1;
  }
  const rest = StringPrototypeSlice(lines, at);
  return cut(`Trace${args.length === 0 ? '' : `: ${format(args)}`}${rest === '' ? '' : `\n${rest}`}`);
}

function substitute(args: readonly unknown[], parts: string[], shared: Budget): number {
  const pattern = args[0] as string;
  let next = 1;
  let from = 0;
  for (let i = 0; i + 1 < pattern.length; i++) {
    if (pattern[i] !== '%') continue;
    const kind = pattern[i + 1]!;
    const known = kind === '%' ? '%' : next < args.length ? directive(kind, args[next], shared) : undefined;
    if (known === undefined) continue;
    // a lone pattern is taken literally, `%%` too
    if (kind === '%' && args.length === 1) continue;
    ArrayPrototypePush(parts, StringPrototypeSlice(pattern, from, i), known);
    if (kind !== '%') next += 1;
    i += 1;
    from = i + 1;
  }
  ArrayPrototypePush(parts, StringPrototypeSlice(pattern, from));
  return next;
}

function directive(kind: string, value: unknown, shared: Budget): string | undefined {
  switch (kind) {
    case 's':
      return plain(value, shared, 1);
    case 'd':
      return numberText(value, (text) => +text);
    case 'i':
      return numberText(value, (text) => NumberParseInt(text));
    case 'f':
      return typeof value === 'symbol' ? 'NaN' : `${guardedNumber(() => NumberParseFloat(String(value)))}`;
    case 'j':
      return guarded(() => jsonText(value));
    case 'o':
    case 'O':
      return guarded(() => show(value, shared, 0));
    case 'c':
      return '';
    default:
      return undefined;
  }
}

function numberText(value: unknown, parse: (text: string) => number): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'object') return 'NaN';
  const number = guardedNumber(() => parse(String(value)));
  return ObjectIs(number, -0) ? '-0' : `${number}`;
}

function guardedNumber(make: () => number): number {
  try {
    return make();
  } catch {
    return NaN;
  }
}

function jsonText(value: unknown): string {
  if (typeof value === 'object' && value !== null) return show(value, budget(), 0);
  return toJson(value);
}

function plain(value: unknown, shared: Budget, depth: number = DEPTH_MAX): string {
  if (typeof value === 'string') return cut(value);
  shared.depth = depth;
  while (shared.within.length > 0) ArrayPrototypePop(shared.within);
  return guarded(() => show(value, shared, 0));
}

function guarded(make: () => string): string {
  try {
    return make();
  } catch {
    return '[cannot be shown]';
  }
}

/** At most 16 KiB, without half of a surrogate pair at its end. */
export function cut(text: string): string {
  if (text.length <= TEXT_CHARS) return text;
  const last = StringPrototypeCharCodeAt(text, TEXT_CHARS - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? TEXT_CHARS - 1 : TEXT_CHARS;
  return `${StringPrototypeSlice(text, 0, end)}… ${text.length - end} more characters`;
}
