// The body of a Request or a Response: the door to what is kept of it (`body-state.ts`), how it is made
// (`body-extract.ts`) and how it is read (`body-read.ts`). An answer of a few words has a body too, and is all that
// most contexts ever make: only what that takes is awake.
import * as lazyExtract from './body-extract.ts';
import { type Body, newBody } from './body-state.ts';

export { type BodyInit, bytesBody, hostBody, textBody } from './body-extract.ts';
export {
  bodyStream,
  cloneBody,
  isUsed,
  readBlob,
  readBuffer,
  readBytes,
  readFormData,
  readJson,
  readText,
  takeBody,
} from './body-read.ts';
export { type Body, claim } from './body-state.ts';

/** @throws TypeError when it is a stream that is locked or has been read from */
export function extractBody(init: lazyExtract.BodyInit): Body {
  if (typeof init === 'string') return newBody(init, undefined, undefined, 'text/plain;charset=UTF-8');
  return lazyExtract.bodyFrom(init);
}
