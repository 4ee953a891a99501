// The components of a pattern, or of what is matched, from a dictionary and its base URL: "process a URLPatternInit"
// of the URL Pattern standard. Lazy.

import {
  RegExpPrototypeExec,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
  TypeError,
} from '../primordials.ts';
import { parseUrl } from '../url/parse.ts';
import type { UrlRecord } from '../url/record.ts';
import {
  canonicalHash,
  canonicalHostname,
  canonicalOpaquePathname,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUserinfo,
  isSpecialProtocol,
} from './canonical.ts';
import { escapePattern } from './parts.ts';

export type ComponentName = 'protocol' | 'username' | 'password' | 'hostname' | 'port' | 'pathname' | 'search' | 'hash';

/** In the order of a URL. */
export const COMPONENTS: readonly ComponentName[] = [
  'protocol',
  'username',
  'password',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
];

export interface URLPatternInit extends Partial<Record<ComponentName, string>> {
  baseURL?: string;
}

/** What a component is made for: patterns keep their syntax, what is matched is canonicalised. */
export type Purpose = 'pattern' | 'url';

/** A copy whose members are strings, without a prototype. */
export const readInit = (value: unknown): URLPatternInit => {
  const init = emptyInit();
  if (value === undefined || value === null) return init;
  // in the order of the names, as Web IDL reads a dictionary
  const names = ['baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username'];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof URLPatternInit;
    const member = (value as URLPatternInit)[name];
    if (member !== undefined) init[name] = StringPrototypeToWellFormed(`${member}`);
  }
  return init;
};

export const emptyInit = (): URLPatternInit => ({ __proto__: null }) as URLPatternInit;

/** What every component of the URL is, as text. */
export const componentsOf = (url: UrlRecord): Record<ComponentName, string> =>
  ({
    __proto__: null,
    protocol: url.scheme,
    username: url.username,
    password: url.password,
    hostname: url.host ?? '',
    port: url.port === null ? '' : `${url.port}`,
    pathname: url.path,
    search: url.query ?? '',
    hash: url.fragment ?? '',
  }) as never;

/** Fills what `init` leaves open from its base URL; a component that neither gives is missing.
 * @throws TypeError when the base or a component is not valid */
export const processInit = (init: URLPatternInit, purpose: Purpose): URLPatternInit => {
  const result = emptyInit();
  const base = init.baseURL === undefined ? null : parseUrl(init.baseURL, null);
  if (base !== null) inherit(result, init, base, purpose);
  else if (init.baseURL !== undefined) throw new TypeError(`URLPattern: "${init.baseURL}" is no URL`);
  const canonical = purpose === 'url';
  if (init.protocol !== undefined) {
    const protocol = withoutEnd(init.protocol, ':');
    result.protocol = canonical ? canonicalProtocol(protocol) : protocol;
  }
  if (init.username !== undefined) result.username = canonical ? canonicalUserinfo(init.username) : init.username;
  if (init.password !== undefined) result.password = canonical ? canonicalUserinfo(init.password) : init.password;
  if (init.hostname !== undefined) result.hostname = canonical ? canonicalHostname(init.hostname) : init.hostname;
  const protocol = result.protocol ?? '';
  if (init.port !== undefined) result.port = canonical ? canonicalPort(init.port, protocol) : init.port;
  if (init.pathname !== undefined) result.pathname = pathnameOf(init.pathname, base, protocol, purpose);
  if (init.search !== undefined) {
    const search = withoutStart(init.search, '?');
    result.search = canonical ? canonicalSearch(search) : search;
  }
  if (init.hash !== undefined) {
    const hash = withoutStart(init.hash, '#');
    result.hash = canonical ? canonicalHash(hash) : hash;
  }
  return result;
};

// A component comes from the base when neither it nor anything before it is given.
const inherit = (result: URLPatternInit, init: URLPatternInit, base: UrlRecord, purpose: Purpose): void => {
  const from = componentsOf(base);
  const text = (value: string): string => (purpose === 'pattern' ? escapePattern(value) : value);
  if (init.protocol !== undefined) return;
  result.protocol = text(from.protocol);
  const hasHost = init.hostname !== undefined;
  const hasPort = init.port !== undefined;
  if (purpose === 'url' && !hasHost && !hasPort && init.username === undefined) {
    result.username = from.username;
    if (init.password === undefined) result.password = from.password;
  }
  if (hasHost) return;
  result.hostname = text(from.hostname);
  if (hasPort) return;
  result.port = from.port;
  if (init.pathname !== undefined) return;
  result.pathname = text(from.pathname);
  if (init.search !== undefined) return;
  result.search = text(from.search);
  if (init.hash === undefined) result.hash = text(from.hash);
};

const pathnameOf = (given: string, base: UrlRecord | null, protocol: string, purpose: Purpose): string => {
  let pathname = given;
  if (base !== null && !base.opaque && !isAbsolute(pathname, purpose)) {
    const basePath = purpose === 'pattern' ? escapePattern(base.path) : base.path;
    const slash = StringPrototypeLastIndexOf(basePath, '/');
    if (slash >= 0) pathname = StringPrototypeSlice(basePath, 0, slash + 1) + pathname;
  }
  if (purpose === 'pattern') return pathname;
  return protocol === '' || isSpecialProtocol(protocol)
    ? canonicalPathname(pathname)
    : canonicalOpaquePathname(pathname);
};

const isAbsolute = (pathname: string, purpose: Purpose): boolean =>
  RegExpPrototypeExec(purpose === 'url' ? /^\// : /^[\\{]?\//, pathname) !== null;

const withoutStart = (text: string, start: string): string =>
  text[0] === start ? StringPrototypeSlice(text, 1) : text;

const withoutEnd = (text: string, end: string): string =>
  text !== '' && text[text.length - 1] === end ? StringPrototypeSlice(text, 0, -1) : text;
