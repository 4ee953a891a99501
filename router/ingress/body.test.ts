import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { BOUNDS } from '#sandbox';
import { HTTP } from '../limits.ts';
import { bodyOf, RequestBody } from './body.ts';
import { listen, RawClient, statuses } from './harness.ts';
import { readHead } from './head.ts';

type Handler = (body: ReturnType<typeof bodyOf>, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A server that hands each request with its body to `handler`; what that throws is answered as text. */
async function serve(t: ExecutionContext, bodyBytesMax: number, handler: Handler): Promise<RawClient> {
  const server = createServer(async (request, response) => {
    try {
      const head = readHead(request, 'id', false);
      await handler(
        bodyOf(request, head, bodyBytesMax, () => {}),
        request,
        response,
      );
    } catch (error) {
      response.end(`thrown ${(error as { code?: string }).code}`);
    }
  });
  return new RawClient(t, await listen(t, server));
}

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

test('bodyOf() gives undefined for a request without a body', async (t) => {
  const client = await serve(t, 10, async (body, _request, response) => void response.end(String(body)));
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('an answer', (text) => text.endsWith('undefined'));
  client.text = '';
  client.send(`${POST}Content-Length: 0\r\n\r\n`);
  t.true((await client.until('an answer', (text) => text.endsWith('undefined'))).includes('200 OK'));
});

test('bodyOf() reads a small body whole before anything else, also when it comes in pieces', async (t) => {
  const client = await serve(t, 100, async (body, _request, response) => {
    const bytes = (await body) as Uint8Array;
    response.end(`${bytes.constructor.name} ${Buffer.from(bytes).toString()}`);
  });
  client.send(`${POST}Content-Length: 6\r\n\r\nabc`);
  client.send('def');
  t.true((await client.until('an answer', (text) => text.includes('abcdef'))).includes('Buffer abcdef'));
});

test('bodyOf() throws cancelled when the client leaves within a small body', async (t) => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const client = await serve(t, 100, async (body) => {
    resolve(await (body as Promise<Uint8Array>).catch((error) => error));
  });
  client.send(`${POST}Content-Length: 6\r\n\r\nabc`);
  client.socket.end();
  t.like(await promise, { code: 'cancelled' });
});

test('bodyOf() throws body_too_large by the declared length, before a byte is read', async (t) => {
  const client = await serve(t, 10, async () => t.fail());
  client.send(`${POST}Content-Length: 11\r\n\r\n`);
  await client.until('an answer', (text) => text.endsWith('thrown body_too_large'));
  t.pass();
});

test('bodyOf() streams what is longer than small, or of unknown length', async (t) => {
  const kinds: boolean[] = [];
  const client = await serve(t, HTTP.smallBodyBytes * 2, async (body, _request, response) => {
    kinds.push(body instanceof RequestBody);
    response.end('done');
  });
  client.send(`${POST}Content-Length: ${HTTP.smallBodyBytes + 1}\r\n\r\n`);
  await client.until('an answer', (text) => text.endsWith('done'));
  client.socket.destroy();
  const other = await serve(t, 10, async (body, _request, response) => {
    kinds.push(body instanceof RequestBody);
    response.end('done');
  });
  other.send(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
  await other.until('an answer', (text) => text.endsWith('done'));
  t.deepEqual(kinds, [true, true]);
});

test('RequestBody.read() gives chunks of a bounded size, then undefined', async (t) => {
  const size = BOUNDS.chunkBytes * 3 + 5;
  const sizes: number[] = [];
  const client = await serve(t, size, async (body, _request, response) => {
    const streamed = body as RequestBody;
    for (let part = await streamed.read(); part !== undefined; part = await streamed.read()) sizes.push(part.length);
    t.is(await streamed.read(), undefined);
    response.end('done');
  });
  client.send(`${POST}Content-Length: ${size}\r\n\r\n${'x'.repeat(size)}`);
  await client.until('an answer', (text) => text.endsWith('done'));
  t.is(
    sizes.reduce((sum, each) => sum + each, 0),
    size,
  );
  t.true(sizes.every((each) => each <= BOUNDS.chunkBytes && each > 0));
});

test('RequestBody.read() throws body_too_large and calls onTooLarge once more came than allowed', async (t) => {
  let called = 0;
  const client = await serve(t, 10, async (body) => {
    const streamed = body as RequestBody;
    streamed.onTooLarge = () => {
      called += 1;
    };
    for (;;) if ((await streamed.read()) === undefined) return;
  });
  client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk('0123456789')}${chunk('x')}`);
  await client.until('an answer', (text) => text.endsWith('thrown body_too_large'));
  t.is(called, 1);
});

for (const readsFirst of [0, 1]) {
  test(`RequestBody.cancel() after ${readsFirst} reads lets the connection be used again`, async (t) => {
    const client = await serve(t, 1_000_000, async (body, request, response) => {
      if (request.method === 'GET') return void response.end('second');
      const streamed = body as RequestBody;
      for (let i = 0; i < readsFirst; i++) await streamed.read();
      streamed.cancel();
      streamed.cancel();
      response.end('first');
    });
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk('x'.repeat(60_000))}`);
    await client.until('the first answer', (text) => text.includes('first'));
    for (let i = 0; i < 10; i++) client.send(chunk('y'.repeat(60_000)));
    client.send('0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
    t.deepEqual(statuses(await client.until('the second answer', (text) => text.includes('second'))), [200, 200]);
  });
}

test('RequestBody.cancel() closes the connection when more comes than the body may have', async (t) => {
  const client = await serve(t, 100_000, async (body, _request, response) => {
    (body as RequestBody).cancel();
    response.end('first');
  });
  client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
  await client.until('the answer', (text) => text.includes('first'));
  for (let i = 0; i < 4; i++) client.send(chunk('y'.repeat(50_000)));
  t.deepEqual(statuses(await client.end()), [200]);
});

test('bodyOf() says once that the body is wanted: for a small one at once, for a large one when it is read', async (t) => {
  const said: string[] = [];
  const server = createServer(async (request, response) => {
    const body = bodyOf(request, readHead(request, 'id', false), 1_000_000, () => said.push(String(request.url)));
    if (body instanceof RequestBody) {
      t.false(said.includes(String(request.url)));
      if (request.url !== '/unread') for (let part = await body.read(); part !== undefined; ) part = await body.read();
      body.cancel();
    } else await body;
    response.end('done');
  });
  const port = await listen(t, server);
  for (const path of ['/small', '/chunked', '/unread']) {
    const client = new RawClient(t, port);
    const framing =
      path === '/small' ? 'Content-Length: 1\r\n\r\nx' : `Transfer-Encoding: chunked\r\n\r\n${chunk('x')}0\r\n\r\n`;
    client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}`);
    await client.until('an answer', (text) => text.endsWith('done\r\n0\r\n\r\n') || text.endsWith('done'));
  }
  t.deepEqual(said, ['/small', '/chunked']);
});
