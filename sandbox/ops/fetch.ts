// The op `fetch`: a subrequest over HTTP. The address is what matters: a name is resolved once, every address it has
// must be allowed, and the connection goes to one of those very addresses, so that a name which answers differently a
// moment later reaches nothing. Redirects are followed here, each hop checked and counted like the first.
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { BOUNDS } from '../limits.ts';
import { type AddressCheck, makeAddressCheck } from './address.ts';
import { DecodedBody, encodingsOf } from './decode.ts';
import { BlockedAddress, fetchError, notAllowed } from './fetch-error.ts';
import { incomingHeaders, outgoingHeaders, valueOf } from './fetch-headers.ts';
import { fetchSchema } from './fetch-schema.ts';
import {
  type BodySource,
  limitReached,
  type Op,
  type OpArgs,
  OpError,
  type OpResult,
  type OpRun,
  type OwnOp,
} from './op.ts';
import { type Hop, type HopBody, isRedirect, nextHop, parseTarget, REDIRECTS_MAX } from './redirect.ts';
import { INLINE_BYTES, StreamBody, takeSmall } from './stream-body.ts';
import { Upload, uploadsOf } from './upload.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** All addresses of a name; rejects when it has none. */
export type Resolver = (hostname: string) => Promise<ResolvedAddress[]>;

export interface FetchOptions {
  /** CIDRs that guests may reach though they are not public. */
  allowPrivate: readonly string[];
  resolver?: Resolver;
  /** Of name and connection together; 10 s. */
  connectTimeoutMs?: number;
  /** How long a head waits for a body that is known to be small, or has to be decoded; 10 ms. */
  inlineWaitMs?: number;
}

interface FetchOp extends Op<'fetch'> {
  /** Ends the connections that are kept open between requests, and whatever still runs. */
  close(): Promise<void>;
}

/** Names below `localhost` are loopback (RFC 6761), which not every system knows: a program may have such a name. */
const systemResolver: Resolver = async (hostname) =>
  /(^|\.)localhost\.?$/i.test(hostname)
    ? [{ address: '127.0.0.1', family: 4 }]
    : await systemLookup(hostname, { all: true });

/** Methods that change what a connection is (Fetch, forbidden methods). */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
/** A connection that nobody uses is kept this long, whatever the server proposes. */
const KEEP_ALIVE_MS = 4_000;

/** @throws RangeError when `allowPrivate` has something that is no address range */
export function makeFetchOp({
  allowPrivate,
  resolver = systemResolver,
  connectTimeoutMs = 10_000,
  inlineWaitMs = 10,
}: FetchOptions): FetchOp {
  const isAllowed = makeAddressCheck(allowPrivate);
  const agent = new Agent({
    // HTTP/1.1 only: what a hostile HTTP/2 server can do to a client is a longer list.
    allowH2: false,
    connect: { lookup: guardedLookup(resolver, isAllowed), timeout: connectTimeoutMs },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: BOUNDS.responseHeaderBytes,
    // The wall limit of the run ends what is slow.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    schema: fetchSchema,
    perform: (arg, run, bytes, own) => performFetch({ agent, isAllowed, inlineWaitMs, arg, run, own }, bytes),
    close: () => agent.destroy(),
  };
}

interface Fetch {
  agent: Agent;
  isAllowed: AddressCheck;
  inlineWaitMs: number;
  arg: OpArgs['fetch'];
  run: OpRun;
  own: OwnOp;
}

async function performFetch(fetch: Fetch, bytes: Uint8Array): Promise<OpResult> {
  // Opened before the first wait: `send` ops of the same slice look for the upload.
  let close = () => {};
  try {
    const opened = openBody(fetch, bytes);
    close = opened.close;
    const { response, hop, redirected } = await follow(fetch, firstHop(fetch, opened.body));
    response.body.once('close', close);
    return await finish(fetch, response, hop, redirected);
  } catch (error) {
    close();
    throw readable(fetch, error);
  }
}

/** The body that goes out; `close` says that nobody will read the rest of it. */
function openBody({ arg, run, own }: Fetch, bytes: Uint8Array): { body: HopBody; close: () => void } {
  switch (arg.body) {
    case 'none':
      return { body: undefined, close() {} };
    case 'bytes':
      return { body: bytes, close() {} };
    case 'stream': {
      const upload = new Upload();
      uploadsOf(run).set(own.id, upload);
      const close = () => {
        upload.cut();
        uploadsOf(run).delete(own.id);
      };
      return { body: upload, close };
    }
    case 'pipe': {
      const from = arg.from as number;
      const source = run.bodies.get(from);
      if (source === undefined) throw new OpError('TypeError', 'body has already been read');
      // From here on it belongs to this request: nobody else may read it.
      run.bodies.delete(from);
      return { body: drain(source), close: () => source.cancel() };
    }
  }
}

async function* drain(source: BodySource): AsyncGenerator<Uint8Array> {
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) yield chunk;
}

function firstHop({ arg, run }: Fetch, body: HopBody): Hop {
  const method = arg.method;
  if (FORBIDDEN_METHODS.has(method.toUpperCase())) {
    throw new OpError('TypeError', `fetch: method ${method} is not allowed`);
  }
  // The hop beyond the last one still goes out: it is the ingress that answers it, with `loop_detected`.
  if (run.hops > BOUNDS.hops) {
    throw new OpError('TypeError', 'fetch: this request passed through this server too often');
  }
  const url = parseTarget(arg.url);
  if (url.username !== '' || url.password !== '') {
    throw new OpError('TypeError', 'fetch: a URL with user name or password is not allowed');
  }
  return { method, url, headers: outgoingHeaders(arg.headers, run), body };
}

interface Arrived {
  response: Dispatcher.ResponseData;
  hop: Hop;
  redirected: boolean;
}

async function follow(fetch: Fetch, first: Hop): Promise<Arrived> {
  const { arg } = fetch;
  let hop = first;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(fetch, hop);
    const location = isRedirect(response.statusCode) ? valueOf(rawHeaders(response), 'location') : undefined;
    if (location === undefined || arg.redirect === 'manual') return { response, hop, redirected: redirects > 0 };
    // Read to its end when it is short, so that the connection can be used again.
    response.body.dump({ limit: INLINE_BYTES }).catch(() => {});
    if (arg.redirect === 'error') throw new OpError('TypeError', 'fetch: the response is a redirect');
    if (redirects === REDIRECTS_MAX) throw new OpError('TypeError', `fetch: more than ${REDIRECTS_MAX} redirects`);
    hop = nextHop(hop, response.statusCode, location);
  }
}

function send({ agent, isAllowed, run, own }: Fetch, hop: Hop): Promise<Dispatcher.ResponseData> {
  if (run.subrequests >= run.limits.subrequests) throw limitReached(run.limits.subrequests, 'subrequests per request');
  run.subrequests += 1;
  const { url } = hop;
  // An address in the URL is never looked up, so the guarded lookup would not see it.
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  if (isIP(host) !== 0 && !isAllowed(host)) throw new BlockedAddress();
  return agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: hop.method,
    headers: hop.headers,
    // The types do not know that any iterable of bytes will do.
    body: (hop.body ?? null) as Uint8Array | null,
    signal: own.signal,
    responseHeaders: 'raw',
  });
}

async function finish(
  { run, own, inlineWaitMs }: Fetch,
  response: Dispatcher.ResponseData,
  hop: Hop,
  redirected: boolean,
) {
  const raw = rawHeaders(response);
  const url = new URL(hop.url);
  url.hash = '';
  const head = { status: response.statusCode, statusText: response.statusText, url: url.href, redirected };
  try {
    if (hop.method === 'HEAD' || NULL_BODY.has(response.statusCode)) {
      const value = { ...head, headers: incomingHeaders(raw, 'as_sent'), body: 'none' };
      response.body.dump({ limit: INLINE_BYTES }).catch(() => {});
      return { value };
    }
    const encodings = encodingsOf(valueOf(raw, 'content-encoding'));
    const decoded = encodings.length > 0;
    const headers = incomingHeaders(raw, decoded ? 'decoded' : 'as_sent');
    const sent = new StreamBody(response.body);
    const source = decoded ? new DecodedBody(sent, encodings, run.limits.bodyBytes) : sent;
    const isSmall = decoded || Number(valueOf(raw, 'content-length') ?? Number.NaN) <= INLINE_BYTES;
    const body = await takeSmall(source, isSmall ? inlineWaitMs : 0);
    if (body instanceof Uint8Array) return { value: { ...head, headers, body: 'bytes' }, bytes: body };
    if (own.signal.aborted) throw own.signal.reason;
    run.bodies.set(own.id, body);
    return { value: { ...head, headers, body: 'stream' } };
  } catch (error) {
    response.body.on('error', () => {}).destroy();
    throw error;
  }
}

/** With `responseHeaders: 'raw'` they come flat, as they were sent, whatever the types say. */
function rawHeaders(response: Dispatcher.ResponseData): string[] {
  return response.headers as unknown as string[];
}

function readable({ arg, run }: Fetch, error: unknown): OpError {
  const shown = fetchError(error);
  if (shown.message === notAllowed().message) {
    const host = URL.parse(arg.url)?.host ?? 'unknown';
    run.warn('blocked_address', `fetch to ${host} was refused: it leads to an address that is not public`);
  }
  return shown;
}

/** What sockets ask for the addresses of a name. They connect to what it gives, and ask nobody else. */
function guardedLookup(resolver: Resolver, isAllowed: AddressCheck): LookupFunction {
  const resolve = async (hostname: string): Promise<ResolvedAddress[]> => {
    const found = await resolver(hostname);
    if (found.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
    // One bad address condemns all: a name that mixes them is made to slip through.
    if (!found.every(({ address }) => isAllowed(address))) throw new BlockedAddress();
    return found;
  };
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        if (options.all) callback(null, found);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error) => callback(error, ''),
    );
  };
}
