// `console`. A line of plain strings is joined here; anything else goes to the formatter, which is lazy. Nothing here
// throws into the guest, and nothing is formatted that would be dropped.

import { awake } from '../awake.ts';
import { epochMs } from '../clock.ts';
import { defineConstant, defineValue } from '../lazy.ts';
import {
  ArrayPrototypeJoin,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  Object,
  ObjectCreate,
  ReflectOwnKeys,
  StringPrototypeIncludes,
  StringPrototypeRepeat,
  StringPrototypeSplit,
  SymbolToStringTag,
} from '../primordials.ts';
import type { LogLine } from '../protocol.ts';
import * as lazyFormat from './format.ts';
import * as lazyTable from './table.ts';
import { dropLine, roomLeft, writeLine } from './write.ts';

const DEPTH_MAX = 40;
const counts: Map<string, number> = new Map();
const timers: Map<string, number> = new Map();

function write(level: LogLine['level'], args: readonly unknown[]): void {
  if (roomLeft() <= 0) dropLine();
  else writeLine(level, indented(textOf(args)));
}

function textOf(args: readonly unknown[]): string {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg !== 'string' || (i === 0 && args.length > 1 && StringPrototypeIncludes(arg, '%'))) {
      return lazyFormat.format(args);
    }
  }
  return ArrayPrototypeJoin(args, ' ');
}

function indented(text: string): string {
  if (awake.groupDepth === 0) return text;
  const space = StringPrototypeRepeat('  ', awake.groupDepth);
  return space + ArrayPrototypeJoin(StringPrototypeSplit(text, '\n'), `\n${space}`);
}

function labelOf(label: unknown): string {
  if (label === undefined) return 'default';
  return typeof label === 'string' ? label : lazyFormat.inspect(label);
}

function timeLine(method: string, label: string, rest: readonly unknown[]): void {
  const started = MapPrototypeGet(timers, label);
  if (started === undefined) {
    writeLine('warn', `${method}: there is no timer "${label}"`);
    return;
  }
  const more = rest.length === 0 ? '' : ` ${textOf(rest)}`;
  writeLine('log', indented(`${label}: ${epochMs() - started} ms${more}`));
}

const methods = {
  log: (...args: unknown[]) => write('log', args),
  debug: (...args: unknown[]) => write('debug', args),
  info: (...args: unknown[]) => write('info', args),
  warn: (...args: unknown[]) => write('warn', args),
  error: (...args: unknown[]) => write('error', args),
  trace: (...args: unknown[]) => {
    if (roomLeft() <= 0) return dropLine();
    writeLine('trace', indented(lazyFormat.traceText(args)));
  },
  assert: (condition?: unknown, ...args: unknown[]) => {
    if (condition) return;
    write('error', args.length === 0 ? ['Assertion failed'] : lazyFormat.withPrefix('Assertion failed:', args));
  },
  count: (label?: unknown) => {
    const name = labelOf(label);
    const count = (MapPrototypeGet(counts, name) ?? 0) + 1;
    MapPrototypeSet(counts, name, count);
    write('log', [`${name}: ${count}`]);
  },
  countReset: (label?: unknown) => {
    const name = labelOf(label);
    if (!MapPrototypeDelete(counts, name)) writeLine('warn', `countReset: there is no count "${name}"`);
  },
  dir: (value?: unknown) => write('log', [value]),
  dirxml: (...args: unknown[]) => write('log', args),
  group: (...args: unknown[]) => {
    if (args.length > 0) write('log', args);
    if (awake.groupDepth < DEPTH_MAX) awake.groupDepth += 1;
  },
  groupCollapsed: (...args: unknown[]) => methods.group(...args),
  groupEnd: () => {
    if (awake.groupDepth > 0) awake.groupDepth -= 1;
  },
  table: (data?: unknown, columns?: unknown) => {
    if (roomLeft() <= 0) return dropLine();
    const text = lazyTable.table(data, columns);
    if (text === undefined) write('log', [data]);
    else writeLine('log', indented(text));
  },
  time: (label?: unknown) => {
    const name = labelOf(label);
    if (MapPrototypeGet(timers, name) === undefined) MapPrototypeSet(timers, name, epochMs());
    else writeLine('warn', `time: there is a timer "${name}" already`);
  },
  timeEnd: (label?: unknown) => {
    const name = labelOf(label);
    timeLine('timeEnd', name, []);
    MapPrototypeDelete(timers, name);
  },
  timeLog: (label?: unknown, ...rest: unknown[]) => timeLine('timeLog', labelOf(label), rest),
};

/** What guests get as `console`: a namespace object, so its prototype is an empty object. */
export function makeConsole(): object {
  const made = ObjectCreate(ObjectCreate(Object.prototype)) as object;
  const names = ReflectOwnKeys(methods);
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const value = (methods as Record<PropertyKey, unknown>)[name];
    defineValue(made, name, value, 'member');
  }
  defineConstant(made, SymbolToStringTag, 'console', 'hidden');
  return made;
}
