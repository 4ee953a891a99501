// `URLPattern` of the URL Pattern standard. Lazy. Its parts are in `url-pattern/`: tokens, parts of a component, the
// compiled component, canonical forms, and the two ways to write a pattern.

// biome-ignore-all lint/complexity/noArguments: Web IDL picks an overload by the count of the arguments

import { defineInterface } from './fetch/interface.ts';
import {
  ArrayPrototypePush,
  isObject,
  RegExpPrototypeExec,
  StringPrototypeToWellFormed,
  TypeError,
} from './primordials.ts';
import { parseUrl } from './url/parse.ts';
import { DEFAULT_PORTS } from './url/record.ts';
import {
  canonicalHash,
  canonicalHostname,
  canonicalIpv6,
  canonicalOpaquePathname,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUserinfo,
  isIpv6Pattern,
} from './url-pattern/canonical.ts';
import { type Component, compileComponent, matchesSpecialScheme } from './url-pattern/component.ts';
import { parseConstructorString } from './url-pattern/constructor-string.ts';
import {
  COMPONENTS,
  type ComponentName,
  componentsOf,
  emptyInit,
  processInit,
  readInit,
  type URLPatternInit,
} from './url-pattern/init.ts';

export type { URLPatternInit } from './url-pattern/init.ts';

export type URLPatternInput = string | URLPatternInit;

export interface URLPatternOptions {
  ignoreCase?: boolean;
}

export interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

export interface URLPatternResult extends Record<ComponentName, URLPatternComponentResult> {
  inputs: URLPatternInput[];
}

type Components = Record<ComponentName, Component>;

export class URLPattern {
  readonly #components: Components;

  constructor(input?: URLPatternInput, baseURL?: string, options?: URLPatternOptions);
  constructor(input?: URLPatternInput, options?: URLPatternOptions);
  constructor(input: URLPatternInput = {}, second?: string | URLPatternOptions, third?: URLPatternOptions) {
    const hasBase = arguments.length > 2 || (second !== undefined && second !== null && !isObject(second));
    const base = hasBase ? StringPrototypeToWellFormed(`${second as string}`) : undefined;
    const options = (hasBase ? third : second) as URLPatternOptions | null | undefined;
    if (options !== undefined && options !== null && !isObject(options)) {
      throw new TypeError(`URLPattern: options must be an object, got ${typeof options}`);
    }
    const ignoreCase = Boolean(options?.ignoreCase);
    this.#components = compile(patternInit(input, base), ignoreCase);
  }

  get protocol(): string {
    return this.#components.protocol.pattern;
  }

  get username(): string {
    return this.#components.username.pattern;
  }

  get password(): string {
    return this.#components.password.pattern;
  }

  get hostname(): string {
    return this.#components.hostname.pattern;
  }

  get port(): string {
    return this.#components.port.pattern;
  }

  get pathname(): string {
    return this.#components.pathname.pattern;
  }

  get search(): string {
    return this.#components.search.pattern;
  }

  get hash(): string {
    return this.#components.hash.pattern;
  }

  get hasRegExpGroups(): boolean {
    for (let i = 0; i < COMPONENTS.length; i++) {
      if (this.#components[COMPONENTS[i]!].hasRegExpGroups) return true;
    }
    return false;
  }

  test(input: URLPatternInput = {}, baseURL?: string): boolean {
    return match(this.#components, input, baseURL) !== null;
  }

  exec(input: URLPatternInput = {}, baseURL?: string): URLPatternResult | null {
    return match(this.#components, input, baseURL);
  }
}

defineInterface(URLPattern, 'URLPattern');

const patternInit = (input: unknown, base: string | undefined): URLPatternInit => {
  if (input === undefined || input === null || isObject(input)) {
    if (base !== undefined) throw new TypeError('URLPattern: a base URL goes with a string only, not with an object');
    return readInit(input);
  }
  const init = parseConstructorString(StringPrototypeToWellFormed(`${input as string}`));
  if (base !== undefined) init.baseURL = base;
  else if (init.protocol === undefined) throw new TypeError(`URLPattern: "${input}" has no protocol and no base URL`);
  return init;
};

const compile = (init: URLPatternInit, ignoreCase: boolean): Components => {
  const given = processInit(init, 'pattern');
  for (let i = 0; i < COMPONENTS.length; i++) given[COMPONENTS[i]!] ??= '*';
  const { protocol, username, password, hostname, port, pathname, search, hash } = given as Record<
    ComponentName,
    string
  >;
  const plain = { delimiter: '', prefix: '', ignoreCase: false };
  const cased = { delimiter: '', prefix: '', ignoreCase };
  const protocolComponent = compileComponent(protocol, canonicalProtocol, plain);
  const isDefaultPort = port !== '' && `${DEFAULT_PORTS[protocol]}` === port;
  const isIpv6 = isIpv6Pattern(hostname);
  return {
    protocol: protocolComponent,
    username: compileComponent(username, canonicalUserinfo, plain),
    password: compileComponent(password, canonicalUserinfo, plain),
    hostname: compileComponent(hostname, isIpv6 ? canonicalIpv6 : canonicalHostname, { ...plain, delimiter: '.' }),
    port: compileComponent(isDefaultPort ? '' : port, canonicalPort, plain),
    pathname: matchesSpecialScheme(protocolComponent)
      ? compileComponent(pathname, canonicalPathname, { delimiter: '/', prefix: '/', ignoreCase })
      : compileComponent(pathname, canonicalOpaquePathname, cased),
    search: compileComponent(search, canonicalSearch, cased),
    hash: compileComponent(hash, canonicalHash, cased),
  };
};

const match = (components: Components, input: unknown, baseURL: string | undefined): URLPatternResult | null => {
  const base = baseURL === undefined ? undefined : StringPrototypeToWellFormed(`${baseURL}`);
  const inputs: URLPatternInput[] = [];
  const texts = textsOf(input, base, inputs);
  if (texts === null) return null;
  const result = { inputs } as URLPatternResult;
  for (let i = 0; i < COMPONENTS.length; i++) {
    const name = COMPONENTS[i]!;
    const text = texts[name] ?? '';
    const { expression, names } = components[name];
    const found = RegExpPrototypeExec(expression, text);
    if (found === null) return null;
    const groups: Record<string, string | undefined> = {};
    for (let k = 0; k < names.length; k++) groups[names[k]!] = found[k + 1];
    result[name] = { input: text, groups };
  }
  return result;
};

/** What each component is matched against; null when the input is no URL. Adds to `inputs` what was given. */
const textsOf = (input: unknown, base: string | undefined, inputs: URLPatternInput[]): URLPatternInit | null => {
  if (input === undefined || input === null || isObject(input)) {
    if (base !== undefined) throw new TypeError('URLPattern: a base URL goes with a string only, not with an object');
    const init = readInit(input);
    ArrayPrototypePush(inputs, (input ?? emptyInit()) as URLPatternInit);
    try {
      return processInit(init, 'url');
    } catch {
      return null;
    }
  }
  const text = StringPrototypeToWellFormed(`${input as string}`);
  ArrayPrototypePush(inputs, text);
  if (base !== undefined) ArrayPrototypePush(inputs, base);
  const baseUrl = base === undefined ? null : parseUrl(base, null);
  if (base !== undefined && baseUrl === null) return null;
  const url = parseUrl(text, baseUrl);
  return url === null ? null : componentsOf(url);
};
