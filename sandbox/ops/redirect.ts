// What follows a redirect, by the rules of the Fetch standard: from one hop to the next, as a value. Sends nothing,
// and judges no address: the next hop is checked as the first one was.
import type { FlatHeaders } from '#runtime';
import { without } from './fetch-headers.ts';
import { OpError } from './op.ts';

export const REDIRECTS_MAX = 20;

export type HopBody = Uint8Array | AsyncIterable<Uint8Array> | undefined;

export interface Hop {
  method: string;
  url: URL;
  headers: FlatHeaders;
  body: HopBody;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** They say who is asking, and to whom it was said is over with the origin. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);
const BODY_HEADERS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** Reads an address as a guest gave it. @throws OpError */
export function parseTarget(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new OpError('TypeError', `fetch: ${JSON.stringify(text.slice(0, 200))} is not an absolute http or https URL`);
  }
  return url;
}

/** @param location value of `Location`. @throws OpError when it leads nowhere, or the body cannot be sent twice */
export function nextHop(hop: Hop, status: number, location: string): Hop {
  const url = parseTarget(location, hop.url);
  if (url.hash === '') url.hash = hop.url.hash;
  url.username = '';
  url.password = '';
  const next: Hop = { ...hop, url };
  const becomesGet =
    status === 303 ? hop.method !== 'GET' && hop.method !== 'HEAD' : status <= 302 && hop.method === 'POST';
  if (becomesGet) {
    next.method = 'GET';
    next.body = undefined;
    next.headers = without(next.headers, BODY_HEADERS);
  } else if (hop.body !== undefined && !(hop.body instanceof Uint8Array)) {
    throw new OpError('TypeError', 'fetch: a streamed body cannot be sent again to follow a redirect');
  }
  if (url.origin !== hop.url.origin) next.headers = without(next.headers, CREDENTIALS);
  return next;
}
