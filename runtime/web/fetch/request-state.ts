// How the state of a request comes to be, and what is made of it when somebody asks. Lazy.
import type { AbortSignal } from '../events/abort.ts';
import * as lazyAbort from '../events/abort.ts';
import { isObject, RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError } from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import { parseUrl } from '../url/parse.ts';
import { serializeUrl } from '../url/serialize.ts';
import { extractBody } from './body.ts';
import type { BodyInit } from './body-extract.ts';
import { takeBody } from './body-read.ts';
import type { Body } from './body-state.ts';
import { listFrom } from './header-init.ts';
import { copyList, isToken, lowered, setIfAbsent } from './header-list.ts';
import type { Headers, HeadersInit } from './headers.ts';
import type { Inert } from './inert.ts';
import * as lazyInert from './inert.ts';

export type Redirect = 'follow' | 'error' | 'manual';

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: Redirect;
  signal?: AbortSignal | null;
  duplex?: 'half';
  cache?: string;
  credentials?: string;
  integrity?: string;
  keepalive?: boolean;
  mode?: string;
  referrer?: string;
  referrerPolicy?: string;
  priority?: string;
  window?: null;
}

export interface RequestState {
  method: string;
  url: string;
  /** `url` is as the host wrote it and may not be in its normal form. */
  rawUrl: boolean;
  /** Names in lower case; the list behind `headers` once that exists. */
  list: FlatHeaders | undefined;
  /** What the host gave, until `list` is needed. */
  flat: FlatHeaders | undefined;
  headers: Headers | undefined;
  guard: 'none' | 'immutable';
  body: Body | undefined;
  redirect: Redirect;
  /** What ends the request, or what makes it on first touch. */
  cause: AbortSignal | (() => AbortSignal) | undefined;
  /** What the guest sees. */
  signal: AbortSignal | undefined;
  inert: Inert | undefined;
}

export function requestList(state: RequestState): FlatHeaders {
  if (state.list === undefined) {
    state.list = lowered(state.flat ?? []);
    state.flat = undefined;
  }
  return state.list;
}

export function requestSignal(state: RequestState): AbortSignal {
  if (state.signal === undefined) {
    const cause = typeof state.cause === 'function' ? state.cause() : state.cause;
    state.signal = lazyAbort.dependentSignal(cause === undefined ? [] : [cause]);
  }
  return state.signal;
}

/** The state of a new request as `new Request(input, init)` makes it.
 * @param from the state of `input` where that is a request
 * @param call names the caller in error texts */
export function stateFrom(
  input: unknown,
  from: RequestState | undefined,
  init: RequestInit,
  call: 'Request' | 'fetch',
): RequestState {
  const state = from === undefined ? fresh(absoluteUrl(input, call)) : derived(from);
  if (init.window !== undefined && init.window !== null) throw new TypeError(`${call}: window must be null`);
  if (init.method !== undefined) state.method = methodFrom(init.method, call);
  if (init.headers !== undefined) state.list = listFrom(init.headers);
  if (init.redirect !== undefined) state.redirect = lazyInert.choice('redirect', init.redirect, call) as Redirect;
  if (init.duplex !== undefined) lazyInert.choice('duplex', init.duplex, call);
  setSignal(state, init.signal, call);
  setInert(state, init, call);
  setBody(state, init.body, from, call);
  return state;
}

function fresh(url: string): RequestState {
  return {
    method: 'GET',
    url,
    rawUrl: false,
    list: [],
    flat: undefined,
    headers: undefined,
    guard: 'none',
    body: undefined,
    redirect: 'follow',
    cause: undefined,
    signal: undefined,
    inert: undefined,
  };
}

function derived(from: RequestState): RequestState {
  const list = copyList(requestList(from));
  const cause = from.signal ?? from.cause;
  return {
    ...from,
    list,
    flat: undefined,
    headers: undefined,
    guard: 'none',
    body: undefined,
    cause,
    signal: undefined,
  };
}

function absoluteUrl(input: unknown, call: string): string {
  const text = `${input as string}`;
  const parsed = parseUrl(text, null);
  if (parsed === null) {
    throw new TypeError(`${call}: "${text}" is not an absolute ${call === 'fetch' ? 'http or https URL' : 'URL'}`);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError(`${call}: the URL must not contain a user name or a password`);
  }
  return serializeUrl(parsed);
}

function methodFrom(method: unknown, call: string): string {
  const text = `${method as string}`;
  if (!isToken(text)) throw new TypeError(`${call}: "${text}" is not a valid method`);
  if (RegExpPrototypeExec(/^(?:connect|trace|track)$/i, text) !== null)
    throw new TypeError(`${call}: the method ${text} is not allowed`);
  return RegExpPrototypeExec(/^(?:delete|get|head|options|post|put)$/i, text) === null
    ? text
    : StringPrototypeToUpperCase(text);
}

function setSignal(state: RequestState, signal: AbortSignal | null | undefined, call: string): void {
  if (signal === undefined) return;
  if (signal === null) state.cause = undefined;
  else if (!isObject(signal) || !lazyAbort.isAbortSignal(signal)) {
    throw new TypeError(`${call}: signal must be an AbortSignal or null`);
  } else state.cause = signal;
}

function setInert(state: RequestState, init: RequestInit, call: string): void {
  if (
    init.cache !== undefined ||
    init.credentials !== undefined ||
    init.integrity !== undefined ||
    init.keepalive !== undefined ||
    init.mode !== undefined ||
    init.priority !== undefined ||
    init.referrer !== undefined ||
    init.referrerPolicy !== undefined
  ) {
    state.inert = lazyInert.inertFrom(init, state.inert, call);
  }
}

function setBody(
  state: RequestState,
  given: BodyInit | null | undefined,
  from: RequestState | undefined,
  call: string,
): void {
  const source = given === undefined || given === null ? undefined : extractBody(given);
  const inherited = given === undefined ? from?.body : undefined;
  if ((source !== undefined || inherited !== undefined) && (state.method === 'GET' || state.method === 'HEAD')) {
    throw new TypeError(`${call}: a ${state.method} request must have no body`);
  }
  if (source?.type !== undefined) setIfAbsent(requestList(state), 'content-type', source.type);
  state.body = source ?? takeBody(inherited, call);
}
