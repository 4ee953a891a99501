// JSON for the wall. `JSON.stringify` asks every object for `toJSON`, which a guest may have put on
// `Object.prototype`: then what leaves the context would be the guest's. In that case a plain writer does it.
// For values that the bundle made: strings, numbers, booleans, null, arrays and plain objects; no cycles.
import { ArrayIsArray, JSONStringify, ObjectKeys } from './primordials.ts';

const probe: unknown[] = [];

/** `undefined` members are left out, as `JSON.stringify` does. */
export function toJson(value: unknown): string {
  return 'toJSON' in probe ? write(value) : (JSONStringify(value) ?? 'null');
}

function write(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSONStringify(value) ?? 'null';
  let text = '';
  if (ArrayIsArray(value)) {
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + write(value[i]);
    return `[${text}]`;
  }
  const names = ObjectKeys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSONStringify(name)}:${write(member)}`;
  }
  return `{${text}}`;
}
