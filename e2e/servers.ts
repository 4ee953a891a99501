// Servers on loopback for programs to fetch from: one that answers, and one that never does.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer extends AsyncDisposable {
  url: string;
  port: number;
  /** All requests so far. */
  requests: IncomingMessage[];
  /** Connections that are open now. */
  open(): number;
}

/** @param host an address of loopback; all of 127.0.0.0/8 is */
export async function serve(
  listener: RequestListener = (_, response) => void response.end('echo'),
  host = '127.0.0.1',
): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  let open = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => (open -= 1));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/`,
    port,
    requests,
    open: () => open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes requests and never answers. */
export function serveNothing(): Promise<TestServer> {
  return serve(() => {});
}
