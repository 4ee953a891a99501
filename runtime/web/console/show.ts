// One value as text: `format.ts` says how much may be spent. Kinds are told apart by internal slots, names are taken
// from data properties only, so that no getter runs. Lazy.
import {
  ArrayIsArray,
  ArrayPrototypeIncludes,
  ArrayPrototypeJoin,
  ArrayPrototypePop,
  ArrayPrototypePush,
  BigIntPrototypeToString,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeGetTime,
  DatePrototypeToISOString,
  FunctionPrototypeToString,
  isArrayBuffer,
  JSONStringify,
  MapPrototypeForEach,
  MapPrototypeGetSize,
  NumberIsNaN,
  NumberPrototypeToString,
  NumberPrototypeValueOf,
  ObjectGetPrototypeOf,
  ObjectIs,
  ReflectGetOwnPropertyDescriptor,
  RegExpPrototypeExec,
  RegExpPrototypeToString,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  StringPrototypeIncludes,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  StringPrototypeValueOf,
  SymbolPrototypeToString,
  SymbolPrototypeValueOf,
  SymbolToStringTag,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
} from '../primordials.ts';
import type { Budget } from './format.ts';
import { bytesText, className, dataText, enumerableKeys, indent, isError, namedKeys, probe } from './look.ts';
import { viewOf } from './platform.ts';
import type { Row, View } from './view.ts';

const ENTRIES_MAX = 100;
const STRING_CHARS = 4_096;
const LINE_CHARS = 72;
const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;

/** @param level how many objects are around it */
export function show(value: unknown, budget: Budget, level: number): string {
  budget.values -= 1;
  const text =
    typeof value === 'object' && value !== null ? showObject(value, budget, level) : showPlain(value, budget, level);
  budget.chars -= text.length;
  return text;
}

function showPlain(value: unknown, budget: Budget, level: number): string {
  switch (typeof value) {
    case 'string':
      return level === 0 ? StringPrototypeSlice(value, 0, 16_384) : quote(value);
    case 'number':
      return ObjectIs(value, -0) ? '-0' : NumberPrototypeToString(value);
    case 'bigint':
      return `${BigIntPrototypeToString(value)}n`;
    case 'symbol':
      return SymbolPrototypeToString(value);
    case 'function':
      return showFunction(value, budget, level);
    default:
      return `${value as undefined}`;
  }
}

function quote(text: string): string {
  const cut = StringPrototypeSlice(text, 0, STRING_CHARS);
  const more = text.length > STRING_CHARS ? `… ${text.length - STRING_CHARS} more characters` : '';
  if (StringPrototypeIncludes(cut, "'") || RegExpPrototypeExec(/[\x00-\x1f\\]/, cut) !== null)
    return JSONStringify(cut) + more;
  return `'${cut}'${more}`;
}

function showFunction(value: object, budget: Budget, level: number): string {
  const name = dataText(value, 'name');
  const source = StringPrototypeSlice(FunctionPrototypeToString(value), 0, 6);
  let head: string;
  if (source === 'class ' || source === 'class{') {
    const parent = ObjectGetPrototypeOf(value) as object | null;
    const above = parent === null ? '' : dataText(parent, 'name');
    head = `[class ${name === '' ? '(anonymous)' : name}${above === '' ? '' : ` extends ${above}`}]`;
  } else {
    const kind = dataText(value, SymbolToStringTag) || tagBelow(value) || 'Function';
    head = name === '' ? `[${kind} (anonymous)]` : `[${kind}: ${name}]`;
  }
  const keys = enumerableKeys(value);
  return keys.length === 0 ? head : `${head} ${within(value, budget, () => braces(value, keys, budget, level))}`;
}

function tagBelow(value: object): string {
  const proto = ObjectGetPrototypeOf(value) as object | null;
  return proto === null ? '' : dataText(proto, SymbolToStringTag);
}

function showObject(value: object, budget: Budget, level: number): string {
  if (ArrayPrototypeIncludes(budget.within, value)) return '[Circular]';
  const name = className(value);
  if (level > budget.depth || budget.values < 0 || budget.chars < 0) {
    return ArrayIsArray(value) ? '[Array]' : `[${name === '' ? 'Object' : name}]`;
  }
  return within(value, budget, () => showKind(value, name, budget, level));
}

/** Shows what is inside of `value`, which may come up again there. */
function within(value: object, budget: Budget, make: () => string): string {
  ArrayPrototypePush(budget.within, value);
  try {
    return make();
  } finally {
    ArrayPrototypePop(budget.within);
  }
}

function showKind(value: object, name: string, budget: Budget, level: number): string {
  if (ArrayIsArray(value)) {
    const rows = indexed(value.length, budget, (i) => item(value, i, budget, level));
    const hidden = value.length - rows.length;
    const named = namedKeys(value);
    for (let i = 0; i < named.length; i++) ArrayPrototypePush(rows, member(value, named[i]!, budget, level));
    return wrap(rows, hidden, '[', ']', arrayHead(value, name), level);
  }
  const typed = TypedArrayPrototypeGetSymbolToStringTag(value);
  if (typed !== undefined) {
    const length = TypedArrayPrototypeGetLength(value);
    const rows = indexed(length, budget, (i) => show((value as Uint8Array)[i], budget, level + 1));
    return wrap(rows, length - rows.length, '[', ']', `${typed}(${length}) `, level);
  }
  const view = viewOf(value);
  if (view !== undefined) return showView(view, name, value, budget, level);
  const special = showBySlot(value, name, budget, level);
  if (special !== undefined) return special;
  const keys = enumerableKeys(value);
  const head = name === 'Object' ? '' : `${name === '' ? '[Object: null prototype]' : name} `;
  return keys.length === 0 ? `${head}{}` : head + braces(value, keys, budget, level);
}

/** @param value has properties that a guest gave it, or none */
function showView(view: View, name: string, value: object | undefined, budget: Budget, level: number): string {
  const rows: string[] = [];
  for (let i = 0; i < view.rows.length && hasRoom(rows, budget); i++) {
    ArrayPrototypePush(rows, viewRow(view.rows[i]!, view.kind, budget, level));
  }
  const hidden = view.rows.length - rows.length;
  const keys = value === undefined ? [] : enumerableKeys(value);
  for (let i = 0; i < keys.length && hasRoom(rows, budget); i++) {
    ArrayPrototypePush(rows, member(value!, keys[i]!, budget, level));
  }
  return wrap(rows, hidden, '{', '}', `${name || view.name} `, level);
}

function viewRow(row: Row, kind: View['kind'], budget: Budget, level: number): string {
  const name = row[0];
  const inner = row[2];
  const text =
    inner === undefined ? show(row[1], budget, level + 1) : showView(inner, '', undefined, budget, level + 1);
  return kind === 'pairs' ? `${quote(name)} => ${text}` : `${name}: ${text}`;
}

/** Kinds that only their own methods know: each is tried, and says no by throwing. */
function showBySlot(value: object, name: string, budget: Budget, level: number): string | undefined {
  const mapSize = probe(() => MapPrototypeGetSize(value));
  if (mapSize !== undefined) {
    const rows: string[] = [];
    firstOf(() =>
      MapPrototypeForEach(value as Map<unknown, unknown>, (inner, key) => {
        spare(rows, budget);
        ArrayPrototypePush(rows, `${show(key, budget, level + 1)} => ${show(inner, budget, level + 1)}`);
      }),
    );
    return wrap(rows, mapSize - rows.length, '{', '}', `${name || 'Map'}(${mapSize}) `, level);
  }
  const setSize = probe(() => SetPrototypeGetSize(value));
  if (setSize !== undefined) {
    const rows: string[] = [];
    firstOf(() =>
      SetPrototypeForEach(value as Set<unknown>, (inner) => {
        spare(rows, budget);
        ArrayPrototypePush(rows, show(inner, budget, level + 1));
      }),
    );
    return wrap(rows, setSize - rows.length, '{', '}', `${name || 'Set'}(${setSize}) `, level);
  }
  const time = probe(() => DatePrototypeGetTime(value));
  if (time !== undefined) return NumberIsNaN(time) ? 'Invalid Date' : DatePrototypeToISOString(value);
  if (isArrayBuffer(value)) return `ArrayBuffer { ${bytesText(value)} }`;
  if (isError(value)) return showError(value, name, budget, level);
  const regExp = name === 'RegExp' ? probe(() => RegExpPrototypeToString(value)) : undefined;
  if (regExp !== undefined) return regExp;
  if (name === 'Promise') return 'Promise {}';
  if (name === 'WeakMap' || name === 'WeakSet') return `${name} { <items unknown> }`;
  return showBoxed(value);
}

function showBoxed(value: object): string | undefined {
  const text = probe(() => StringPrototypeValueOf(value));
  if (text !== undefined) return `[String: ${quote(text)}]`;
  const number = probe(() => NumberPrototypeValueOf(value));
  if (number !== undefined) return `[Number: ${number}]`;
  const truth = probe(() => BooleanPrototypeValueOf(value));
  if (truth !== undefined) return `[Boolean: ${truth}]`;
  const symbol = probe(() => SymbolPrototypeValueOf(value));
  if (symbol !== undefined) return `[Symbol: ${SymbolPrototypeToString(symbol)}]`;
  const big = probe(() => BigIntPrototypeValueOf(value));
  return big === undefined ? undefined : `[BigInt: ${big}n]`;
}

function showError(value: object, name: string, budget: Budget, level: number): string {
  const error = value as { name?: unknown; message?: unknown; stack?: unknown; cause?: unknown };
  const stack = probe(() => error.stack);
  let text: string;
  if (typeof stack === 'string' && stack !== '') text = StringPrototypeSlice(stack, 0, STRING_CHARS);
  else text = `[${probe(() => `${error.name}: ${error.message}`) ?? name}]`;
  if (level > 0) text = indent(text, level);
  const keys = enumerableKeys(value);
  const own = keys.length === 0 ? '' : ` ${braces(value, keys, budget, level)}`;
  const cause = ReflectGetOwnPropertyDescriptor(value, 'cause');
  const why =
    cause === undefined || !('value' in cause) || cause.enumerable
      ? ''
      : ` [cause]: ${show(cause.value, budget, level + 1)}`;
  return text + own + why;
}

function item(array: readonly unknown[], index: number, budget: Budget, level: number): string {
  const found = ReflectGetOwnPropertyDescriptor(array, NumberPrototypeToString(index));
  return found === undefined ? '<empty>' : propertyText(found, budget, level);
}

function arrayHead(value: readonly unknown[], name: string): string {
  return name === 'Array' ? '' : `${name || 'Array'}(${value.length}) `;
}

function indexed(length: number, budget: Budget, at: (index: number) => string): string[] {
  const rows: string[] = [];
  for (let i = 0; i < length && hasRoom(rows, budget); i++) ArrayPrototypePush(rows, at(i));
  return rows;
}

function hasRoom(rows: readonly string[], budget: Budget): boolean {
  return rows.length < ENTRIES_MAX && budget.values > 0 && budget.chars > 0;
}

// `forEach` of a collection ends early only by throwing.
const ENOUGH = {};

function spare(rows: readonly string[], budget: Budget): void {
  if (!hasRoom(rows, budget)) throw ENOUGH;
}

function firstOf(walk: () => void): void {
  try {
    walk();
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
}

function braces(value: object, keys: PropertyKey[], budget: Budget, level: number): string {
  const rows: string[] = [];
  for (let i = 0; i < keys.length && hasRoom(rows, budget); i++) {
    ArrayPrototypePush(rows, member(value, keys[i]!, budget, level));
  }
  return wrap(rows, keys.length - rows.length, '{', '}', '', level);
}

function member(value: object, key: PropertyKey, budget: Budget, level: number): string {
  const found = ReflectGetOwnPropertyDescriptor(value, key);
  const name =
    typeof key === 'symbol'
      ? `[${SymbolPrototypeToString(key)}]`
      : RegExpPrototypeExec(PLAIN_NAME, key as string) === null
        ? quote(key as string)
        : (key as string);
  return `${name}: ${found === undefined ? 'undefined' : propertyText(found, budget, level)}`;
}

function propertyText(found: PropertyDescriptor, budget: Budget, level: number): string {
  if (found.get !== undefined) return found.set === undefined ? '[Getter]' : '[Getter/Setter]';
  if (found.set !== undefined) return '[Setter]';
  return show(found.value, budget, level + 1);
}

function wrap(rows: string[], hidden: number, open: string, close: string, head: string, level: number): string {
  if (hidden > 0) ArrayPrototypePush(rows, `… ${hidden} more ${hidden === 1 ? 'item' : 'items'}`);
  if (rows.length === 0) return `${head}${open}${close}`;
  let chars = head.length;
  let broken = false;
  for (let i = 0; i < rows.length; i++) {
    chars += rows[i]!.length + 2;
    broken ||= StringPrototypeIncludes(rows[i]!, '\n');
  }
  if (!broken && chars <= LINE_CHARS) return `${head}${open} ${ArrayPrototypeJoin(rows, ', ')} ${close}`;
  const space = StringPrototypeRepeat('  ', level + 1);
  return `${head}${open}\n${space}${ArrayPrototypeJoin(rows, `,\n${space}`)}\n${StringPrototypeRepeat('  ', level)}${close}`;
}
