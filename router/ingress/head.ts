// The head of a request, read once: what Node's parser lets through and tine does not, which headers a guest gets to
// see, and what the request says about itself (id, trace, hops, debug token).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BOUNDS, TineError } from '#sandbox';
import { HTTP } from '../limits.ts';

export interface RequestHead {
  requestId: string;
  traceparent: string | undefined;
  hops: number;
  /** With port, as sent; empty for HTTP/1.0 without one. */
  host: string;
  /** Path and query, as sent. */
  target: string;
  /** What the guest gets to see. */
  headers: string[];
  debugToken: string | undefined;
  versionKey: string | undefined;
  /** Undefined: not declared. */
  contentLength: number | undefined;
  hasBody: boolean;
  forwardedProto: string | undefined;
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
const REQUEST_ID = /^[\x21-\x7e]{1,64}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const FORBIDDEN_IN_TARGET = /%00|\\|[\x00-\x20\x7f-\uffff]/i;
const VERSION_COOKIE = /(?:^|;\s*)tine-version-key=([\x21-\x3a\x3c-\x7e]{1,64})/;

/** The id of a request: its client's when that is short and harmless, else a new one. */
export function requestIdOf(given: string | undefined): string {
  return given !== undefined && given.length <= HTTP.requestIdCharsMax && REQUEST_ID.test(given) ? given : randomUUID();
}

/** @param trustsPeer the peer is a configured proxy, whose `x-forwarded-…` headers are passed on
 * @throws TineError `bad_request`, `loop_detected` */
export function readHead(request: IncomingMessage, requestId: string, trustsPeer: boolean): RequestHead {
  const raw = request.rawHeaders;
  const head: RequestHead = {
    requestId,
    traceparent: undefined,
    hops: 0,
    host: '',
    target: request.url ?? '/',
    headers: [],
    debugToken: undefined,
    versionKey: undefined,
    contentLength: undefined,
    hasBody: false,
    forwardedProto: undefined,
  };
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    if (name === 'host') {
      hosts += 1;
      head.host = value;
    }
    if (keep(head, name, value, trustsPeer)) head.headers.push(name, value);
  }
  if (hosts > 1) throw new TineError('bad_request', `Host must be given once: got ${hosts}`);
  readTarget(head);
  if (head.hops > BOUNDS.hops)
    throw new TineError('loop_detected', `x-tine-hops must be <= ${BOUNDS.hops}: got ${head.hops}`);
  return head;
}

/** @returns whether the guest gets to see the header */
function keep(head: RequestHead, name: string, value: string, trustsPeer: boolean): boolean {
  if (HOP_BY_HOP.has(name)) {
    if (name === 'transfer-encoding') head.hasBody = true;
    return false;
  }
  switch (name) {
    case 'content-length':
      head.contentLength = Number(value);
      head.hasBody = head.contentLength > 0;
      return true;
    case 'traceparent':
      if (TRACEPARENT.test(value)) head.traceparent = value;
      return true;
    case 'cookie':
      head.versionKey ??= VERSION_COOKIE.exec(value)?.[1];
      return true;
    case 'x-request-id':
      return false; // the guest gets the one that counts, see below
  }
  if (name.startsWith('x-tine-')) {
    if (name === 'x-tine-hops') head.hops = Number.parseInt(value, 10) || 0;
    else if (name === 'x-tine-debug') head.debugToken = value;
    else if (name === 'x-tine-version-key') head.versionKey = value.slice(0, HTTP.requestIdCharsMax);
    return false;
  }
  if (name === 'forwarded' || name.startsWith('x-forwarded-')) {
    if (trustsPeer && name === 'x-forwarded-proto') head.forwardedProto = value;
    return trustsPeer;
  }
  return true;
}

function readTarget(head: RequestHead): void {
  const { target, host } = head;
  if (!target.startsWith('/') && target !== '*') {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    if (url === undefined || (url.host !== host && `${url.hostname}:${url.port || '80'}` !== host)) {
      throw new TineError('bad_request', 'an absolute target must name the same host as Host');
    }
    head.target = url.pathname + url.search;
  }
  if (FORBIDDEN_IN_TARGET.test(head.target))
    throw new TineError('bad_request', 'the target has a character that it must not have');
}

/** The absolute URL that the guest sees. */
export function urlOf({ host, target, forwardedProto }: RequestHead): string {
  const scheme = forwardedProto === 'https' ? 'https' : 'http';
  return `${scheme}://${host === '' ? 'localhost' : host}${target === '*' ? '/' : target}`;
}
