// The HTTP server of the data plane: time limits, raw errors of Node's parser in tine's form, and a stop that resets
// nobody. What happens to a well-formed request is in `app.ts`.
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type Koa from 'koa';
import type { Code } from '#sandbox';
import { HTTP } from '../limits.ts';
import { problemOf } from '../problem.ts';
import { requestIdOf } from './head.ts';

export function makeServer(app: Pick<Koa, 'callback'>): Server {
  const server = createServer(
    {
      maxHeaderSize: HTTP.headerBytesMax,
      headersTimeout: HTTP.headersTimeoutMs,
      requestTimeout: HTTP.requestTimeoutMs,
      keepAliveTimeout: HTTP.keepAliveTimeoutMs,
      connectionsCheckingInterval: HTTP.connectionsCheckMs,
      requireHostHeader: true,
      noDelay: true,
    },
    app.callback(),
  );
  server.maxConnections = HTTP.connectionsMax;
  server.maxRequestsPerSocket = HTTP.requestsPerSocketMax;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerRaw(socket, codeOfParser(error)));
  // Without a listener Node would treat an upgrade as a plain request. tine has no WebSockets in this version.
  server.on('upgrade', (request, socket) =>
    answerRaw(socket, 'upgrade_required', requestIdOf(String(request.headers['x-request-id'] ?? ''))),
  );
  server.on('connect', (_request, socket) => answerRaw(socket, 'method_not_allowed'));
  return server;
}

/** Closes kept-alive connections that are idle, now and as they become so. Resolves when all are closed. */
export function stopAccepting(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
    const sweep = setInterval(() => server.closeIdleConnections(), 100);
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
  const { _httpMessage: response } = socket as Duplex & { _httpMessage?: { headersSent: boolean } };
  if (!socket.writable || response?.headersSent) return void socket.destroy();
  const { status, headers, body } = problemOf(code, { requestId });
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${code}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
