// `Request` of the Fetch standard, for a server: what only makes sense in a browser (mode, credentials, cache …) is
// checked, kept and shown, and has no effect. A request that came in is a view of what the host gave: its URL is
// parsed, its headers are lowered and its signal is made when somebody asks.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import type { Blob } from '../bytes/blob.ts';
import type { AbortSignal } from '../events/abort.ts';
import type { ReadableStream } from '../stream-tools.ts';
import { parseUrl } from '../url/parse.ts';
import { serializeUrl } from '../url/serialize.ts';
import { dictionary, requireArguments } from './arguments.ts';
import {
  bodyStream,
  cloneBody,
  isUsed,
  readBlob,
  readBuffer,
  readBytes,
  readFormData,
  readJson,
  readText,
} from './body-read.ts';
import type { FormData } from './form-data.ts';
import { copyList, valueOf } from './header-list.ts';
import { type Headers, headersOver } from './headers.ts';
import { defineInterface } from './interface.ts';
import { isNormalUrl } from './normal-url.ts';
import {
  type Redirect,
  type RequestInit,
  type RequestState,
  requestList,
  requestSignal,
  stateFrom,
} from './request-state.ts';

const MAKE = {};

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
      this.#state = stateFrom(input, stateOf(input), dictionary(init, 'Request'), 'Request');
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

/** The state itself, not a copy; undefined for everything that is no request. */
export function stateOf(value: unknown): RequestState | undefined {
  return typeof value === 'object' && value !== null && hasBrand(value) ? requestState(value as Request) : undefined;
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

/** For members that are the same for every request: reading the state first is the brand check. */
function checked(_state: RequestState, value: string): string {
  return value;
}
