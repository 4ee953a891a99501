import test from 'ava';
import { ReadableStream } from '../streams.ts';
import { bytes, FakeHost, head, textOf } from './fake-host.ts';
import { Response } from './response.ts';
import { answerOf, INLINE_BYTES, requestFrom } from './wire.ts';

const KIB = 1024;
let host: FakeHost;
test.beforeEach(() => {
  host = new FakeHost();
});
test.afterEach.always(() => host.end());

/** Settles every write until the body has ended; gives what was written. */
async function drain(): Promise<{ sizes: number[]; text: string; error: unknown }> {
  const sizes: number[] = [];
  let text = '';
  for (;;) {
    const op = await host.op();
    if (op.op !== 'write') throw new Error(`write wanted, got ${op.op}`);
    sizes.push(op.sent?.length ?? 0);
    text += textOf(op.sent);
    await host.settle(op.id, null);
    if (op.arg['end'] === true || op.arg['error'] !== undefined) return { sizes, text, error: op.arg['error'] };
  }
}

test.serial('requestFrom(head) shows the head, and parses only what is not in its normal form', (t) => {
  const request = requestFrom(
    head({ method: 'PUT', headers: ['X-A', '1', 'x-a', '2', 'Cookie', 'c'] }),
    undefined,
    undefined,
  );
  t.is(request.method, 'PUT');
  t.is(request.url, 'http://hello.localhost:8787/');
  t.is(request.headers.get('x-a'), '1, 2');
  t.is(request.headers.get('cookie'), 'c');
  t.is(request.body, null);
  t.throws(() => request.headers.set('a', 'b'), { instanceOf: TypeError });
  const urls = {
    'http://a/b/../c': 'http://a/c',
    'http://a/b/./c?/../d': 'http://a/b/c?/../d',
    'http://A/': 'http://a/',
    'http://a:80/': 'http://a/',
    'http://a:8080/x?y=%20z': 'http://a:8080/x?y=%20z',
    'http://a/"': 'http://a/%22',
    'http://a/%2e%2e/b': 'http://a/b',
    'http://a/x?"': 'http://a/x?%22',
    'http://a\\b': 'http://a/b',
    'http://127.1/': 'http://127.0.0.1/',
    'http://0x7f.1/': 'http://127.0.0.1/',
    'http://[::1]:81/a': 'http://[::1]:81/a',
    'https://a:443/': 'https://a/',
    'https://a:0443/': 'https://a/',
    'http://xn--4ca/': 'http://xn--4ca/',
    'http://a': 'http://a/',
  };
  for (const [url, normal] of Object.entries(urls)) {
    t.is(requestFrom(head({ url }), undefined, undefined).url, normal, url);
  }
});

test.serial('requestFrom(head, bytes) reads the bytes', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'bytes' }), bytes('{"a":1}'), undefined);
  t.deepEqual(await request.clone().json(), { a: 1 });
  t.is(await request.text(), '{"a":1}');
  t.deepEqual(await host.ops(), []);
});

test.serial('requestFrom(head) of a streamed body reads by ops, and only when asked', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'stream' }), undefined, undefined);
  t.deepEqual(await host.ops(), []);
  const text = request.text();
  for (const part of ['a', '', 'b']) {
    const { id, op, arg } = await host.op();
    t.deepEqual({ op, arg }, { op: 'read', arg: { from: 0 } });
    await host.settle(id, { done: false }, part === '' ? undefined : bytes(part));
  }
  await host.settle((await host.op()).id, { done: true });
  t.is(await text, 'ab');
  t.true(request.bodyUsed);
});

test.serial('Request.body pulls one chunk per read, and discards what is cancelled', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'stream' }), undefined, undefined);
  const reader = request.body!.getReader();
  t.deepEqual(await host.ops(), []);
  const read = reader.read();
  await host.settle((await host.op()).id, { done: false }, bytes('abc'));
  t.is(textOf((await read).value), 'abc');
  t.deepEqual(await host.ops(), []);
  await reader.cancel();
  const { op, arg } = await host.op();
  t.deepEqual({ op, arg }, { op: 'discard', arg: { from: 0 } });
});

test.serial('Request.text() rejects with the error of a read, and so do later reads', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'stream' }), undefined, undefined);
  const text = request.text();
  const failed = t.throwsAsync(text, { instanceOf: TypeError, message: 'the client went away' });
  await host.fail((await host.op()).id, 'TypeError', 'the client went away');
  await failed;
  t.deepEqual(await host.ops(), []);
});

test.serial('requestFrom(head, bytes, signal) asks for the signal on first touch', async (t) => {
  const { AbortController } = await import('../events/abort.ts');
  const controller = new AbortController();
  let calls = 0;
  const make = () => {
    calls++;
    return controller.signal;
  };
  const request = requestFrom(head(), undefined, make);
  t.is(calls, 0);
  t.false(request.signal.aborted);
  t.is(calls, 1);
  controller.abort();
  t.true(request.signal.aborted);
});

test.serial('answerOf() hands over no body, a text, or bytes', (t) => {
  t.deepEqual(answerOf(new Response(null, { status: 204, headers: { A: 'b' } })), {
    answer: { status: 204, statusText: '', headers: ['a', 'b'], body: { kind: 'none' } },
    bytes: undefined,
  });
  const text = answerOf(new Response('h\ud800'));
  t.deepEqual(text.answer.body, { kind: 'text', text: 'h\ufffd' });
  t.deepEqual(text.answer.headers, ['content-type', 'text/plain;charset=UTF-8']);
  const whole = answerOf(new Response(bytes('abc')));
  t.deepEqual(whole.answer.body, { kind: 'bytes', length: 3 });
  t.is(textOf(whole.bytes), 'abc');
});

test.serial('answerOf() refuses a body that was read, and Response.error()', async (t) => {
  const response = new Response('a');
  await response.text();
  t.throws(() => answerOf(response), { instanceOf: TypeError, message: 'body has already been read' });
  const locked = new Response('a');
  locked.body!.getReader();
  t.throws(() => answerOf(locked), { instanceOf: TypeError });
  const twice = new Response('a');
  answerOf(twice);
  t.throws(() => answerOf(twice), { instanceOf: TypeError });
  t.throws(() => answerOf(Response.error()), { instanceOf: TypeError });
});

test.serial('answerOf() inlines up to 256 KiB and writes what is longer in chunks of 64 KiB', async (t) => {
  t.is(answerOf(new Response('a'.repeat(INLINE_BYTES))).answer.body.kind, 'text');
  t.is(answerOf(new Response(new Uint8Array(INLINE_BYTES))).answer.body.kind, 'bytes');
  const long = 'é'.repeat(INLINE_BYTES / 2 + 1);
  t.is(answerOf(new Response(long)).answer.body.kind, 'stream');
  const written = await drain();
  t.is(written.text.length, long.length);
  t.deepEqual(written.sizes, [64 * KIB, 64 * KIB, 64 * KIB, 64 * KIB, 2]);
  t.is(answerOf(new Response(new Uint8Array(INLINE_BYTES + 1))).answer.body.kind, 'stream');
  t.deepEqual((await drain()).sizes, [64 * KIB, 64 * KIB, 64 * KIB, 64 * KIB, 1]);
});

test.serial('answerOf() uses the source of a stream that nobody touched', (t) => {
  const response = new Response('abc');
  const { body } = response;
  t.deepEqual(answerOf(new Response(body)).answer.body, { kind: 'text', text: 'abc' });
  t.true(body!.locked);
});

test.serial('answerOf() pipes the untouched body of the request', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'stream' }), undefined, undefined);
  t.deepEqual(answerOf(new Response(request.body)).answer.body, { kind: 'pipe', from: 0 });
  t.deepEqual(await host.ops(), []);
  t.true(request.bodyUsed);
  await t.throwsAsync(request.text(), { instanceOf: TypeError });
});

test.serial('answerOf() writes the body of the request through when a part of it was read', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'stream' }), undefined, undefined);
  const body = request.body!;
  const reader = body.getReader();
  const read = reader.read();
  await host.settle((await host.op()).id, { done: false }, bytes('first'));
  await read;
  reader.releaseLock();
  const rest = new ReadableStream({
    async start(controller) {
      for await (const chunk of body) controller.enqueue(chunk);
      controller.close();
    },
  });
  t.is(answerOf(new Response(rest)).answer.body.kind, 'stream');
  await host.settle((await host.op()).id, { done: false }, bytes('second'));
  const ops = await host.ops();
  t.deepEqual(ops.map(({ op }) => op).sort(), ['read', 'write']);
  for (const { id, op } of ops) await host.settle(id, op === 'read' ? { done: true } : null);
  t.deepEqual((await host.op()).arg, { end: true });
});

test.serial('answerOf(stream) writes chunks together while a write is under way', async (t) => {
  const stream = new ReadableStream({
    start: (controller) => {
      for (const text of ['a', 'b', 'c', 'd']) controller.enqueue(bytes(text));
      controller.close();
    },
  });
  answerOf(new Response(stream));
  const first = await host.op();
  t.is(textOf(first.sent), 'a');
  await host.settle(first.id, null);
  const second = await host.op();
  t.is(textOf(second.sent), 'bcd');
  t.deepEqual(second.arg, { end: true });
});

test.serial('answerOf(stream) reads no further than 64 KiB ahead of a write', async (t) => {
  let pulls = 0;
  const stream = new ReadableStream(
    {
      pull: (controller) => {
        pulls++;
        controller.enqueue(new Uint8Array(16 * KIB));
      },
    },
    { highWaterMark: 0 },
  );
  answerOf(new Response(stream));
  const { id } = await host.op();
  t.is(pulls, 5);
  await host.settle(id, null);
  const next = await host.op();
  t.is(next.sent!.length, 64 * KIB);
  t.is(pulls, 9);
});

test.serial('answerOf(stream) splits a large chunk, and takes buffers and views', async (t) => {
  const big = new Uint8Array(150 * KIB).fill(97);
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(big);
      controller.enqueue(bytes('x').buffer);
      controller.enqueue(new DataView(bytes('yz').buffer, 1));
      controller.enqueue(new Uint8Array(0));
      controller.close();
    },
  });
  answerOf(new Response(stream));
  const { sizes, text } = await drain();
  t.deepEqual(sizes, [64 * KIB, 64 * KIB, 22 * KIB + 2]);
  t.true(text.endsWith('axz'));
});

test.serial('answerOf(stream) sends what a chunk held when it was enqueued', async (t) => {
  const buffer = bytes('abc');
  let later = () => undefined as unknown;
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(buffer);
      later = () => controller.close();
    },
  });
  answerOf(new Response(stream));
  await Promise.resolve();
  const first = await host.op();
  buffer.fill(0);
  t.is(textOf(first.sent), 'abc');
  await host.settle(first.id, null);
  later();
  t.deepEqual((await host.op()).arg, { end: true });
});

test.serial('answerOf(stream) ends with the error when the stream fails or gives no bytes', async (t) => {
  const failing = new ReadableStream({
    start: (controller) => controller.enqueue(bytes('a')),
    pull: () => Promise.reject(new Error('broken')),
  });
  answerOf(new Response(failing));
  const failed = await drain();
  t.is(failed.error, 'Error: broken');
  let cancelled: unknown;
  const wrong = new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes('a'));
      controller.enqueue('text');
    },
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  answerOf(new Response(wrong));
  const { text, error } = await drain();
  t.is(text, 'a');
  t.is(error, 'TypeError: body: a chunk must be a Uint8Array, got string');
  t.true(cancelled instanceof TypeError);
});

test.serial('answerOf(stream) survives an error that cannot be shown', async (t) => {
  const stream = new ReadableStream({
    start: (controller) => controller.error(Object.create(null)),
  });
  answerOf(new Response(stream));
  t.is((await drain()).error, 'the body failed');
});

test.serial('answerOf(stream) cancels the stream when the host takes no more', async (t) => {
  let reason: unknown;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(100 * KIB)),
    cancel: (why) => {
      reason = why;
    },
  });
  answerOf(new Response(stream));
  await host.fail((await host.op()).id, 'AbortError', 'the client has gone');
  t.is((reason as Error).name, 'AbortError');
  t.deepEqual(await host.ops(), []);
});

test.serial('answerOf(stream) writes for its own run also what came in a slice of another', async (t) => {
  let send = (_chunk: Uint8Array): void => undefined;
  const stream = new ReadableStream({
    start: (controller) => {
      send = (chunk) => controller.enqueue(chunk);
    },
  });
  answerOf(new Response(stream));
  t.deepEqual(await host.ops(), []);
  const other = new FakeHost();
  send(bytes('late'));
  t.deepEqual(await other.ops(), []);
  t.is(textOf((await host.op()).sent), 'late');
  other.end();
});
