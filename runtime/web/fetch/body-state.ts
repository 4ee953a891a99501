// What a body of a Request or a Response keeps: what it was given (a text, bytes, a place at the host), for as long as
// it can; a stream is built only when somebody asks for one. What is done with it: `body.ts`.
import { TypeError } from '../primordials.ts';
import type { ReadableStream } from '../stream-tools.ts';
import * as lazyStreams from '../stream-tools.ts';
import type { Bytes, HostBody } from './host-body.ts';

/** A body up to this size leaves in one piece. */
export const INLINE_BYTES = 262_144;

export interface Body {
  /** What it was given; all undefined when it is a stream of the guest. */
  text: string | undefined;
  bytes: Bytes | undefined;
  host: HostBody | undefined;
  /** Set when a guest has seen the body as a stream, or gave one. */
  stream: ReadableStream | undefined;
  /** `bytes` belong to somebody else as well: who gets them gets a copy. */
  shared: boolean;
  /** Read, piped or moved without a stream. A stream knows by itself whether it was touched. */
  used: boolean;
  /** What `content-type` is unless the headers say otherwise. */
  type: string | undefined;
}

// Every function that a context calls for the first time costs it about a microsecond, an answer of a few words has a
// body too: hence few and plain functions here.
export function newBody(
  text: string | undefined,
  bytes: Bytes | undefined,
  host: HostBody | undefined,
  type: string | undefined,
): Body {
  return { text, bytes, host, stream: undefined, shared: false, used: false, type };
}

/** Marks the body as read. What it was given may be used by the caller, and by nobody else.
 * @throws TypeError when it is used or locked */
export function claim(body: Body): void {
  if (body.used || (body.stream !== undefined && lazyStreams.isDisturbed(body.stream)))
    throw new TypeError('body has already been read');
  if (body.stream !== undefined) {
    if (lazyStreams.isLocked(body.stream)) throw new TypeError('body: the stream is locked');
    if (body.text !== undefined || body.bytes !== undefined || body.host !== undefined) lazyStreams.seize(body.stream);
  }
  body.used = true;
}
