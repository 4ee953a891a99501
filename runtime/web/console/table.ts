// `console.table`: rows and columns as text. At most 100 rows and 20 columns. Lazy.
import {
  ArrayIsArray,
  ArrayPrototypeIncludes,
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  isObject,
  ObjectKeys,
  ReflectGetOwnPropertyDescriptor,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
  StringPrototypeSlice,
} from '../primordials.ts';
import { inspect } from './format.ts';

const ROWS_MAX = 100;
const COLUMNS_MAX = 20;
const CELL_CHARS = 60;

/** @returns undefined when there is nothing to make a table of, or it cannot be read */
export function table(data: unknown, columns: unknown): string | undefined {
  try {
    return isObject(data) ? tableOf(data, columns) : undefined;
  } catch {
    return undefined;
  }
}

function tableOf(data: object, columns: unknown): string {
  const keys = ObjectKeys(data);
  const wanted = ArrayIsArray(columns) ? (columns as unknown[]) : undefined;
  const names: string[] = [];
  const rows: { key: string; value: unknown }[] = [];
  let plain = false;
  for (let i = 0; i < keys.length && i < ROWS_MAX; i++) {
    const value = dataOf(data, keys[i]!);
    ArrayPrototypePush(rows, { key: keys[i]!, value });
    if (!isObject(value)) {
      plain = true;
      continue;
    }
    const own = ObjectKeys(value);
    for (let k = 0; k < own.length && names.length < COLUMNS_MAX; k++) {
      const name = own[k]!;
      const chosen = wanted === undefined || ArrayPrototypeIncludes(wanted, name);
      if (chosen && !ArrayPrototypeIncludes(names, name)) ArrayPrototypePush(names, name);
    }
  }
  return draw(rows, names, plain && wanted === undefined ? 'values' : undefined);
}

function draw(rows: { key: string; value: unknown }[], names: string[], extra: string | undefined): string {
  const lines: string[][] = [];
  const head = ['(index)'];
  for (let i = 0; i < names.length; i++) ArrayPrototypePush(head, names[i]!);
  if (extra !== undefined) ArrayPrototypePush(head, extra);
  ArrayPrototypePush(lines, head);
  for (let i = 0; i < rows.length; i++) {
    const { key, value } = rows[i]!;
    const line = [key];
    for (let k = 0; k < names.length; k++) {
      const has = isObject(value) && ReflectGetOwnPropertyDescriptor(value, names[k]!) !== undefined;
      ArrayPrototypePush(line, has ? cell(dataOf(value as object, names[k]!)) : '');
    }
    if (extra !== undefined) ArrayPrototypePush(line, isObject(value) ? '' : cell(value));
    ArrayPrototypePush(lines, line);
  }
  return align(lines);
}

function align(lines: string[][]): string {
  const widths: number[] = [];
  for (let i = 0; i < lines.length; i++) {
    for (let k = 0; k < lines[i]!.length; k++) {
      const width = lines[i]![k]!.length;
      if (width > (widths[k] ?? 0)) widths[k] = width;
    }
  }
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const cells: string[] = [];
    for (let k = 0; k < widths.length; k++)
      ArrayPrototypePush(cells, StringPrototypePadEnd(lines[i]![k] ?? '', widths[k]!));
    ArrayPrototypePush(out, `| ${ArrayPrototypeJoin(cells, ' | ')} |`);
    if (i > 0) continue;
    const rule: string[] = [];
    for (let k = 0; k < widths.length; k++) ArrayPrototypePush(rule, StringPrototypeRepeat('-', widths[k]!));
    ArrayPrototypePush(out, `| ${ArrayPrototypeJoin(rule, ' | ')} |`);
  }
  return ArrayPrototypeJoin(out, '\n');
}

function cell(value: unknown): string {
  return StringPrototypeSlice(typeof value === 'string' ? `'${value}'` : inspect(value, 0), 0, CELL_CHARS);
}

/** Getters are not run. */
function dataOf(value: object, key: string): unknown {
  return ReflectGetOwnPropertyDescriptor(value, key)?.value;
}
