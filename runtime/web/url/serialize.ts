// From a URL record to text: the URL serializer, the origin, and the host with its port.

import { StringPrototypeStartsWith } from '../primordials.ts';
import { parseUrl } from './parse.ts';
import type { UrlRecord } from './record.ts';

/** `https://user:password@host:1/path?query#fragment`. */
export function serializeUrl(url: UrlRecord, fragment: 'with fragment' | 'without fragment' = 'with fragment'): string {
  let text = `${url.scheme}:`;
  if (url.host !== null) {
    text += '//';
    if (url.username !== '' || url.password !== '') {
      text += url.password === '' ? `${url.username}@` : `${url.username}:${url.password}@`;
    }
    text += serializeHost(url);
  } else if (!url.opaque && StringPrototypeStartsWith(url.path, '//')) {
    // without it the path would be read as a host
    text += '/.';
  }
  text += url.path;
  if (url.query !== null) text += `?${url.query}`;
  if (url.fragment !== null && fragment === 'with fragment') text += `#${url.fragment}`;
  return text;
}

/** The host with its port; `''` when there is none. */
export function serializeHost(url: UrlRecord): string {
  if (url.host === null) return '';
  return url.port === null ? url.host : `${url.host}:${url.port}`;
}

/** `'null'` for an opaque origin. */
export function serializeOrigin(url: UrlRecord): string {
  switch (url.scheme) {
    case 'http':
    case 'https':
    case 'ws':
    case 'wss':
    case 'ftp':
      return `${url.scheme}://${serializeHost(url)}`;
    case 'blob': {
      const inner = parseUrl(url.path, null);
      const isHttp = inner !== null && (inner.scheme === 'http' || inner.scheme === 'https');
      return isHttp ? serializeOrigin(inner) : 'null';
    }
    default:
      return 'null';
  }
}
