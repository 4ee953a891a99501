// `URL` of the URL standard: a record of `parse.ts` behind accessors. The setters run the parser's steps on one part
// and leave the URL as it was when the part is not valid.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { addViewer } from '../console/view.ts';
import { requireArguments } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import { RegExpPrototypeExec, StringPrototypeSlice, StringPrototypeToLowerCase, TypeError } from '../primordials.ts';
import { hostFrom, parseUrl, portColon, setFileHost, setPort, stripNewlines } from './parse.ts';
import { appendPath, startPath } from './path.ts';
import { percentEncode } from './percent.ts';
import { DEFAULT_PORTS, isSpecial, type UrlRecord } from './record.ts';
import { linkedParams, refillParams, type URLSearchParams, usvString } from './search-params.ts';
import { serializeHost, serializeOrigin, serializeUrl } from './serialize.ts';

export class URL {
  #url: UrlRecord;
  #params: URLSearchParams | null = null;

  static {
    addViewer((value) =>
      #url in value ? { name: 'URL', kind: 'members', rows: [['href', serializeUrl(value.#url)]] } : undefined,
    );
  }

  // Parameters with a default do not count for `length`, as optional ones do not in Web IDL.
  constructor(url: string, base: string | undefined = undefined) {
    requireArguments(arguments.length, 1, 'URL');
    const text = usvString(url);
    const against = base === undefined ? undefined : usvString(base);
    const record = resolve(text, against);
    if (record === null) throw invalid(text, against);
    this.#url = record;
  }

  static parse(url: string, base: string | undefined = undefined): URL | null {
    requireArguments(arguments.length, 1, 'URL.parse');
    const record = resolve(usvString(url), base === undefined ? undefined : usvString(base));
    if (record === null) return null;
    const made = new URL('a:');
    made.#url = record;
    return made;
  }

  static canParse(url: string, base: string | undefined = undefined): boolean {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return resolve(usvString(url), base === undefined ? undefined : usvString(base)) !== null;
  }

  get href(): string {
    return serializeUrl(this.#url);
  }

  set href(value: string) {
    const text = usvString(value);
    const record = parseUrl(text, null);
    if (record === null) throw invalid(text);
    this.#url = record;
    this.#refill();
  }

  get origin(): string {
    return serializeOrigin(this.#url);
  }

  get protocol(): string {
    return `${this.#url.scheme}:`;
  }

  set protocol(value: string) {
    const url = this.#url;
    const match = RegExpPrototypeExec(/^([a-z][-+.a-z\d]*)(?::|$)/i, stripNewlines(usvString(value)));
    if (match === null) return;
    const scheme = StringPrototypeToLowerCase(match[1]!);
    if ((DEFAULT_PORTS[scheme] !== undefined) !== isSpecial(url)) return;
    if (scheme === 'file' && (url.username !== '' || url.password !== '' || url.port !== null)) return;
    if (url.scheme === 'file' && url.host === '') return;
    url.scheme = scheme;
    if (url.port === DEFAULT_PORTS[scheme]) url.port = null;
  }

  get username(): string {
    return this.#url.username;
  }

  set username(value: string) {
    const text = usvString(value);
    if (takesPort(this.#url)) this.#url.username = percentEncode(text, 'userinfo');
  }

  get password(): string {
    return this.#url.password;
  }

  set password(value: string) {
    const text = usvString(value);
    if (takesPort(this.#url)) this.#url.password = percentEncode(text, 'userinfo');
  }

  get host(): string {
    return serializeHost(this.#url);
  }

  set host(value: string) {
    setHost(this.#url, usvString(value), 'host and port');
  }

  get hostname(): string {
    return this.#url.host ?? '';
  }

  set hostname(value: string) {
    setHost(this.#url, usvString(value), 'host');
  }

  get port(): string {
    return this.#url.port === null ? '' : `${this.#url.port}`;
  }

  set port(value: string) {
    const text = usvString(value);
    if (!takesPort(this.#url)) return;
    const digits = RegExpPrototypeExec(/^\d+/, stripNewlines(text));
    if (text === '') this.#url.port = null;
    else if (digits !== null) setPort(this.#url, digits[0]);
  }

  get pathname(): string {
    return this.#url.path;
  }

  set pathname(value: string) {
    const url = this.#url;
    const text = stripNewlines(usvString(value));
    if (url.opaque) return;
    url.path = '';
    if (text === '' && url.host === null) appendPath(url, text);
    else startPath(url, text);
  }

  get search(): string {
    const { query } = this.#url;
    return query === null || query === '' ? '' : `?${query}`;
  }

  set search(value: string) {
    const url = this.#url;
    const text = usvString(value);
    if (text === '') {
      url.query = null;
      stripTrailingSpaces(url);
    } else {
      const query = stripNewlines(text[0] === '?' ? StringPrototypeSlice(text, 1) : text);
      url.query = percentEncode(query, isSpecial(url) ? 'special query' : 'query');
    }
    this.#refill();
  }

  get searchParams(): URLSearchParams {
    this.#params ??= linkedParams(this.#url.query ?? '', (query) => {
      this.#url.query = query === '' ? null : query;
      stripTrailingSpaces(this.#url);
    });
    return this.#params;
  }

  get hash(): string {
    const { fragment } = this.#url;
    return fragment === null || fragment === '' ? '' : `#${fragment}`;
  }

  set hash(value: string) {
    const url = this.#url;
    const text = usvString(value);
    if (text === '') {
      url.fragment = null;
      stripTrailingSpaces(url);
    } else {
      url.fragment = percentEncode(stripNewlines(text[0] === '#' ? StringPrototypeSlice(text, 1) : text), 'fragment');
    }
  }

  toString(): string {
    return serializeUrl(this.#url);
  }

  toJSON(): string {
    return serializeUrl(this.#url);
  }

  #refill(): void {
    if (this.#params !== null) refillParams(this.#params, this.#url.query ?? '');
  }
}

defineInterface(URL, 'URL');

function resolve(text: string, base: string | undefined): UrlRecord | null {
  if (base === undefined) return parseUrl(text, null);
  const record = parseUrl(base, null);
  return record === null ? null : parseUrl(text, record);
}

function invalid(text: string, base?: string): TypeError {
  return new TypeError(`Invalid URL: "${text}"${base === undefined ? '' : ` with base "${base}"`}`);
}

/** May it have a name, a password and a port? */
function takesPort(url: UrlRecord): boolean {
  return url.host !== null && url.host !== '' && url.scheme !== 'file';
}

// "Host state" and "hostname state" with a state override.
function setHost(url: UrlRecord, value: string, parts: 'host' | 'host and port'): void {
  if (url.opaque) return;
  const text = stripNewlines(value);
  const end = RegExpPrototypeExec(isSpecial(url) ? /[/\\?#]/ : /[/?#]/, text);
  const all = end === null ? text : StringPrototypeSlice(text, 0, end.index);
  if (url.scheme === 'file') {
    setFileHost(url, all);
    return;
  }
  const colon = portColon(all);
  if (colon < all.length && (colon === 0 || parts === 'host')) return;
  const hostText = StringPrototypeSlice(all, 0, colon);
  if (hostText === '' && (isSpecial(url) || url.username !== '' || url.password !== '' || url.port !== null)) return;
  const host = hostFrom(url, hostText);
  if (host === null) return;
  url.host = host;
  const digits = RegExpPrototypeExec(/^\d+/, StringPrototypeSlice(all, colon + 1));
  if (digits !== null) setPort(url, digits[0]);
}

// An opaque path may only end in spaces while something follows it.
function stripTrailingSpaces(url: UrlRecord): void {
  if (!url.opaque || url.query !== null || url.fragment !== null) return;
  let end = url.path.length;
  while (end > 0 && url.path[end - 1] === ' ') end--;
  url.path = StringPrototypeSlice(url.path, 0, end);
}
