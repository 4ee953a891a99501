// Bodies that are more than a text: of a request that comes in, and of an answer. Lazy.
import { currentRun } from '../outbox.ts';
import { TypedArrayPrototypeGetLength, TypeError } from '../primordials.ts';
import type { AnswerBody, EnterHead } from '../protocol.ts';
import { bytesBody, hostBody } from './body-extract.ts';
import { type Body, INLINE_BYTES } from './body-state.ts';
import { type Bytes, HostBody } from './host-body.ts';
import * as lazyPump from './pump.ts';

export function requestBody(head: EnterHead, bytes: Uint8Array | undefined): Body {
  if (head.body === 'stream' || bytes === undefined) return hostBody(new HostBody(0));
  return bytesBody(bytes as Bytes);
}

export function otherBody(body: Body, bytes: Bytes | undefined): AnswerBody {
  if (bytes === undefined) {
    const from = pipeSource(body);
    if (from !== undefined) return { kind: 'pipe', from };
    lazyPump.pump(lazyPump.sourceOfBody(body), 'write', {});
    return { kind: 'stream' };
  }
  const length = TypedArrayPrototypeGetLength(bytes);
  if (length <= INLINE_BYTES) return { kind: 'bytes', length };
  lazyPump.pump(lazyPump.sourceOfBytes(bytes), 'write', {});
  return { kind: 'stream' };
}

/** What the host can pass on by itself: an untouched body of its own. */
export function pipeSource(body: Body): number | undefined {
  const { host } = body;
  if (host === undefined) return undefined;
  if (host.run !== currentRun()) throw new TypeError('body: it belongs to another request');
  if (host.started) return undefined;
  host.started = true;
  return host.from;
}
