// Between the classes of the guest and what crosses the wall: a Request from the head of a request, an answer from a
// Response. Short bodies leave in one piece; long ones and streams leave chunk by chunk, as fast as the host takes
// them; a body that is the host's already, and that nobody touched, does not enter the context at all.
import { utf8Encode, utf8Length } from '../bytes/utf8.ts';
import type { AbortSignal } from '../events/abort.ts';
import { currentRun } from '../outbox.ts';
import { StringPrototypeToWellFormed, TypedArrayPrototypeGetLength, TypeError } from '../primordials.ts';
import type { Answer, AnswerBody, EnterHead } from '../protocol.ts';
import { type Body, bytesBody, claim, hostBody } from './body.ts';
import { kept } from './brands.ts';
import { type Bytes, HostBody } from './host-body.ts';
import * as lazyPump from './pump.ts';
import { makeRequest, type Request } from './request.ts';
import { Response, responseState } from './response.ts';

/** A body up to this size leaves in one piece. */
export const INLINE_BYTES = 262_144;

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
    body: head.body === 'none' ? undefined : requestBody(head, bytes),
    redirect: 'follow',
    cause: signal,
    signal: undefined,
    inert: undefined,
  });
}

function requestBody(head: EnterHead, bytes: Uint8Array | undefined): Body {
  if (head.body === 'stream' || bytes === undefined) return hostBody(new HostBody(0));
  return bytesBody(bytes as Bytes);
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
  answer.body = typeof whole === 'string' ? { kind: 'text', text: whole } : otherBody(body, whole);
  return { answer, bytes: answer.body.kind === 'bytes' ? (whole as Bytes) : undefined };
}

/** The text, the bytes, or undefined when they have to be fetched from somewhere. */
function wholeBody(body: Body): string | Bytes | undefined {
  const { text } = body;
  if (text === undefined) return body.bytes;
  const short = text.length * 3 <= INLINE_BYTES || (text.length <= INLINE_BYTES && utf8Length(text) <= INLINE_BYTES);
  return short ? StringPrototypeToWellFormed(text) : utf8Encode(text);
}

function otherBody(body: Body, bytes: Bytes | undefined): AnswerBody {
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

// One of each object that an ordinary request needs. A shape that is alive in the snapshot need not be made anew in
// every context, at one or two microseconds each.
function rehearse(): unknown {
  const head: EnterHead = {
    kind: 'fetch',
    now: 0,
    seed: '',
    requestId: '',
    method: 'GET',
    url: 'http://localhost/',
    headers: ['host', 'localhost'],
    body: 'none',
  };
  const request = requestFrom(head, undefined, undefined);
  request.headers.get('host');
  const response = new Response('', { status: 200, headers: { a: 'b' } });
  response.headers.get('a');
  const bytes = answerOf(new Response(new Uint8Array(0)));
  return [request, response, answerOf(response), bytes, new HostBody(0)];
}

kept.rehearsal = rehearse();
