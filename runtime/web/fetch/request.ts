// `Request` of the Fetch standard, for a server: what only makes sense in a browser (mode, credentials, cache …) is
// checked, kept and shown, and has no effect. A request that came in is a view of what the host gave: its URL is
// parsed, its headers are lowered and its signal is made when somebody asks.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import type { Blob } from '../bytes/blob.ts';
import type { AbortSignal } from '../events/abort.ts';
import * as lazyAbort from '../events/abort.ts';
import { isObject, RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError } from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import type { ReadableStream } from '../stream-tools.ts';
import { parseUrl } from '../url/parse.ts';
import { serializeUrl } from '../url/serialize.ts';
import {
  type Body,
  type BodyInit,
  bodyStream,
  cloneBody,
  extractBody,
  isUsed,
  readBlob,
  readBuffer,
  readBytes,
  readFormData,
  readJson,
  readText,
  takeBody,
} from './body.ts';
import type { FormData } from './form-data.ts';
import { copyList, isToken, lowered, setIfAbsent, valueOf } from './header-list.ts';
import { type Headers, type HeadersInit, headersOver, listFrom } from './headers.ts';
import type { Inert } from './inert.ts';
import * as lazyInert from './inert.ts';
import { defineInterface, dictionary, requireArguments } from './interface.ts';
import { isNormalUrl } from './normal-url.ts';

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

const MAKE = {};

/** The state itself, not a copy. */
let requestState: (request: Request) => RequestState;
let hasBrand: (value: object) => boolean;

export class Request {
  readonly #state: RequestState;

  static {
    requestState = (request) => request.#state;
    hasBrand = (value) => #state in value;
  }

  constructor(input: Request | string | { toString(): string }, init: RequestInit | undefined = undefined) {
    if (input === MAKE) this.#state = init as unknown as RequestState;
    else {
      if (arguments.length < 1) requireArguments(arguments.length, 1, 'Request');
      this.#state = stateFrom(input, dictionary(init, 'Request'), 'Request');
    }
  }

  get method(): string {
    return this.#state.method;
  }

  get url(): string {
    return requestUrl(this.#state);
  }

  get headers(): Headers {
    const state = this.#state;
    state.headers ??= headersOver(requestList(state), state.guard);
    return state.headers;
  }

  get redirect(): Redirect {
    return this.#state.redirect;
  }

  get signal(): AbortSignal {
    return requestSignal(this.#state);
  }

  get cache(): string {
    return this.#state.inert?.cache ?? 'default';
  }

  get credentials(): string {
    return this.#state.inert?.credentials ?? 'same-origin';
  }

  get destination(): string {
    return checked(this.#state, '');
  }

  get duplex(): string {
    return checked(this.#state, 'half');
  }

  get integrity(): string {
    return this.#state.inert?.integrity ?? '';
  }

  get keepalive(): boolean {
    return this.#state.inert?.keepalive ?? false;
  }

  get mode(): string {
    return this.#state.inert?.mode ?? 'cors';
  }

  get referrer(): string {
    return this.#state.inert?.referrer ?? 'about:client';
  }

  get referrerPolicy(): string {
    return this.#state.inert?.referrerPolicy ?? '';
  }

  get body(): ReadableStream | null {
    return bodyStream(this.#state.body);
  }

  get bodyUsed(): boolean {
    return isUsed(this.#state.body);
  }

  clone(): Request {
    const state = this.#state;
    const body = cloneBody(state.body, 'Request.clone');
    const list = copyList(requestList(state));
    return makeRequest({
      ...state,
      list,
      headers: undefined,
      body,
      cause: state.signal ?? state.cause,
      signal: undefined,
    });
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return await readBuffer(this.#state.body);
  }

  async blob(): Promise<Blob> {
    const state = this.#state;
    return await readBlob(state.body, valueOf(requestList(state), 'content-type'));
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return await readBytes(this.#state.body);
  }

  async formData(): Promise<FormData> {
    const state = this.#state;
    return await readFormData(state.body, valueOf(requestList(state), 'content-type'));
  }

  async json(): Promise<unknown> {
    return await readJson(this.#state.body);
  }

  async text(): Promise<string> {
    return await readText(this.#state.body);
  }
}

defineInterface(Request, 'Request');

export function isRequest(value: unknown): value is Request {
  return typeof value === 'object' && value !== null && hasBrand(value);
}

export function makeRequest(state: RequestState): Request {
  return new Request(MAKE, state as never);
}

function requestUrl(state: RequestState): string {
  if (state.rawUrl) {
    state.rawUrl = false;
    if (!isNormalUrl(state.url)) {
      const parsed = parseUrl(state.url, null);
      if (parsed !== null) state.url = serializeUrl(parsed);
    }
  }
  return state.url;
}

export function requestList(state: RequestState): FlatHeaders {
  if (state.list === undefined) {
    state.list = lowered(state.flat ?? []);
    state.flat = undefined;
  }
  return state.list;
}

function requestSignal(state: RequestState): AbortSignal {
  if (state.signal === undefined) {
    const cause = typeof state.cause === 'function' ? state.cause() : state.cause;
    state.signal = lazyAbort.dependentSignal(cause === undefined ? [] : [cause]);
  }
  return state.signal;
}

/** The state of a new request as `new Request(input, init)` makes it; `call` names the caller in error texts. */
export function stateFrom(input: unknown, init: RequestInit, call: 'Request' | 'fetch'): RequestState {
  const from = isRequest(input) ? requestState(input) : undefined;
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

/** For members that are the same for every request: reading the state first is the brand check. */
function checked(_state: RequestState, value: string): string {
  return value;
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
