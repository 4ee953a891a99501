// Bodies of the op `fetch`, both ways: streamed, piped, compressed, cut off, and far too large.
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { read } from './body.ts';
import { send } from './send.ts';
import { makeRun, type TestRun } from './test-run.ts';
import { bodyOf, failure, fetcher, headersOf, serve, serveRaw } from './test-server.ts';

const MB = 1_048_576;
const NO_BYTES = new Uint8Array();
const readOp = (run: TestRun, from = 1) => read.perform({ from }, run, NO_BYTES, { id: 99, signal: run.signal });

test('fetch inlines a body of 64 KiB, and streams one that is larger', async (t) => {
  const server = await serve(t, (request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)), 'x')));
  const fetch = fetcher(t);
  for (const [size, kind] of [
    [0, 'bytes'],
    [1, 'bytes'],
    [65_536, 'bytes'],
    [65_537, 'stream'],
    [1_000_000, 'stream'],
  ] as const) {
    const run = makeRun();
    const fetched = await fetch(run, { url: `${server.origin}/${size}` });
    t.is(fetched.body, kind, `${size}`);
    t.is((await bodyOf(run, fetched)).length, size);
  }
});

test('fetch inlines a small body of unknown length that has arrived', async (t) => {
  const server = await serveRaw(t, (socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'),
    );
  });
  const fetched = await fetcher(t)(makeRun(), { url: server.origin });
  t.is(fetched.body, 'bytes');
  t.is(Buffer.from(fetched.bytes!).toString(), 'hi');
});

test('fetch does not wait for the rest of a body that is under way', async (t) => {
  const more = Promise.withResolvers<void>();
  const server = await serve(t, async (_, response) => {
    response.write('one ');
    await more.promise;
    response.end('two');
  });
  const run = makeRun();
  const fetched = await fetcher(t)(run, { url: server.origin });
  t.is(fetched.body, 'stream');
  const first = await readOp(run);
  t.deepEqual([first.value, Buffer.from(first.bytes!).toString()], [{ done: false }, 'one ']);
  more.resolve();
  t.is(Buffer.from((await readOp(run)).bytes!).toString(), 'two');
  t.deepEqual(await readOp(run), { value: { done: true } });
  t.is(run.bodies.size, 0);
});

test('fetch gives no body for HEAD and 204', async (t) => {
  const server = await serve(t, (request, response) => {
    response.writeHead(request.method === 'HEAD' ? 200 : 204, request.method === 'HEAD' ? { 'content-length': 7 } : {});
    response.end();
  });
  const fetch = fetcher(t);
  const head = await fetch(makeRun(), { url: server.origin, method: 'HEAD' });
  t.is(head.body, 'none');
  t.is(headersOf(head)['content-length'], '7');
  t.is((await fetch(makeRun(), { url: server.origin })).body, 'none');
});

test('fetch gives a head whose body fails later, and the read says so', async (t) => {
  const cut = Promise.withResolvers<void>();
  const server = await serve(t, (request, response) => {
    response.writeHead(200, { 'content-length': 200_000 });
    response.write(Buffer.alloc(100_000));
    cut.promise.then(() => request.socket.destroy());
  });
  const run = makeRun();
  const fetched = await fetcher(t)(run, { url: server.origin });
  t.is(fetched.body, 'stream');
  cut.resolve();
  const all = async () => {
    for (;;) if ((await readOp(run)).bytes === undefined) return;
  };
  t.is(await failure(all()), 'TypeError: body was cut off before its end');
  t.is(await failure(readOp(run)), 'TypeError: body has already been read');
});

test('fetch ends the connection when nobody wants the rest of a body', async (t) => {
  const closed = Promise.withResolvers<void>();
  const server = await serve(t, (request, response) => {
    request.socket.on('close', () => closed.resolve());
    response.write(Buffer.alloc(200_000));
  });
  const run = makeRun();
  await fetcher(t)(run, { url: server.origin });
  run.bodies.get(1)?.cancel();
  await closed.promise;
  t.pass();
});

test('fetch stops reading when the guest does, so that memory stays bounded', async (t) => {
  let sent = 0;
  const server = await serve(t, (_, response) => {
    const push = () => {
      while (sent < 512 * MB) {
        sent += MB;
        if (!response.write(Buffer.alloc(MB))) return;
      }
    };
    response.on('drain', push);
    push();
  });
  const run = makeRun();
  const before = process.memoryUsage().rss;
  await fetcher(t)(run, { url: server.origin });
  for (let n = 0; n < 10; n += 1) await readOp(run);
  const afterTen = sent;
  // Nobody reads for a while, measured in turns of the event loop and not in time.
  for (let n = 0; n < 2_000; n += 1) await new Promise(setImmediate);
  const grown = (process.memoryUsage().rss - before) / MB;
  t.log(`${(sent / MB).toFixed()} MB sent, ${grown.toFixed()} MB grown`);
  t.true(sent < 64 * MB, `${sent} bytes left the server`);
  t.true(sent - afterTen < 48 * MB);
  t.true(grown < 100);
  run.bodies.get(1)?.cancel();
});

for (const [encoding, form, pack] of [
  ['gzip', 'as usual', gzipSync],
  ['x-gzip', 'old name', gzipSync],
  ['GZIP', 'loud', gzipSync],
  ['deflate', 'as in zlib', deflateSync],
  ['deflate', 'bare', deflateRawSync],
  ['br', 'as usual', brotliCompressSync],
  ['identity, gzip', 'with nothing before it', gzipSync],
  ['gzip, br', 'stacked', (data: Buffer) => brotliCompressSync(gzipSync(data))],
] as const) {
  test(`fetch decodes ${encoding} (${form}) and takes away what described it`, async (t) => {
    const text = Buffer.from(Array.from({ length: 30_000 }, (_, n) => `${n * 7919}`).join(' '));
    const server = await serve(t, (request, response) => {
      const packed = pack(request.url === '/small' ? Buffer.from('hello') : text);
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': packed.length, 'x-kept': '1' });
      response.end(packed);
    });
    const run = makeRun();
    const fetch = fetcher(t);
    const small = await fetch(run, { url: `${server.origin}/small` });
    t.is(small.body, 'bytes');
    t.is(Buffer.from(small.bytes!).toString(), 'hello');
    t.deepEqual(
      Object.keys(headersOf(small)).filter((name) => /content|kept/.test(name)),
      ['x-kept'],
    );
    const large = await fetch(run, { url: server.origin });
    t.is(large.body, 'stream');
    t.true((await bodyOf(run, large)).equals(text));
  });
}

test('fetch leaves an encoding that it does not know as it is', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'zstd', 'content-length': 3 }).end('abc');
  });
  const fetched = await fetcher(t)(makeRun(), { url: server.origin });
  t.like(headersOf(fetched), { 'content-encoding': 'zstd', 'content-length': '3' });
  t.is(Buffer.from(fetched.bytes!).toString(), 'abc');
});

test('fetch rejects a body with many encodings', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip, gzip, gzip' }).end(gzipSync('x'));
  });
  const reason = await failure(fetcher(t)(makeRun(), { url: server.origin }));
  t.is(reason, 'TypeError: fetch: the body of the response has more than 2 encodings');
});

test('fetch gives a head whose body is not what its encoding says, and the read says so', async (t) => {
  for (const [encoding, body] of [
    ['gzip', Buffer.from('this is no gzip')],
    ['br', Buffer.from('this is no brotli, or is it')],
    ['deflate', Buffer.from('neither form of deflate')],
    ['gzip', gzipSync(Buffer.alloc(1_000)).subarray(0, 20)],
  ] as const) {
    const server = await serve(t, (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    const run = makeRun();
    t.is((await fetcher(t)(run, { url: server.origin })).body, 'stream', encoding);
    const all = async () => {
      while ((await readOp(run)).bytes);
    };
    t.is(await failure(all()), 'TypeError: fetch: the body cannot be decoded', encoding);
  }
});

test('R16 fetch stops a body that unpacks to far more than it is', async (t) => {
  let sent = 0;
  const server = await serve(t, (request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    // 10 GB of zeros, packed as they are asked for.
    const zip = createGzip();
    const zeros = Buffer.alloc(MB);
    const push = () => {
      while (sent < 10_000 * MB) {
        sent += MB;
        if (!zip.write(zeros)) return;
      }
    };
    zip.on('drain', push).on('error', () => {});
    zip.pipe(response);
    request.socket.on('close', () => zip.destroy());
    push();
  });
  const run = makeRun();
  const before = process.memoryUsage().rss;
  const fetched = await fetcher(t)(run, { url: server.origin });
  let unpacked = 0;
  const all = async () => {
    for (let next = await readOp(run); next.bytes; next = await readOp(run)) unpacked += next.bytes.length;
  };
  t.is(fetched.body, 'stream');
  t.is(await failure(all()), 'TypeError: fetch: the body is too large once decoded');
  t.true(unpacked <= 2 * MB, `${unpacked} bytes came out`);
  t.true(process.memoryUsage().rss - before < 150 * MB);
});

test('R16 fetch stops a packed body beyond the limit: bodyBytes', async (t) => {
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, n) => `${Math.sin(n)}`).join(''));
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(noise));
  });
  const run = makeRun({ limits: { bodyBytes: 200_000 } });
  await fetcher(t)(run, { url: server.origin });
  const all = async () => {
    while ((await readOp(run)).bytes);
  };
  t.is(await failure(all()), 'TypeError: fetch: the body is too large once decoded');
});

const sendOp = (run: TestRun, arg: Parameters<typeof send.perform>[0], text = '') =>
  send.perform(arg, run, Buffer.from(text), { id: 98, signal: run.signal });

test('fetch uploads what is sent, chunk by chunk', async (t) => {
  const server = await serve(t, async (request, response) => {
    response.end(`${request.headers['transfer-encoding']} ${Buffer.concat(await request.toArray())}`);
  });
  const run = makeRun();
  const fetched = fetcher(t)(run, { url: server.origin, method: 'POST', body: 'stream' }, { id: 5 });
  await sendOp(run, { to: 5 }, 'one ');
  await sendOp(run, { to: 5 }, 'two ');
  await sendOp(run, { to: 5, end: true }, 'three');
  t.is(Buffer.from((await fetched).bytes!).toString(), 'chunked one two three');
  t.is(await failure(sendOp(run, { to: 5 }, 'four')), 'TypeError: fetch: the upload is over');
});

test('fetch answers while the upload goes on: both directions at once', async (t) => {
  const server = await serve(t, (request, response) => {
    response.writeHead(200);
    request.pipe(response);
  });
  const run = makeRun();
  const opening = fetcher(t)(run, { url: server.origin, method: 'POST', body: 'stream' }, { id: 5 });
  await sendOp(run, { to: 5 }, 'ping');
  t.is((await opening).body, 'stream');
  t.is(Buffer.from((await readOp(run, 5)).bytes!).toString(), 'ping');
  await sendOp(run, { to: 5 }, 'pong');
  t.is(Buffer.from((await readOp(run, 5)).bytes!).toString(), 'pong');
  await sendOp(run, { to: 5, end: true });
  t.deepEqual((await readOp(run, 5)).value, { done: true });
});

test('fetch slows an upload down to the pace of the server', async (t) => {
  const server = await serve(t, (request) => {
    request.pause();
  });
  const run = makeRun();
  const fetched = failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'stream' }, { id: 5 }));
  let taken = 0;
  let open = true;
  const push = async () => {
    while (open && taken < 512) {
      await sendOp(run, { to: 5 }, 'x'.repeat(65_536));
      taken += 1;
    }
  };
  const pushing = failure(push());
  // The server reads nothing: once every buffer on the way is full, nothing more is taken.
  for (let n = 0; n < 3_000; n += 1) await new Promise(setImmediate);
  t.log(`${taken} chunks of 64 KiB taken`);
  t.true(taken < 512, `${taken} chunks`);
  open = false;
  run.abort();
  t.is(await pushing, 'TypeError: fetch: the upload is over');
  t.not(await fetched, 'no failure');
});

test('fetch cuts the upload off when the guest’s stream fails, so that the server takes nothing for whole', async (t) => {
  const aborted = Promise.withResolvers<string>();
  const server = await serve(t, (request) => {
    request.on('error', (error) => aborted.resolve((error as NodeJS.ErrnoException).code ?? ''));
    request.resume();
  });
  const run = makeRun();
  const fetched = failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'stream' }, { id: 5 }));
  await sendOp(run, { to: 5 }, 'one');
  await sendOp(run, { to: 5, error: 'no more' });
  t.is(await fetched, 'TypeError: fetch: the body of the request failed');
  t.is(await aborted.promise, 'ECONNRESET');
});

test('fetch tells a sender when the server hangs up', async (t) => {
  const server = await serveRaw(t, (socket) => socket.once('data', () => socket.destroy()));
  const run = makeRun();
  const fetched = failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'stream' }, { id: 5 }));
  const sending = async () => {
    for (;;) await sendOp(run, { to: 5 }, 'x'.repeat(65_536));
  };
  t.is(await failure(sending()), 'TypeError: fetch: the upload is over');
  t.is(await fetched, 'TypeError: fetch: the connection was closed before the response was complete');
});

test('fetch does not send a streamed upload twice to follow a redirect', async (t) => {
  const server = await serve(t, async (request, response) => {
    await request.toArray();
    response.writeHead(307, { location: '/again' }).end();
  });
  const run = makeRun();
  const fetched = failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'stream' }, { id: 5 }));
  await sendOp(run, { to: 5, end: true }, 'x');
  t.is(await fetched, 'TypeError: fetch: a streamed body cannot be sent again to follow a redirect');
});

test('fetch pipes an open body on, and takes it away from everybody else', async (t) => {
  const server = await serve(t, async (request, response) => response.end(Buffer.concat(await request.toArray())));
  const run = makeRun();
  const source = run.body(0, [Buffer.from('from '), Buffer.from('the client')]);
  const fetched = await fetcher(t)(run, { url: server.origin, method: 'POST', body: 'pipe', from: 0 });
  t.is(Buffer.from(fetched.bytes!).toString(), 'from the client');
  t.false(run.bodies.has(0));
  t.true(source.cancelled);
  const again = failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'pipe', from: 0 }));
  t.is(await again, 'TypeError: body has already been read');
});

test('fetch pipes the body of one response into the next request', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.method === 'GET') response.end(Buffer.alloc(300_000, 'a'));
    else request.pipe(response);
  });
  const run = makeRun();
  const fetch = fetcher(t);
  await fetch(run, { url: server.origin }, { id: 1 });
  const echoed = await fetch(run, { url: server.origin, method: 'POST', body: 'pipe', from: 1 }, { id: 2 });
  t.is((await bodyOf(run, echoed, 2)).length, 300_000);
});

test('fetch ends when the body it pipes fails', async (t) => {
  const server = await serve(t, (request) => request.on('error', () => {}).resume());
  const run = makeRun();
  run.body(0, [Buffer.from('beginning'), new Error('the client at 10.0.0.7 went away')]);
  const reason = await failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'pipe', from: 0 }));
  t.true(reason.startsWith('TypeError: '));
  t.false(reason.includes('10.0.0.7'));
});

test('fetch that is aborted closes the body it pipes', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const server = await serve(t, (request) => request.once('data', () => arrived.resolve()));
  const run = makeRun();
  const never = Promise.withResolvers<undefined>();
  const cancelled = Promise.withResolvers<void>();
  let first: Uint8Array | undefined = Buffer.from('beginning');
  run.bodies.set(0, {
    read: async () => {
      const chunk = first;
      first = undefined;
      return chunk ?? never.promise;
    },
    cancel: () => {
      cancelled.resolve();
      never.resolve(undefined);
    },
  });
  const fetched = failure(fetcher(t)(run, { url: server.origin, method: 'POST', body: 'pipe', from: 0 }));
  await arrived.promise;
  run.abort();
  t.not(await fetched, 'no failure');
  await cancelled.promise;
});
