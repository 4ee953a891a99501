// Headers of an init, without the class `Headers` where they are a plain object. Lazy.
import type { FlatHeaders } from '../protocol.ts';
import { fillFromRecord, iteratorOf } from './header-record.ts';
import type { HeadersInit } from './headers.ts';
import * as lazyHeaders from './headers.ts';

/** Checked headers of an init, as a list. */
export function listFrom(init: HeadersInit): FlatHeaders {
  const list: FlatHeaders = [];
  const method = iteratorOf(init);
  if (method === undefined || method === null) fillFromRecord(list, init as Record<string, string>);
  else lazyHeaders.fillFromIterable(list, init, method);
  return list;
}
