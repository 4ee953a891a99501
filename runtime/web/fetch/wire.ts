// Between the classes of the guest and what crosses the wall: a Request from the head of a request, an answer from a
// Response. Short bodies leave in one piece; long ones and streams leave chunk by chunk, as fast as the host takes
// them; a body that is the host's already, and that nobody touched, does not enter the context at all.
import { utf8Encode, utf8Length } from '../bytes/utf8.ts';
import type { AbortSignal } from '../events/abort.ts';
import { StringPrototypeToWellFormed, TypeError } from '../primordials.ts';
import type { Answer, EnterHead } from '../protocol.ts';
import { type Body, claim, INLINE_BYTES } from './body-state.ts';
import type { Bytes } from './host-body.ts';
import { makeRequest, type Request } from './request.ts';
import { type Response, responseState } from './response.ts';
import * as lazyBodies from './wire-bodies.ts';

export { INLINE_BYTES };

export interface Handover {
  answer: Answer;
  /** The bytes of `answer.body` where that is `bytes`. */
  bytes: Bytes | undefined;
}

/** The request of a run. Parses nothing: that is done when the guest asks.
 * @param signal what fires when the client leaves, or what makes it on first touch */
export function requestFrom(
  head: EnterHead,
  bytes: Uint8Array | undefined,
  signal: AbortSignal | (() => AbortSignal) | undefined,
): Request {
  return makeRequest({
    method: head.method,
    url: head.url,
    rawUrl: true,
    list: undefined,
    flat: head.headers,
    headers: undefined,
    guard: 'immutable',
    body: head.body === 'none' ? undefined : lazyBodies.requestBody(head, bytes),
    redirect: 'follow',
    cause: signal,
    signal: undefined,
    inert: undefined,
  });
}

/** Takes the response apart; its body counts as read from now on. Chunks of a `stream` follow as ops `write`, the
 * first of them at the earliest when the microtasks of this slice run.
 * @throws TypeError when its body was read before, or when it is `Response.error()` */
export function answerOf(response: Response): Handover {
  const { status, statusText, list, body, type } = responseState(response);
  if (type === 'error') throw new TypeError('Response.error() cannot be sent as an answer');
  const answer: Answer = { status, statusText, headers: list, body: { kind: 'none' } };
  if (body === undefined) return { answer, bytes: undefined };
  claim(body);
  const whole = wholeBody(body);
  answer.body = typeof whole === 'string' ? { kind: 'text', text: whole } : lazyBodies.otherBody(body, whole);
  return { answer, bytes: answer.body.kind === 'bytes' ? (whole as Bytes) : undefined };
}

/** The text, the bytes, or undefined when they have to be fetched from somewhere. */
function wholeBody(body: Body): string | Bytes | undefined {
  const { text } = body;
  if (text === undefined) return body.bytes;
  const short = text.length * 3 <= INLINE_BYTES || (text.length <= INLINE_BYTES && utf8Length(text) <= INLINE_BYTES);
  return short ? StringPrototypeToWellFormed(text) : utf8Encode(text);
}
