// How the state of a response comes to be, when it is not the ordinary one. Lazy.
import { MathTrunc, Number, NumberIsFinite, RangeError, RegExpPrototypeExec, TypeError } from '../primordials.ts';
import type { FlatHeaders } from '../protocol.ts';
import { parseUrl } from '../url/parse.ts';
import { serializeUrl } from '../url/serialize.ts';
import { dictionary } from './arguments.ts';
import type { Body } from './body-state.ts';
import { listFrom } from './header-init.ts';
import { setIfAbsent } from './header-list.ts';
import type { Headers, HeadersInit } from './headers.ts';

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

/** Of a redirect. */
export function redirectState(state: ResponseState, url: unknown, status: unknown): ResponseState {
  const parsed = parseUrl(`${url as string}`, null);
  if (parsed === null) throw new TypeError(`Response.redirect: "${url}" is not an absolute URL`);
  const code = unsignedShort(status);
  if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
    throw new RangeError(`redirect status must be 301, 302, 303, 307 or 308; got ${status}`);
  }
  return { ...state, status: code, guard: 'immutable', list: ['location', serializeUrl(parsed)] };
}

/** Puts the init into a blank state, and returns it. */
export function withInit(state: ResponseState, init: ResponseInit | null | undefined): ResponseState {
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

export function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
}

/** Of a response whose status or headers are not the ordinary ones. */
export function setBody(state: ResponseState, body: Body): void {
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
