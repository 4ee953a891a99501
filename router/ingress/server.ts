// The HTTP server of the data plane: time limits, raw errors of Node's parser in tine's form, and a stop that resets
// nobody. What happens to a well-formed request is in `app.ts`.
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type Koa from 'koa';
import type { Code } from '#sandbox';
import { HTTP } from '../limits.ts';
import { problemOf } from '../problem.ts';
import { requestIdOf } from './head.ts';

const SWEEP_MS = 100;

export function makeServer(app: Pick<Koa, 'callback'>): Server {
  const server = createServer(
    {
      maxHeaderSize: HTTP.headerBytesMax,
      headersTimeout: HTTP.headersTimeoutMs,
      requestTimeout: HTTP.requestTimeoutMs,
      keepAliveTimeout: HTTP.keepAliveTimeoutMs,
      connectionsCheckingInterval: HTTP.connectionsCheckMs,
      requireHostHeader: false, // answered by `readHead`, in the form of all errors
      noDelay: true,
      // Others, as the `h2c` that some clients offer with every request, may be ignored.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    app.callback(),
  );
  // All of them: what is past Node's own limit of 2,000 would not be seen by any check. Their bytes are bounded.
  server.maxHeadersCount = 0;
  // Without a listener Node would ask for every body, also for one that is refused by its length.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.maxConnections = HTTP.connectionsMax;
  server.maxRequestsPerSocket = HTTP.requestsPerSocketMax;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerRaw(socket, codeOfParser(error)));
  // tine has no WebSockets in this version.
  server.on('upgrade', (request, socket) =>
    answerRaw(socket, 'upgrade_required', requestIdOf(String(request.headers['x-request-id'] ?? ''))),
  );
  server.on('connect', (_request, socket) => answerRaw(socket, 'method_not_allowed'));
  return server;
}

/** Sockets of a server, from the first byte on: Node does not count those that have not sent a request as idle. */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Closes those on which no request is being answered. */
  closeIdle(): void {
    for (const socket of this.#sockets) if (responseOf(socket) === undefined) socket.destroySoon();
  }
}

/** Closes connections that are idle, now and as they become so. Resolves when all are closed. */
export function stopAccepting(server: Server, sockets: OpenSockets): Promise<void> {
  return new Promise((resolve) => {
    // Not the `close` of an HTTP server: that cuts idle connections at once, and with them a request that is on its way.
    NetServer.prototype.close.call(server, () => {
      clearInterval(sweep);
      server.close(); // ends what an HTTP server has besides
      resolve();
    });
    const sweep = setInterval(() => sockets.closeIdle(), SWEEP_MS);
  });
}

function codeOfParser({ code }: NodeJS.ErrnoException): Code {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    default:
      return 'bad_request';
  }
}

/** Exactly one answer, then the connection is closed. */
function answerRaw(socket: Duplex, code: Code, requestId = requestIdOf(undefined)): void {
  // Nobody is there to read it, or a response is on its way, into which another one must not be written.
  if (!socket.writable || responseOf(socket)?.headersSent) return void socket.destroy();
  const { status, headers, body } = problemOf(code, { requestId });
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${code}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** The answer that is being made on this socket. */
function responseOf(socket: Duplex): { headersSent: boolean } | undefined {
  return (socket as Duplex & { _httpMessage?: { headersSent: boolean } | null })._httpMessage ?? undefined;
}
