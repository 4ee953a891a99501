// Headers that are given as an object of names and values: by far the most common way. Lazy.
import { ArrayPrototypePush, Object, ReflectOwnKeys, SymbolIterator, TypeError, uncurryThis } from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import { headerName, headerValue } from './header-list.ts';

const isEnumerable = uncurryThis(Object.prototype.propertyIsEnumerable);

/** What makes an iterator of the init: read once, as that may run code of the guest. Nothing: it is a record.
 * @throws TypeError when it is no object */
export function iteratorOf(init: unknown): unknown {
  if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
    throw new TypeError('Headers: the init must be Headers, a list of pairs or an object');
  }
  return (init as { [Symbol.iterator]?: unknown })[SymbolIterator];
}

/** Adds the checked headers to a list. */
export function fillFromRecord(list: FlatHeaders, init: Record<string, string>): void {
  const keys = ReflectOwnKeys(init);
  const checked: string[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (!isEnumerable(init, key)) continue;
    if (typeof key === 'symbol') throw new TypeError('Headers: a header name must not be a symbol');
    const value = `${init[key]}`;
    ArrayPrototypePush(checked, key, value);
  }
  for (let i = 0; i < checked.length; i += 2) {
    const key = headerName(checked[i]);
    ArrayPrototypePush(list, key, headerValue(checked[i + 1]));
  }
}
