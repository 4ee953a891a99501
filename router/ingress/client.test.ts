import { createServer } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import type { Finished } from '#sandbox';
import { BOUNDS } from '#sandbox';
import { type ClientOptions, HttpClient } from './client.ts';
import { listen, RawClient, statuses } from './harness.ts';

type Answer = Parameters<HttpClient['answer']>[0];

const SO_FAR = { queuedMs: 1 } as Finished;

function answerOf(part: Partial<Answer> & { text?: string } = {}): Answer {
  const { text = 'hello', ...rest } = part;
  return { status: 200, statusText: '', headers: [], body: { kind: 'text', text }, ...rest } as Answer;
}

/** One request, one client. @returns what came over the wire */
async function serve(
  t: ExecutionContext,
  use: (client: HttpClient) => void | Promise<void>,
  { head = 'GET / HTTP/1.1', ...options }: Partial<ClientOptions> & { head?: string } = {},
): Promise<RawClient> {
  const server = createServer((request, response) => {
    const client = new HttpClient(request, response, { requestId: 'the-id', responseBytesMax: 1_000, ...options });
    Promise.resolve()
      .then(() => use(client))
      .catch((error) => response.end(`thrown ${error.code ?? error.message}`));
  });
  const raw = new RawClient(t, await listen(t, server));
  raw.send(`${head}\r\nHost: a\r\n\r\n`);
  return raw;
}

const whole = (text: string) => /\r\n\r\n/.test(text);
const headOf = (text: string) => text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase();
const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4);

test('answer() sends status, headers in order, the request id and the length', async (t) => {
  const answer = answerOf({
    status: 418,
    statusText: 'Short and stout',
    headers: ['X-A', '1', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-a', '2'],
  });
  const raw = await serve(t, (client) => client.answer(answer, undefined, SO_FAR));
  const text = await raw.until('an answer', (so) => so.endsWith('hello'));
  t.regex(text, /^HTTP\/1\.1 418 Short and stout\r\nX-A: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-a: 2\r\n/);
  t.regex(headOf(text), /\r\nx-request-id: the-id\r\n/);
  t.regex(headOf(text), /\r\ncontent-length: 5\r\n/);
});

test('answer() counts the length in bytes', async (t) => {
  const raw = await serve(t, (client) => client.answer(answerOf({ text: 'ä€😀' }), undefined, SO_FAR));
  const text = await raw.until('an answer', whole);
  t.regex(headOf(text), /content-length: 9/);
});

test('answer() never takes framing, hop-by-hop headers and names of tine from a guest', async (t) => {
  const names = [
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Upgrade',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'X-Request-Id',
    'X-Tine-Error',
    'X-Tine-Cost',
    'X-Tine-Hops',
  ];
  const raw = await serve(t, (client) =>
    client.answer(answerOf({ headers: names.flatMap((name) => [name, 'canary']) }), undefined, SO_FAR),
  );
  t.false((await raw.until('an answer', (so) => so.endsWith('hello'))).includes('canary'));
});

test('answer() throws bad_response for what cannot be sent, and has sent nothing', async (t) => {
  const bad: Partial<Answer>[] = [
    ...[0, 99, 100, 101, 103, 199, 600, 1000, -200, 200.5, Number.NaN, '200' as unknown as number].map((status) => ({
      status,
    })),
    ...['', ' ', 'a b', 'a:', 'a\r\nb', 'ä', 'a\0', '(a)'].map((name) => ({ headers: [name, 'x'] })),
    ...['a\r\nset-cookie: b=1', 'a\nb', 'a\rb', 'a\0b', 'Ā', '€', '\x7f', '\x1b[0m'].map((value) => ({
      headers: ['x-a', value],
    })),
    { headers: Array.from({ length: BOUNDS.responseHeaders + 1 }, (_, n) => [`x-${n}`, '1']).flat() },
    { headers: ['x-a', 'x'.repeat(BOUNDS.responseHeaderBytes)] },
    { body: { kind: 'text', text: 'x'.repeat(1_001) } as Answer['body'] },
  ];
  const codes: unknown[] = [];
  const raw = await serve(
    t,
    (client) => {
      for (const part of bad) {
        const error = t.throws(
          () => client.answer(answerOf(part), undefined, SO_FAR),
          undefined,
          JSON.stringify(part).slice(0, 100),
        );
        codes.push((error as unknown as { code: string }).code);
      }
      client.answer(answerOf({ text: 'still good' }), undefined, SO_FAR);
    },
    { responseBytesMax: 1_000 },
  );
  const text = await raw.until('an answer', whole);
  t.deepEqual(new Set(codes), new Set(['bad_response']));
  t.deepEqual(statuses(text), [200]);
});

test('answer() counts only what was sent against response_bytes', async (t) => {
  const raw = await serve(t, (client) => client.answer(answerOf({ text: 'x'.repeat(1_000) }), undefined, SO_FAR), {
    responseBytesMax: 1_000,
  });
  t.is(bodyOf(await raw.until('an answer', (so) => bodyOf(so).length >= 1_000)).length, 1_000);
});

test('answer() takes a status text that can be sent, else that of the status', async (t) => {
  for (const [statusText, wanted] of [
    ['', 'OK'],
    ['a\r\nx: y', 'OK'],
    ['€', 'OK'],
    ['Mine', 'Mine'],
  ] as const) {
    const raw = await serve(t, (client) => client.answer(answerOf({ statusText }), undefined, SO_FAR));
    t.regex(await raw.until('an answer', whole), new RegExp(`^HTTP/1\\.1 200 ${wanted}\r\n`));
  }
});

for (const [status, length] of [
  [204, undefined],
  [304, undefined],
  [205, '0'],
] as const) {
  test(`answer() with ${status} sends no body, and ${length === undefined ? 'no length' : 'a length of 0'}`, async (t) => {
    const raw = await serve(t, (client) => client.answer(answerOf({ status, text: 'canary' }), undefined, SO_FAR));
    raw.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const text = await raw.until('two answers', (so) => statuses(so).length === 2 && so.endsWith('\r\n\r\n'));
    t.deepEqual(statuses(text), [status, status]);
    t.false(text.includes('canary'));
    t.false(text.includes('ransfer-'));
    t.is(/content-length: (\d+)/i.exec(text)?.[1], length);
  });
}

test('answer() to HEAD gives the length of what GET would get, and no body', async (t) => {
  const raw = await serve(t, (client) => client.answer(answerOf(), undefined, SO_FAR), { head: 'HEAD / HTTP/1.1' });
  raw.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
  const text = await raw.until('two answers', (so) => statuses(so).length === 2 && so.endsWith('\r\n\r\n'));
  t.regex(headOf(text), /content-length: 5/);
  t.false(text.includes('hello'));
});

test('answer() to HEAD without a body says nothing about the length', async (t) => {
  const raw = await serve(
    t,
    (client) => client.answer(answerOf({ body: { kind: 'none' } as Answer['body'] }), undefined, SO_FAR),
    { head: 'HEAD / HTTP/1.1' },
  );
  t.notRegex(await raw.until('an answer', whole), /content-length/i);
});

test('answer() closes the connection after it when the server is shutting down', async (t) => {
  const raw = await serve(t, (client) => client.answer(answerOf(), undefined, SO_FAR), { isLast: () => true });
  t.regex(headOf(await raw.end()), /\r\nconnection: close/);
});

test('answer() adds headers that depend on the run', async (t) => {
  const extraHeaders = ({ queuedMs }: Finished) => ['x-queued', String(queuedMs)];
  const raw = await serve(t, (client) => client.answer(answerOf(), undefined, SO_FAR), { extraHeaders });
  t.regex(headOf(await raw.until('an answer', whole)), /\r\nx-queued: 1\r\n/);
});

test('answer() adds the overlay to pages only, in bytes that were not touched', async (t) => {
  const table: [string[], string][] = [
    [['content-type', 'text/html; charset=latin1'], '\xe9<b>box</b>'],
    [['content-type', 'application/json'], '\xe9'],
    [['content-type', 'text/html', 'content-encoding', 'gzip'], '\xe9'],
    [[], '\xe9'],
  ];
  for (const [headers, wanted] of table) {
    const answer = answerOf({ headers, body: { kind: 'bytes' } as Answer['body'] });
    const raw = await serve(t, (client) => client.answer(answer, Uint8Array.of(0xe9), SO_FAR), {
      overlay: '<b>box</b>',
    });
    const text = await raw.until('an answer', (so) => bodyOf(so).length >= wanted.length);
    t.is(bodyOf(text), wanted);
  }
});

const piped = (headers: string[] = []) => answerOf({ headers, body: { kind: 'stream' } as Answer['body'] });

test('write() and end() send a body of unknown length in chunks, with the overlay at its end', async (t) => {
  const raw = await serve(
    t,
    async (client) => {
      client.answer(piped(['content-type', 'text/html']), undefined, SO_FAR);
      await client.write(Buffer.from('one'));
      await client.write(Buffer.from('two'));
      await client.end();
    },
    { overlay: 'box' },
  );
  const text = await raw.until('the last chunk', (so) => so.endsWith('0\r\n\r\n'));
  t.is(bodyOf(text), '3\r\none\r\n3\r\ntwo\r\n3\r\nbox\r\n0\r\n\r\n');
});

test('write() throws bad_response for the byte past response_bytes, and fail() then cuts the connection', async (t) => {
  let gone = 0;
  const raw = await serve(
    t,
    async (client) => {
      client.onGone(() => {
        gone += 1;
      });
      client.answer(piped(), undefined, SO_FAR);
      await client.write(Buffer.alloc(1_000, 'x'));
      await t.throwsAsync(client.write(Buffer.alloc(1)), { code: 'bad_response' });
      client.fail('too large');
      client.fail('too large');
      await t.throwsAsync(client.write(Buffer.alloc(0)), { message: /gone/ });
      await client.end();
    },
    { responseBytesMax: 1_000 },
  );
  const text = await raw.end();
  t.false(text.endsWith('0\r\n\r\n'));
  t.is(gone, 0, 'it was not the client that left');
});

test('write() waits for a client that reads slowly, and throws when it leaves', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let gone = 0;
  const raw = await serve(
    t,
    async (client) => {
      client.onGone(() => {
        gone += 1;
      });
      client.answer(piped(), undefined, SO_FAR);
      try {
        for (;;) await client.write(Buffer.alloc(65_536));
      } catch (error) {
        resolve((error as Error).message);
      }
    },
    { responseBytesMax: 100_000_000 },
  );
  await raw.until('the head', whole);
  raw.socket.pause();
  setImmediate(() => raw.socket.destroy());
  t.is(await promise, 'the client has gone');
  t.is(gone, 1);
});

test('onGone() calls back at once when the client has left already, and never after a whole answer', async (t) => {
  let called = 0;
  const raw = await serve(t, (client) => {
    client.onGone(() => {
      called += 1;
    });
    client.answer(answerOf(), undefined, SO_FAR);
  });
  await raw.until('an answer', (so) => so.endsWith('hello'));
  raw.socket.end();
  await raw.end();
  t.is(called, 0);
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    request.socket.destroy();
    response.on('close', () =>
      new HttpClient(request, response, { requestId: 'x', responseBytesMax: 1 }).onGone(resolve),
    );
  });
  new RawClient(t, await listen(t, server)).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await promise;
});
