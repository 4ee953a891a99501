// `Response` of the Fetch standard. Headers stay a plain list until somebody asks for the object.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import type { Blob } from '../bytes/blob.ts';
import {
  JSONStringify,
  MathTrunc,
  Number,
  NumberIsFinite,
  RangeError,
  RegExpPrototypeExec,
  TypeError,
} from '../primordials.ts';
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
  textBody,
} from './body.ts';
import type { FormData } from './form-data.ts';
import { copyList, setIfAbsent, valueOf } from './header-list.ts';
import { type Headers, type HeadersInit, headersOver, listFrom } from './headers.ts';
import { defineInterface, dictionary, requireArguments } from './interface.ts';

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}

export interface ResponseState {
  type: 'default' | 'error' | 'basic';
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  /** Names in lower case; the list behind `headers` once that exists. */
  list: FlatHeaders;
  headers: Headers | undefined;
  guard: 'none' | 'immutable';
  body: Body | undefined;
}

const MAKE = {};

/** The state itself, not a copy. */
export let responseState: (response: Response) => ResponseState;
let hasBrand: (value: object) => boolean;

export class Response {
  readonly #state: ResponseState;

  static {
    responseState = (response) => response.#state;
    hasBrand = (value) => #state in value;
  }

  constructor(body: BodyInit | null | undefined = null, init: ResponseInit | undefined = undefined) {
    if (body === MAKE) this.#state = init as unknown as ResponseState;
    else {
      this.#state = init === undefined ? blank() : stateFrom(init);
      if (body !== null && body !== undefined) setBody(this.#state, extractBody(body));
    }
  }

  static error(): Response {
    return makeResponse({ ...blank(), type: 'error', status: 0, guard: 'immutable' });
  }

  static json(data: unknown, init: ResponseInit | undefined = undefined): Response {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Response.json');
    const text = JSONStringify(data) as string | undefined;
    if (text === undefined) throw new TypeError('Response.json: the value has no JSON form');
    const state = stateFrom(init);
    setBody(state, textBody(text, 'application/json'));
    return makeResponse(state);
  }

  static redirect(url: string, status: number | undefined = 302): Response {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Response.redirect');
    const parsed = parseUrl(`${url}`, null);
    if (parsed === null) throw new TypeError(`Response.redirect: "${url}" is not an absolute URL`);
    const code = unsignedShort(status);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeError(`redirect status must be 301, 302, 303, 307 or 308; got ${status}`);
    }
    const list = ['location', serializeUrl(parsed)];
    return makeResponse({ ...blank(), status: code, guard: 'immutable', list });
  }

  get type(): string {
    return this.#state.type;
  }

  get url(): string {
    return this.#state.url;
  }

  get redirected(): boolean {
    return this.#state.redirected;
  }

  get status(): number {
    return this.#state.status;
  }

  get ok(): boolean {
    const { status } = this.#state;
    return status >= 200 && status <= 299;
  }

  get statusText(): string {
    return this.#state.statusText;
  }

  get headers(): Headers {
    const state = this.#state;
    state.headers ??= headersOver(state.list, state.guard);
    return state.headers;
  }

  get body(): ReadableStream | null {
    return bodyStream(this.#state.body);
  }

  get bodyUsed(): boolean {
    return isUsed(this.#state.body);
  }

  clone(): Response {
    const state = this.#state;
    const body = cloneBody(state.body, 'Response.clone');
    return makeResponse({ ...state, list: copyList(state.list), headers: undefined, body });
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return await readBuffer(this.#state.body);
  }

  async blob(): Promise<Blob> {
    const { body, list } = this.#state;
    return await readBlob(body, valueOf(list, 'content-type'));
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return await readBytes(this.#state.body);
  }

  async formData(): Promise<FormData> {
    const { body, list } = this.#state;
    return await readFormData(body, valueOf(list, 'content-type'));
  }

  async json(): Promise<unknown> {
    return await readJson(this.#state.body);
  }

  async text(): Promise<string> {
    return await readText(this.#state.body);
  }
}

defineInterface(Response, 'Response');

export function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && hasBrand(value);
}

export function makeResponse(state: ResponseState): Response {
  return new Response(MAKE as never, state as never);
}

export function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
}

function blank(): ResponseState {
  return {
    type: 'default',
    status: 200,
    statusText: '',
    url: '',
    redirected: false,
    list: [],
    headers: undefined,
    guard: 'none',
    body: undefined,
  };
}

function stateFrom(init: ResponseInit | null | undefined): ResponseState {
  const state = blank();
  if (init === undefined || init === null) return state;
  const { status, statusText, headers } = dictionary(init, 'Response');
  if (status !== undefined) state.status = unsignedShort(status);
  if (state.status < 200 || state.status > 599) {
    throw new RangeError(`response status must be from 200 to 599; got ${status}`);
  }
  if (statusText !== undefined) {
    state.statusText = `${statusText}`;
    if (RegExpPrototypeExec(/[^\t\x20-\x7e\x80-\xff]/, state.statusText) !== null) {
      throw new TypeError(`response statusText must be one line of Latin-1 text; got "${state.statusText}"`);
    }
  }
  if (headers !== undefined) state.list = listFrom(headers);
  return state;
}

function setBody(state: ResponseState, body: Body): void {
  if (state.status !== 200 && isNullBodyStatus(state.status)) {
    throw new TypeError(`a response with status ${state.status} must have no body`);
  }
  state.body = body;
  if (body.type === undefined) return;
  if (state.list.length === 0) state.list = ['content-type', body.type];
  else setIfAbsent(state.list, 'content-type', body.type);
}

/** Web IDL `unsigned short`. */
function unsignedShort(value: unknown): number {
  const number = MathTrunc(Number(value));
  if (!NumberIsFinite(number)) return 0;
  return ((number % 65_536) + 65_536) % 65_536;
}
