// How the body of a Request or a Response is made. What is kept of it: `body-state.ts`; other bodies than texts:
// `body-extract.ts`; how it is read: `body-read.ts`. An answer of a few words has a body too, and is all that most
// contexts ever make: only what that takes is awake.
import * as lazyExtract from './body-extract.ts';
import { type Body, newBody } from './body-state.ts';

/** @throws TypeError when it is a stream that is locked or has been read from */
export function extractBody(init: lazyExtract.BodyInit): Body {
  if (typeof init === 'string') return newBody(init, undefined, undefined, 'text/plain;charset=UTF-8');
  return lazyExtract.bodyFrom(init);
}
