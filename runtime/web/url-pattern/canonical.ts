// Gives the components of a pattern or of what is matched the form that they have in a URL: the canonicalization of
// the URL Pattern standard, on the steps of our own URL parser. Lazy.

import { RegExpPrototypeExec, StringPrototypeSlice, StringPrototypeToLowerCase, TypeError } from '../primordials.ts';
import { hostFrom, parseUrl, portColon, setPort, stripNewlines } from '../url/parse.ts';
import { startPath } from '../url/path.ts';
import { percentEncode } from '../url/percent.ts';
import { isSpecial, type UrlRecord } from '../url/record.ts';

const dummyUrl = (): UrlRecord => parseUrl('https://dummy.invalid/', null)!;

const refuse = (what: string, value: string): TypeError => new TypeError(`URLPattern: "${value}" is no valid ${what}`);

export const canonicalProtocol = (value: string): string => {
  const scheme = stripNewlines(value);
  if (scheme !== '' && RegExpPrototypeExec(/^[a-z][-+.a-z\d]*$/i, scheme) === null) throw refuse('protocol', value);
  return StringPrototypeToLowerCase(scheme);
};

/** Of a name or a password. */
export const canonicalUserinfo = (value: string): string => percentEncode(value, 'userinfo');

export const canonicalHostname = (value: string): string => {
  if (value === '') return value;
  const url = dummyUrl();
  const text = stripNewlines(value);
  const end = RegExpPrototypeExec(/[/\\?#]/, text);
  const name = end === null ? text : StringPrototypeSlice(text, 0, end.index);
  const host = portColon(name) < name.length ? null : hostFrom(url, name);
  if (host === null) throw refuse('host name', value);
  return host;
};

/** Part of an address in brackets. */
export const canonicalIpv6 = (value: string): string => {
  if (RegExpPrototypeExec(/[^[\]:0-9A-Fa-f]/, value) !== null) throw refuse('IPv6 address', value);
  return StringPrototypeToLowerCase(value);
};

/** `''` when it is the default of the protocol. */
export const canonicalPort = (value: string, protocol = ''): string => {
  if (value === '') return value;
  const url = dummyUrl();
  url.scheme = protocol;
  const digits = RegExpPrototypeExec(/^\d+/, stripNewlines(value));
  if (digits === null || !setPort(url, digits[0])) throw refuse('port', value);
  return url.port === null ? '' : `${url.port}`;
};

export const canonicalPathname = (value: string): string => {
  if (value === '') return value;
  const isRooted = value[0] === '/';
  const url = dummyUrl();
  url.path = '';
  // a segment of its own keeps the parser from taking a slash for granted, and dots from going anywhere
  startPath(url, stripNewlines(isRooted ? value : `/-${value}`));
  return isRooted ? url.path : StringPrototypeSlice(url.path, 2);
};

export const canonicalOpaquePathname = (value: string): string => {
  const end = RegExpPrototypeExec(/[?#]/, value);
  return percentEncode(stripNewlines(end === null ? value : StringPrototypeSlice(value, 0, end.index)), 'control');
};

export const canonicalSearch = (value: string): string => percentEncode(stripNewlines(value), 'special query');

export const canonicalHash = (value: string): string => percentEncode(stripNewlines(value), 'fragment');

/** Is `protocol` written out, and one of the special schemes? */
export const isSpecialProtocol = (protocol: string): boolean => {
  const url = dummyUrl();
  url.scheme = protocol;
  return isSpecial(url);
};

/** An address in brackets, or a group that begins like one? */
export const isIpv6Pattern = (hostname: string): boolean =>
  hostname.length > 1 && RegExpPrototypeExec(/^[\\{]?\[/, hostname) !== null;
