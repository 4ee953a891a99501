// A small HTTP client for black-box tests. Node's `fetch` forbids `Host` and hides what arrives raw; this one sends what
// it is told, and never throws for a status. `raw` speaks bytes over a socket, for requests that no client would send.
import { type Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';

export interface Init {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  signal?: AbortSignal;
  /** Undefined: a connection of its own. */
  agent?: Agent | undefined;
  /** The request fails when it takes longer. */
  timeoutMs?: number;
}

export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  bytes: Buffer;
  text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it has asked for
  json: any;
  /** `x-tine-error`, or undefined. */
  code: string | undefined;
  /** From the start of the request to the last byte. */
  ms: number;
}

const TIMEOUT_MS = 20_000;

/** Sends one request to `url`, whatever `Host` says. @throws when the connection fails, or breaks off in the body */
export function send(
  url: string,
  { method = 'GET', headers = {}, body, signal, agent, timeoutMs = TIMEOUT_MS }: Init = {},
): Promise<Reply> {
  const start = performance.now();
  const timeout = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const options = { hostname, port, path: url.slice(new URL(url).origin.length) || '/', method, headers, agent };
    const outgoing = request({
      ...options,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    outgoing.on('response', (response) => {
      read(response, start).then(resolve, reject);
    });
    outgoing.on('error', reject);
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body);
    else void pour(body, outgoing).catch(reject);
  });
}

async function pour(body: AsyncIterable<string | Uint8Array>, outgoing: ReturnType<typeof request>): Promise<void> {
  for await (const chunk of body) {
    // The server may have answered and closed before all was sent.
    if (outgoing.destroyed || outgoing.writableEnded) return;
    if (!outgoing.write(chunk)) {
      await new Promise<void>((resolve) => {
        outgoing.once('drain', resolve);
        outgoing.once('close', resolve);
        outgoing.once('response', () => resolve());
      });
    }
  }
  outgoing.end();
}

async function read(response: IncomingMessage, start: number): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { statusCode: status = 0, headers, rawHeaders } = response;
  return {
    status,
    headers,
    rawHeaders,
    bytes,
    get text() {
      return bytes.toString();
    },
    get json() {
      return JSON.parse(bytes.toString());
    },
    code: headers['x-tine-error'] as string | undefined,
    ms: performance.now() - start,
  };
}

export interface RawReply {
  /** All that came, in latin1. */
  text: string;
  /** Status of each answer in it. */
  statuses: number[];
  /** The server has closed the connection; false: it was open when `waitMs` was over. */
  closed: boolean;
}

export interface RawOptions {
  waitMs?: number;
  /** Looks at all that came so far. */
  enough?: (text: string) => boolean;
  /** Written to the same connection when it resolves. */
  later?: Promise<string>;
}

/** Writes `bytes` as they are and reads until the server closes, until `enough` says so, or `waitMs` long. */
export function raw(
  url: string,
  bytes: string | Uint8Array,
  { waitMs = 5_000, enough = () => false, later }: RawOptions = {},
): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const done = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({
        text,
        closed,
        statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
      });
    };
    const timer = setTimeout(() => done(false), waitMs);
    void later?.then((more) => socket.writable && socket.write(more));
    socket.on('connect', () => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (enough(text)) done(false);
    });
    socket.on('end', () => done(true));
    socket.on('error', () => done(true));
  });
}
