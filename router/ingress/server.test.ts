import type { IncomingMessage, ServerResponse } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { listen, RawClient, statuses } from './harness.ts';
import { makeServer, OpenSockets, stopAccepting } from './server.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: ExecutionContext, handler: Handler = (_request, response) => void response.end('hello')) {
  const server = makeServer({ callback: () => handler as never });
  const sockets = new OpenSockets(server);
  const port = await listen(t, server);
  const connect = () => new RawClient(t, port);
  return { server, sockets, connect };
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';

const MALFORMED: [name: string, bytes: string][] = [
  ['Content-Length with Transfer-Encoding', `${GET}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['two Content-Lengths', `${GET}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`],
  ['a length with a sign', `${GET}Content-Length: +1\r\n\r\nx`],
  ['a length in hex', `${GET}Content-Length: 0x1\r\n\r\nx`],
  ['an unknown transfer coding', `${GET}Transfer-Encoding: xchunked\r\n\r\n`],
  ['stacked transfer codings', `${GET}Transfer-Encoding: chunked, identity\r\n\r\n`],
  ['a space before the colon', `GET / HTTP/1.1\r\nHost : a\r\n\r\n`],
  ['a folded header', `${GET}X-A: 1\r\n 2\r\n\r\n`],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['a bare carriage return', `${GET}X-A: 1\rX-B: 2\r\n\r\n`],
  ['a NUL', `${GET}X-A: \0\r\n\r\n`],
  ['a chunk size that overflows', `${GET}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx`],
  ['a lower-case method', 'get / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['garbage', '\x16\x03\x01\x02\0\x01\0'],
];

for (const [name, bytes] of MALFORMED) {
  test(`makeServer(): ${name} is refused once, in the form of all errors, and the connection closed`, async (t) => {
    let handled = 0;
    const { connect } = await serve(t, (request, response) => {
      handled += 1;
      request.resume().on('end', () => response.end('canary'));
    });
    const raw = connect();
    raw.send(bytes);
    const text = await raw.end();
    t.deepEqual(statuses(text), [400]);
    t.regex(text, /\r\nx-tine-error: bad_request\r\n/);
    t.regex(text, /\r\nconnection: close\r\n/);
    t.regex(
      text,
      /\{"error":\{"code":"bad_request","message":"the request is malformed","requestId":"[0-9a-f-]{36}"\}\}\n$/,
    );
    t.true(handled <= 1);
    t.false(text.includes('canary'));
  });
}

test('makeServer(): more than 16 KB of headers are 431', async (t) => {
  const { connect } = await serve(t);
  const raw = connect();
  raw.send(`${GET}X-A: ${'x'.repeat(20_000)}\r\n\r\n`);
  t.deepEqual(statuses(await raw.end()), [431]);
});

test('makeServer(): every header is handed on, however many there are', async (t) => {
  const { connect } = await serve(
    t,
    (request, response) => void response.end(`pairs ${request.rawHeaders.length / 2} ${request.rawHeaders.at(-2)}`),
  );
  const raw = connect();
  raw.send(`${GET}${'a:\r\n'.repeat(3_000)}last: 1\r\n\r\n`);
  t.regex(await raw.until('an answer', (text) => /pairs \d+/.test(text)), /pairs 3002 last/);
});

test('makeServer(): a WebSocket upgrade is 426, any other is ignored', async (t) => {
  const { connect } = await serve(t);
  for (const [upgrade, status] of [
    ['websocket', 426],
    ['WebSocket', 426],
    ['h2c', 200],
    ['TLS/1.0', 200],
  ] as const) {
    const raw = connect();
    raw.send(`${GET}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`);
    t.deepEqual(statuses(await raw.until('an answer', (text) => /hello|\}\n/.test(text))), [status], upgrade);
  }
});

test('makeServer(): CONNECT is 405', async (t) => {
  const { connect } = await serve(t);
  const raw = connect();
  raw.send('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
  t.regex(await raw.end(), /^HTTP\/1\.1 405 .*x-tine-error: method_not_allowed/s);
});

test('makeServer(): nobody is told to continue but by the handler; who was not told is not served again', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    if (request.url === '/wanted') response.writeContinue();
    response.end('hello');
  });
  const expecting = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  const wanted = connect();
  wanted.send(expecting('/wanted'));
  t.deepEqual(statuses(await wanted.until('an answer', (text) => text.endsWith('hello'))), [100, 200]);
  const refused = connect();
  refused.send(expecting('/'));
  t.deepEqual(statuses(await refused.end()), [200]);
  const odd = connect();
  odd.send(`${GET}Expect: the-unexpected\r\n\r\n`);
  t.deepEqual(statuses(await odd.until('an answer', (text) => text.endsWith('\r\n\r\n'))), [417]);
});

test('makeServer(): pipelined requests get one answer each, in order', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    if (request.url === '/0') setImmediate(() => response.end(`<${request.url}>`));
    else response.end(`<${request.url}>`);
  });
  const raw = connect();
  raw.send(Array.from({ length: 5 }, (_, n) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  const text = await raw.until('five answers', (so) => so.includes('</4>'));
  t.deepEqual(
    [...text.matchAll(/<\/(\d)>/g)].map(([, n]) => n),
    ['0', '1', '2', '3', '4'],
  );
});

test('makeServer(): garbage after an answer that has begun cuts the connection without a second status', async (t) => {
  const { connect } = await serve(t, (_request, response) => void response.write('begun'));
  const raw = connect();
  raw.send(`${GET}\r\n`);
  await raw.until('the beginning', (text) => text.includes('begun'));
  raw.send('\0\0\0 garbage\r\n\r\n');
  t.deepEqual(statuses(await raw.end()), [200]);
});

test('stopAccepting() closes what is idle, also what never sent a request, and waits for what runs', async (t) => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>();
  const { server, sockets, connect } = await serve(t, (request, response) => {
    if (request.url === '/slow') arrive(response);
    else response.end('hello');
  });
  const silent = connect();
  const half = connect();
  half.send('GET / HTTP/1.1\r\nHo');
  const idle = connect();
  idle.send(`${GET}\r\n`);
  await idle.until('an answer', (text) => text.endsWith('hello'));
  const running = connect();
  running.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  const response = await arrived;
  let stopped = false;
  const stop = stopAccepting(server, sockets).then(() => {
    stopped = true;
  });
  await Promise.all([silent.end(), half.end(), idle.end()]);
  t.false(stopped);
  t.false(running.closed);
  response.end('finished');
  t.true((await running.end()).endsWith('finished'));
  await stop;
  t.true(stopped);
});
