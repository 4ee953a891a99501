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
/** Neither version ff nor an id of zeros only, as the standard has it. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const FORBIDDEN_IN_TARGET = /%00|\\|[\x00-\x20\x23\x7f-\uffff]/i;
const DOT_SEGMENT = /\/(?:\.|%2e)/i;
const HOPS = /^\d{1,3}$/;
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
  if (hosts === 0 && request.httpVersion !== '1.0') throw new TineError('bad_request', 'Host must be given: got none');
  if (hosts > 1) throw new TineError('bad_request', `Host must be given once: got ${hosts}`);
  checkHost(head.host);
  readTarget(head);
  head.headers.push('x-request-id', requestId);
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
      head.hasBody ||= head.contentLength > 0;
      return true;
    case 'traceparent':
      if (TRACEPARENT.test(value)) head.traceparent = value;
      return true;
    case 'cookie':
      head.versionKey ??= VERSION_COOKIE.exec(value)?.[1];
      return true;
    case 'x-request-id':
      return false; // the guest gets the one that counts, at the end
  }
  if (name.startsWith('x-tine-')) {
    if (name === 'x-tine-hops') head.hops = Math.max(head.hops, readHops(value));
    else if (name === 'x-tine-debug') head.debugToken = value;
    else if (name === 'x-tine-version-key') head.versionKey = value.slice(0, HTTP.requestIdCharsMax) || undefined;
    return false;
  }
  if (name === 'forwarded' || name.startsWith('x-forwarded-')) {
    if (trustsPeer && name === 'x-forwarded-proto') head.forwardedProto = value;
    return trustsPeer;
  }
  return true;
}

/** However it is repeated or joined, it must never read as less: a loop would go on for ever. */
function readHops(value: string): number {
  const hops = value.split(',').map((part) => part.trim());
  if (!hops.every((part) => HOPS.test(part))) throw new TineError('bad_request', 'x-tine-hops must be a number');
  return Math.max(...hops.map(Number));
}

/** It becomes the authority of the URL that the guest sees, so it must be one and nothing else. */
function checkHost(host: string): void {
  if (host === '') return;
  const isAuthority = /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`);
  if (!isAuthority) throw new TineError('bad_request', 'Host must be a name or an address, with or without a port');
}

function readTarget(head: RequestHead): void {
  const { target, host } = head;
  if (!target.startsWith('/') && target !== '*') {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
    if (!isHttp || host === '' || url.host !== new URL(`${url.protocol}//${host}`).host) {
      throw new TineError('bad_request', 'an absolute target must name the same host as Host');
    }
    head.target = url.pathname + url.search;
  }
  if (FORBIDDEN_IN_TARGET.test(head.target)) {
    throw new TineError('bad_request', 'the target has a character that it must not have');
  }
  // Routes must see the path that the guest will see.
  if (DOT_SEGMENT.test(head.target)) {
    const { pathname, search } = new URL(`http://-${head.target}`);
    head.target = pathname + search;
  }
}

/** The absolute URL that the guest sees. */
export function urlOf({ host, target, forwardedProto }: RequestHead): string {
  const scheme = forwardedProto === 'https' ? 'https' : 'http';
  return `${scheme}://${host === '' ? 'localhost' : host}${target === '*' ? '/' : target}`;
}
