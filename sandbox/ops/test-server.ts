// A server on loopback for the tests of this folder, and fetch ops that may reach it. No part of the product.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { type FetchOptions, makeFetchOp } from './fetch.ts';
import type { OpArgs, OpError, OpResult, OwnOp } from './op.ts';
import type { TestRun } from './test-run.ts';

export interface TestServer {
  /** `http://127.0.0.1:port` */
  origin: string;
  port: number;
  /** What has come in. */
  requests: IncomingMessage[];
  connections: number;
}

export async function serve(
  t: ExecutionContext,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  host = '127.0.0.1',
): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const handle: RequestListener = (request, response) => {
    requests.push(request);
    listener(request, response);
  };
  return listen(t, createServer(handle), host, requests);
}

/** A server that speaks for itself, byte by byte. */
export function serveRaw(t: ExecutionContext, listener: (socket: Socket) => void): Promise<TestServer> {
  return listen(t, createTcpServer(listener), '127.0.0.1', []);
}

async function listen(
  t: ExecutionContext,
  server: Server,
  host: string,
  requests: IncomingMessage[],
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const counted: TestServer = { origin: '', port: 0, requests, connections: 0 };
  server.on('connection', (socket) => {
    counted.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, host);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  counted.port = (server.address() as AddressInfo).port;
  counted.origin = `http://${host}:${counted.port}`;
  return counted;
}

/** What a fetch gave, the way a guest would see it. */
export interface Fetched {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: string[];
  body: 'none' | 'bytes' | 'stream';
  bytes: Uint8Array | undefined;
}

export type TestFetch = (
  run: TestRun,
  arg: Partial<OpArgs['fetch']> & { url: string },
  more?: { id?: number; bytes?: Uint8Array; signal?: AbortSignal },
) => Promise<Fetched>;

/** A fetch op that may reach 127/8, and is patient with small bodies, unless told otherwise. */
export function fetcher(t: ExecutionContext, options: Partial<FetchOptions> = {}): TestFetch {
  const op = makeFetchOp({ allowPrivate: ['127.0.0.0/8'], inlineWaitMs: 10_000, ...options });
  t.teardown(() => op.close());
  return async (run, arg, { id = 1, bytes = new Uint8Array(), signal = run.signal } = {}) => {
    const own: OwnOp = { id, signal };
    const full: OpArgs['fetch'] = { method: 'GET', headers: [], redirect: 'follow', body: 'none', ...arg };
    const result: OpResult = await op.perform(full, run, bytes, own);
    return { ...(result.value as Omit<Fetched, 'bytes'>), bytes: result.bytes };
  };
}

/** The whole body of what a fetch gave, inlined or streamed. */
export async function bodyOf(run: TestRun, fetched: Fetched, id = 1): Promise<Buffer> {
  if (fetched.body !== 'stream') return Buffer.from(fetched.bytes ?? []);
  const source = run.bodies.get(id)!;
  const chunks: Uint8Array[] = [];
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Name and message of what a fetch rejects with, as the guest reads them. */
export async function failure(fetched: Promise<unknown>): Promise<string> {
  try {
    await fetched;
    return 'no failure';
  } catch (error) {
    const { name, message } = error as OpError;
    return `${name}: ${message}`;
  }
}

export function headersOf(fetched: Fetched): Record<string, string> {
  const entries: [string, string][] = [];
  for (let at = 0; at < fetched.headers.length; at += 2) {
    entries.push([fetched.headers[at]!.toLowerCase(), fetched.headers[at + 1]!]);
  }
  return Object.fromEntries(entries);
}
