// The checks of arguments that Web IDL asks for. Lazy.
import { TypeError } from '../primordials.ts';

/** @throws TypeError when a call has fewer arguments than the interface asks for */
export function requireArguments(found: number, wanted: number, call: string): void {
  if (found < wanted) {
    throw new TypeError(`${call}: ${wanted} ${wanted === 1 ? 'argument' : 'arguments'} wanted, got ${found}`);
  }
}

/** Web IDL dictionary: undefined and null are empty, any other value but an object is refused. */
export function dictionary<T extends object>(value: T | null | undefined, call: string): Partial<T> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`${call}: options must be an object, got ${typeof value}`);
  }
  return value;
}
