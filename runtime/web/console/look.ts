// Looking at objects of the guest without running its code: names and keys from data properties only. Lazy.
import {
  ArrayPrototypePush,
  bytesOf,
  NumberPrototypeToString,
  ObjectGetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  RegExpPrototypeExec,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../primordials.ts';

const KEYS_MAX = 1_000;

/** Of the nearest prototype that has a `constructor` with a name; '' without any. */
export function className(value: object): string {
  for (let proto = value as object | null, hops = 0; proto !== null && hops < 20; hops++) {
    const found = ReflectGetOwnPropertyDescriptor(proto, 'constructor');
    if (found !== undefined && typeof found.value === 'function') {
      const name = dataText(found.value as object, 'name');
      if (name !== '') return name;
    }
    proto = ObjectGetPrototypeOf(proto) as object | null;
  }
  return '';
}

export function dataText(value: object, key: PropertyKey): string {
  const found = ReflectGetOwnPropertyDescriptor(value, key);
  return found !== undefined && typeof found.value === 'string' ? StringPrototypeSlice(found.value, 0, 200) : '';
}

/** At most 1,000 of them: more are never shown. */
export function enumerableKeys(value: object): PropertyKey[] {
  const keys = ReflectOwnKeys(value);
  const found: PropertyKey[] = [];
  for (let i = 0; i < keys.length && found.length < KEYS_MAX; i++) {
    if (ReflectGetOwnPropertyDescriptor(value, keys[i]!)?.enumerable === true) ArrayPrototypePush(found, keys[i]!);
  }
  return found;
}

/** Enumerable keys of an array that are no indices; of long arrays none. */
export function namedKeys(value: readonly unknown[]): PropertyKey[] {
  const keys = value.length >= KEYS_MAX ? [] : enumerableKeys(value);
  const found: PropertyKey[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (typeof key === 'symbol' || !isIndex(key as string)) ArrayPrototypePush(found, key);
  }
  return found;
}

function isIndex(key: string): boolean {
  return RegExpPrototypeExec(/^\d+$/, key) !== null && !(key.length > 1 && StringPrototypeStartsWith(key, '0'));
}

export function probe<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** By what V8 says of it: own `stack`, and Error.prototype or the like below it. */
export function isError(value: object): boolean {
  const own = ReflectGetOwnPropertyDescriptor(value, 'stack');
  if (own === undefined || own.enumerable) return false;
  for (
    let proto = ObjectGetPrototypeOf(value) as object | null;
    proto !== null;
    proto = ObjectGetPrototypeOf(proto) as object | null
  ) {
    if (ReflectGetOwnPropertyDescriptor(proto, 'message') !== undefined) return true;
  }
  return false;
}

/** Up to 32 bytes, as hex digits. */
export function bytesText(buffer: ArrayBuffer): string {
  const bytes = bytesOf(buffer)!;
  let text = '';
  for (let i = 0; i < bytes.length && i < 32; i++) {
    text += `${i === 0 ? '' : ' '}${bytes[i]! < 16 ? '0' : ''}${NumberPrototypeToString(bytes[i]!, 16)}`;
  }
  return `<${text}${bytes.length > 32 ? ' …' : ''}>, byteLength: ${bytes.length}`;
}

export function indent(text: string, level: number): string {
  const space = StringPrototypeRepeat('  ', level);
  let out = '';
  for (let i = 0; i < text.length; i++) out += text[i] === '\n' ? `\n${space}` : text[i];
  return out;
}
