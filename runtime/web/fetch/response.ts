// `Response` of the Fetch standard. Headers stay a plain list until somebody asks for the object.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import type { Blob } from '../bytes/blob.ts';
import { JSONStringify, TypeError } from '../primordials.ts';
import type { ReadableStream } from '../stream-tools.ts';
import { requireArguments } from './arguments.ts';
import { extractBody } from './body.ts';
import type { BodyInit } from './body-extract.ts';
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
import { newBody } from './body-state.ts';
import type { FormData } from './form-data.ts';
import { copyList, valueOf } from './header-list.ts';
import { type Headers, headersOver } from './headers.ts';
import { defineInterface } from './interface.ts';
import { type ResponseInit, type ResponseState, redirectState, setBody, withInit } from './response-state.ts';

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
      const state = init === undefined ? blank() : withInit(blank(), init);
      this.#state = state;
      if (body !== null && body !== undefined) {
        const made = extractBody(body);
        if (init !== undefined) setBody(state, made);
        else {
          state.body = made;
          if (made.type !== undefined) state.list = ['content-type', made.type];
        }
      }
    }
  }

  static error(): Response {
    return makeResponse({ ...blank(), type: 'error', status: 0, guard: 'immutable' });
  }

  static json(data: unknown, init: ResponseInit | undefined = undefined): Response {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Response.json');
    const text = JSONStringify(data) as string | undefined;
    if (text === undefined) throw new TypeError('Response.json: the value has no JSON form');
    const state = withInit(blank(), init);
    setBody(state, newBody(text, undefined, undefined, 'application/json'));
    return makeResponse(state);
  }

  static redirect(url: string, status: number | undefined = 302): Response {
    if (arguments.length < 1) requireArguments(arguments.length, 1, 'Response.redirect');
    return makeResponse(redirectState(blank(), url, status));
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
