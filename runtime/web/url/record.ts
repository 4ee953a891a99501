// What a URL is once it is parsed. The parser fills it, the setters of `URL` change it, `serialize.ts` writes it out.

export interface UrlRecord {
  /** Without the colon. */
  scheme: string;
  username: string;
  password: string;
  /** Serialised. `''` differs from null: it is written as `//`. */
  host: string | null;
  /** Null when it is the default of the scheme. */
  port: number | null;
  /** Opaque (`opaque`), or a list of segments, each written with a `/` before it; `''` is the empty list. */
  path: string;
  opaque: boolean;
  query: string | null;
  fragment: string | null;
}

/** Undefined: the scheme is not special. Null: special without a default port. */
export const DEFAULT_PORTS: Record<string, number | null> = {
  __proto__: null,
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  ftp: 21,
  file: null,
};

export function isSpecial(url: UrlRecord): boolean {
  return DEFAULT_PORTS[url.scheme] !== undefined;
}
