// `fetch`: a request as the standard makes it, then one op. What is read of the answer is read by further ops, when
// the guest reads it. The host follows redirects, looks at every address and counts.

import { utf8Encode } from '../bytes/utf8.ts';
import type { AbortSignal } from '../events/abort.ts';
import * as lazyAbort from '../events/abort.ts';
import { type CalledOp, cancel, op, runFor } from '../outbox.ts';
import {
  Promise,
  PromisePrototypeThen,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypedArrayPrototypeGetLength,
  TypeError,
} from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import { dictionary } from './arguments.ts';
import { bytesBody, hostBody } from './body-extract.ts';
import { type Body, claim, INLINE_BYTES } from './body-state.ts';
import * as lazyDataUrl from './data-url.ts';
import { lowered } from './header-list.ts';
import { type Bytes, HostBody } from './host-body.ts';
import type { Source } from './pump.ts';
import * as lazyPump from './pump.ts';
import { type Request, stateOf } from './request.ts';
import { type RequestInit, type RequestState, requestList, stateFrom } from './request-state.ts';
import { makeResponse, type Response } from './response.ts';
import { isNullBodyStatus } from './response-state.ts';
import { pipeSource } from './wire-bodies.ts';

/** What the op `fetch` gives. */
interface Fetched {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: FlatHeaders;
  body: 'none' | 'bytes' | 'stream';
}

/** The upload of a request: what goes with the op, and what follows it. */
interface Upload {
  kind: 'none' | 'bytes' | 'stream' | 'pipe';
  bytes?: Bytes | undefined;
  from?: number;
  source?: Source;
}

/** The global function. Throws at once where there is no request that the op could belong to: nobody would see the
 * rejection of a promise there. */
export function fetch(
  input: Request | string | { toString(): string },
  init: RequestInit | undefined = undefined,
): Promise<Response> {
  runFor('fetch()');
  return new Promise((resolve, reject) => {
    const state = stateFrom(input, stateOf(input), dictionary(init, 'fetch'), 'fetch');
    const signal = givenSignal(state);
    if (signal !== undefined && lazyAbort.isAborted(signal)) return reject(lazyAbort.abortReason(signal));
    if (StringPrototypeStartsWith(state.url, 'data:'))
      return resolve(lazyDataUrl.dataResponse(state.url, state.method));
    send(state, signal, resolve, reject);
  });
}

/** A signal that somebody gave. That of the request that came in needs no listener: when it fires, the host has
 * ended all ops of the run. */
function givenSignal(state: RequestState): AbortSignal | undefined {
  const cause = state.signal ?? state.cause;
  return typeof cause === 'function' ? undefined : cause;
}

function send(
  state: RequestState,
  signal: AbortSignal | undefined,
  resolve: (response: Response) => void,
  reject: (reason: unknown) => void,
): void {
  const url = httpUrl(state.url);
  const upload = uploadOf(state.body);
  const { method, redirect } = state;
  const arg = { method, url, headers: requestList(state), redirect, body: upload.kind };
  const call = op('fetch', upload.from === undefined ? arg : { ...arg, from: upload.from }, upload.bytes);
  const stopUpload = upload.source === undefined ? undefined : lazyPump.pump(upload.source, 'send', { to: call.id });
  let host: HostBody | undefined;
  // A signal may live longer than this fetch and cannot be told to forget it: then there is nothing left to do.
  let over = false;
  if (signal !== undefined) {
    lazyAbort.onAbort(signal, () => {
      if (over) return;
      const reason = lazyAbort.abortReason(signal);
      reject(reason);
      stopUpload?.(reason);
      if (host === undefined) cancel(call);
      else host.fail(reason);
    });
  }
  PromisePrototypeThen(
    call.promise,
    ({ value, bytes }) => {
      const fetched = value as Fetched;
      const body = fetchedBody(call, fetched, bytes);
      host = body?.host;
      over = host === undefined;
      resolve(responseOf(fetched, body));
    },
    (error) => {
      over = true;
      stopUpload?.(error);
      reject(error);
    },
  );
}

function httpUrl(url: string): string {
  if (!StringPrototypeStartsWith(url, 'http:') && !StringPrototypeStartsWith(url, 'https:')) {
    throw new TypeError(`fetch: "${url}" is not an absolute http or https URL`);
  }
  const hash = StringPrototypeIndexOf(url, '#');
  return hash < 0 ? url : StringPrototypeSlice(url, 0, hash);
}

function uploadOf(body: Body | undefined): Upload {
  if (body === undefined) return { kind: 'none' };
  claim(body);
  const bytes = body.text === undefined ? body.bytes : utf8Encode(body.text);
  if (bytes !== undefined) {
    if (TypedArrayPrototypeGetLength(bytes) <= INLINE_BYTES) return { kind: 'bytes', bytes };
    return { kind: 'stream', source: lazyPump.sourceOfBytes(bytes) };
  }
  const from = pipeSource(body);
  return from === undefined ? { kind: 'stream', source: lazyPump.sourceOfBody(body) } : { kind: 'pipe', from };
}

function fetchedBody(call: CalledOp, { body, status }: Fetched, bytes: Bytes | undefined): Body | undefined {
  if (body === 'none') return undefined;
  if (body === 'bytes') return isNullBodyStatus(status) ? undefined : bytesBody(bytes ?? emptyBytes());
  const host = new HostBody(call.id);
  if (!isNullBodyStatus(status)) return hostBody(host);
  host.discard();
  return undefined;
}

function emptyBytes(): Bytes {
  return utf8Encode('');
}

function responseOf({ status, statusText, url, redirected, headers }: Fetched, body: Body | undefined): Response {
  const list = lowered(headers);
  return makeResponse({
    type: 'basic',
    status,
    statusText,
    url,
    redirected,
    list,
    headers: undefined,
    guard: 'immutable',
    body,
  });
}
