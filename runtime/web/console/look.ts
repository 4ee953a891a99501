// Looking at objects of the guest without running its code: names and keys from data properties only. Lazy.
import {
  ArrayPrototypePush,
  ObjectGetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  RegExpPrototypeExec,
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
