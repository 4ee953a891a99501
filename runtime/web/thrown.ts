// A thrown value as three strings. Made inside the slice, where a getter that never returns runs into the time limit;
// the host never touches a thrown value. Every access is guarded: nothing a guest throws makes this throw.
import * as lazyFormat from './console/format.ts';
import { isObject, StringPrototypeSlice } from './primordials.ts';

const TEXT_CHARS = 8_192;

export interface ThrownTexts {
  name: string;
  message: string;
  stack: string;
}

/** Texts of at most 8 KiB each. A value that is no error is shown as `console.log` shows it. */
export function describeThrown(value: unknown): ThrownTexts {
  if (!isObject(value)) return { name: 'Error', message: cap(lazyFormat.inspect(value)), stack: '' };
  const name = member(value, 'name');
  const message = member(value, 'message');
  const stack = member(value, 'stack');
  if (message === undefined && stack === undefined) {
    return { name: name ?? 'Error', message: cap(lazyFormat.inspect(value)), stack: '' };
  }
  return { name: name ?? 'Error', message: message ?? '', stack: stack ?? '' };
}

function member(value: object, name: string): string | undefined {
  try {
    const found = (value as Record<string, unknown>)[name];
    return typeof found === 'string' ? cap(found) : undefined;
  } catch {
    return undefined;
  }
}

function cap(text: string): string {
  return text.length <= TEXT_CHARS ? text : `${StringPrototypeSlice(text, 0, TEXT_CHARS - 1)}…`;
}
