// The URL parser of the URL standard, on whole parts instead of single characters: a text is cut at its first `#` and
// `?`, then at its scheme, then at its slashes, which gives the same as the standard's state machine and leaves the
// work to native string functions. The setters of `URL` use the same steps by themselves (`url.ts`).

import {
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { parseHost, parseOpaqueHost } from './host.ts';
import { appendPath, shorten, slashIn, startPath } from './path.ts';
import { percentEncode } from './percent.ts';
import { DEFAULT_PORTS, isSpecial, type UrlRecord } from './record.ts';

/** `text` against `base`, or null when that gives no URL. */
export function parseUrl(text: string, base: UrlRecord | null): UrlRecord | null {
  let rest = stripNewlines(trim(text));
  const hash = StringPrototypeIndexOf(rest, '#');
  const fragment = hash < 0 ? null : percentEncode(StringPrototypeSlice(rest, hash + 1), 'fragment');
  if (hash >= 0) rest = StringPrototypeSlice(rest, 0, hash);
  const mark = StringPrototypeIndexOf(rest, '?');
  const query = mark < 0 ? null : StringPrototypeSlice(rest, mark + 1);
  if (mark >= 0) rest = StringPrototypeSlice(rest, 0, mark);

  const scheme = RegExpPrototypeExec(/^[a-z][-+.a-z\d]*:/i, rest);
  const url: UrlRecord = {
    scheme: scheme === null ? (base?.scheme ?? '') : StringPrototypeToLowerCase(StringPrototypeSlice(scheme[0], 0, -1)),
    username: '',
    password: '',
    host: null,
    port: null,
    path: '',
    opaque: false,
    query,
    fragment,
  };
  if (scheme !== null) {
    if (!parseAfterScheme(url, StringPrototypeSlice(rest, scheme[0].length), base)) return null;
  } else if (base === null) {
    return null;
  } else if (base.opaque) {
    if (rest !== '' || query !== null || fragment === null) return null;
    url.opaque = true;
    url.path = base.path;
    url.query = base.query;
    return url;
  } else if (!(url.scheme === 'file' ? parseFile(url, rest, base) : parseRelative(url, rest, base))) {
    return null;
  }
  if (query !== null) url.query = percentEncode(query, isSpecial(url) ? 'special query' : 'query');
  return url;
}

// C0 controls and spaces at both ends go.
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && StringPrototypeCharCodeAt(text, start) <= 0x20) start++;
  while (end > start && StringPrototypeCharCodeAt(text, end - 1) <= 0x20) end--;
  return StringPrototypeSlice(text, start, end);
}

export function stripNewlines(text: string): string {
  let clean = '';
  let rest = text;
  for (let at = RegExpPrototypeExec(/[\t\n\r]/, rest); at !== null; at = RegExpPrototypeExec(/[\t\n\r]/, rest)) {
    clean += StringPrototypeSlice(rest, 0, at.index);
    rest = StringPrototypeSlice(rest, at.index + 1);
  }
  return clean + rest;
}

function parseAfterScheme(url: UrlRecord, text: string, base: UrlRecord | null): boolean {
  if (url.scheme === 'file') return parseFile(url, text, base !== null && base.scheme === 'file' ? base : null);
  if (isSpecial(url)) {
    const slashes = text[0] === '/' && text[1] === '/';
    if (!slashes && base !== null && base.scheme === url.scheme) return parseRelative(url, text, base);
    return parseAuthority(url, skipSlashes(text));
  }
  if (text[0] !== '/') {
    url.opaque = true;
    url.path = percentEncode(text, 'control');
    return true;
  }
  if (text[1] === '/') return parseAuthority(url, StringPrototypeSlice(text, 2));
  appendPath(url, StringPrototypeSlice(text, 1));
  return true;
}

function skipSlashes(text: string): string {
  let from = 0;
  while (text[from] === '/' || text[from] === '\\') from++;
  return StringPrototypeSlice(text, from);
}

// "Relative state" and "relative slash state".
function parseRelative(url: UrlRecord, text: string, base: UrlRecord): boolean {
  const special = isSpecial(url);
  const rooted = text !== '' && slashIn(url, text) === 0;
  if (rooted && text.length > 1) {
    const next = StringPrototypeSlice(text, 1);
    if (special && slashIn(url, next) === 0) return parseAuthority(url, skipSlashes(next));
    if (next[0] === '/') return parseAuthority(url, StringPrototypeSlice(next, 1));
  }
  url.username = base.username;
  url.password = base.password;
  url.host = base.host;
  url.port = base.port;
  if (rooted) {
    appendPath(url, StringPrototypeSlice(text, 1));
    return true;
  }
  url.path = base.path;
  if (text === '') {
    url.query ??= base.query;
    return true;
  }
  shorten(url);
  appendPath(url, text);
  return true;
}

// "File state", "file slash state" and "file host state".
function parseFile(url: UrlRecord, text: string, base: UrlRecord | null): boolean {
  url.host = '';
  if (text === '' || slashIn(url, text) !== 0) {
    if (base !== null) {
      url.host = base.host;
      if (text === '') {
        url.path = base.path;
        url.query ??= base.query;
        return true;
      }
      if (RegExpPrototypeExec(/^[a-z][:|](?:[\\/]|$)/i, text) === null) {
        url.path = base.path;
        shorten(url);
      }
    }
    appendPath(url, text);
    return true;
  }
  const next = StringPrototypeSlice(text, 1);
  if (next === '' || slashIn(url, next) !== 0) {
    if (base !== null) {
      url.host = base.host;
      const drive = RegExpPrototypeExec(/^\/[a-z]:(?![^/])/i, base.path);
      if (drive !== null && RegExpPrototypeExec(/^[a-z][:|](?:[\\/]|$)/i, next) === null) url.path = drive[0];
    }
    appendPath(url, next);
    return true;
  }
  const authority = StringPrototypeSlice(next, 1);
  const end = slashIn(url, authority);
  const hostText = StringPrototypeSlice(authority, 0, end);
  if (RegExpPrototypeExec(/^[a-z][:|]$/i, hostText) !== null) {
    appendPath(url, authority);
    return true;
  }
  if (!setFileHost(url, hostText)) return false;
  startPath(url, StringPrototypeSlice(authority, end));
  return true;
}

export function setFileHost(url: UrlRecord, text: string): boolean {
  const host = text === '' ? '' : parseHost(text);
  if (host === null) return false;
  url.host = host === 'localhost' ? '' : host;
  return true;
}

// "Authority state", "host state", "port state", then "path start state".
function parseAuthority(url: UrlRecord, text: string): boolean {
  const end = slashIn(url, text);
  let hostText = StringPrototypeSlice(text, 0, end);
  const at = StringPrototypeLastIndexOf(hostText, '@');
  if (at >= 0) {
    const credentials = StringPrototypeSlice(hostText, 0, at);
    const colon = StringPrototypeIndexOf(credentials, ':');
    url.username = percentEncode(colon < 0 ? credentials : StringPrototypeSlice(credentials, 0, colon), 'userinfo');
    if (colon >= 0) url.password = percentEncode(StringPrototypeSlice(credentials, colon + 1), 'userinfo');
    hostText = StringPrototypeSlice(hostText, at + 1);
    if (hostText === '') return false;
  }
  const colon = portColon(hostText);
  if (colon === 0 && hostText !== '') return false;
  const host = hostFrom(url, StringPrototypeSlice(hostText, 0, colon));
  if (host === null) return false;
  url.host = host;
  const port = StringPrototypeSlice(hostText, colon + 1);
  if (RegExpPrototypeExec(/^\d*/, port)![0] !== port || !setPort(url, port)) return false;
  startPath(url, StringPrototypeSlice(text, end));
  return true;
}

/** Where the colon before the port is, or the length; colons between brackets do not count. */
export function portColon(text: string): number {
  let from = 0;
  for (let open = StringPrototypeIndexOf(text, '['); open >= 0; open = StringPrototypeIndexOf(text, '[', from)) {
    const colon = StringPrototypeIndexOf(text, ':', from);
    if (colon >= 0 && colon < open) return colon;
    const close = StringPrototypeIndexOf(text, ']', open);
    if (close < 0) return text.length;
    from = close + 1;
  }
  const colon = StringPrototypeIndexOf(text, ':', from);
  return colon < 0 ? text.length : colon;
}

/** The host in `text` as the scheme wants it, or null. */
export function hostFrom(url: UrlRecord, text: string): string | null {
  return isSpecial(url) ? parseHost(text) : parseOpaqueHost(text);
}

/** `digits` may be empty. False when the number is too large. */
export function setPort(url: UrlRecord, digits: string): boolean {
  if (digits === '') return true;
  const port = +digits;
  if (port > 65535) return false;
  url.port = port === DEFAULT_PORTS[url.scheme] ? null : port;
  return true;
}
