// The op `fetch` against real servers on loopback: what goes out, what comes in, limits and failures. Addresses that
// may not be reached are in `fetch-address.test.ts`, bodies in `fetch-body.test.ts`.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeRun } from './test-run.ts';
import { bodyOf, failure, fetcher, headersOf, serve, serveRaw } from './test-server.ts';

test('fetch gives status, text, URL, headers and a small body at once', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(201, 'Made', [
      ['X-One', '1'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Length', '5'],
    ] as never);
    response.end('hello');
  });
  const run = makeRun();
  const fetched = await fetcher(t)(run, { url: `${server.origin}/path?q=1#part` });
  t.is(fetched.status, 201);
  t.is(fetched.statusText, 'Made');
  t.is(fetched.url, `${server.origin}/path?q=1`);
  t.false(fetched.redirected);
  t.is(fetched.body, 'bytes');
  t.is(Buffer.from(fetched.bytes!).toString(), 'hello');
  t.is(fetched.headers.join('|').match(/Set-Cookie/g)?.length, 2);
  t.like(headersOf(fetched), { 'x-one': '1', 'content-length': '5' });
  t.is(run.bodies.size, 0);
  t.is(server.requests[0]?.url, '/path?q=1');
});

test('fetch sends method, headers as they were written, and the bytes', async (t) => {
  const server = await serve(t, async (request, response) => {
    const chunks = await request.toArray();
    response.end(`${request.method} ${request.headers['content-length']} ${Buffer.concat(chunks)}`);
  });
  const run = makeRun();
  const fetched = await fetcher(t)(
    run,
    {
      url: server.origin,
      method: 'PUT',
      headers: ['X-Mixed-Case', 'é', 'x-twice', '1', 'x-twice', '2'],
      body: 'bytes',
    },
    { bytes: Buffer.from('body') },
  );
  t.is((await bodyOf(run, fetched)).toString(), 'PUT 4 body');
  const { rawHeaders, headers } = server.requests[0]!;
  t.true(rawHeaders.includes('X-Mixed-Case'));
  t.is(headers['x-mixed-case'], 'é');
  t.is(headers['x-twice'], '1, 2');
});

test('fetch strips what frames a message or names another host, and all that is ours', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  await fetcher(t)(makeRun(), {
    url: server.origin,
    method: 'POST',
    headers: [
      ...[
        'Host',
        'internal.test',
        'Content-Length',
        '100',
        'Transfer-Encoding',
        'chunked',
        'Connection',
        'x-mine, close',
      ],
      ...[
        'X-Mine',
        '1',
        'Keep-Alive',
        '1',
        'TE',
        'trailers',
        'Upgrade',
        'h2c',
        'Expect',
        '100-continue',
        'Trailer',
        'a',
      ],
      ...['Proxy-Authorization', 'b', 'X-Tine-Hops', '0', 'x-tine-debug', 'token', 'x-kept', 'yes'],
    ],
  });
  const { headers } = server.requests[0]!;
  t.is(headers.host, new URL(server.origin).host);
  t.is(headers['content-length'], '0');
  t.is(headers['x-tine-hops'], '1');
  t.is(headers['x-kept'], 'yes');
  for (const name of [
    'transfer-encoding',
    'x-mine',
    'te',
    'upgrade',
    'expect',
    'trailer',
    'proxy-authorization',
    'x-tine-debug',
  ]) {
    t.is(headers[name], undefined, name);
  }
});

test('fetch passes request id and trace on, and does not overwrite those of the guest', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const run = makeRun({ hops: 3, traceparent: '00-trace' });
  const fetch = fetcher(t);
  await fetch(run, { url: server.origin });
  t.like(server.requests[0]!.headers, {
    'x-request-id': 'r-1',
    traceparent: '00-trace',
    'x-tine-hops': '4',
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'tine',
  });
  await fetch(run, {
    url: server.origin,
    headers: ['X-Request-Id', 'mine', 'Accept', 'text/html', 'user-agent', 'me'],
  });
  t.like(server.requests[1]!.headers, { 'x-request-id': 'mine', accept: 'text/html', 'user-agent': 'me' });
});

test('R23 fetch does not let a request go round in circles: hops', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const fetch = fetcher(t);
  // The ingress refuses what says 9: it must hear it.
  await fetch(makeRun({ hops: 8 }), { url: server.origin });
  t.is(server.requests[0]?.headers['x-tine-hops'], '9');
  const reason = await failure(fetch(makeRun({ hops: 9 }), { url: server.origin }));
  t.is(reason, 'TypeError: fetch: this request passed through this server too often');
  t.is(server.requests.length, 1);
});

test('fetch shows the guest no headers of the connection', async (t) => {
  const server = await serve(t, (_, response) => {
    response.setHeader('Connection', 'keep-alive, X-Hop');
    response.setHeader('X-Hop', '1');
    response.setHeader('Keep-Alive', 'timeout=5');
    response.setHeader('X-End', '1');
    response.end('chunked');
  });
  const names = Object.keys(headersOf(await fetcher(t)(makeRun(), { url: server.origin })));
  t.deepEqual(
    names.filter((name) => name !== 'date'),
    ['x-end', 'content-length'],
  );
});

for (const url of ['foo', '/path', '', 'ftp://a.test/', 'file:///etc/passwd', 'data:,x', 'javascript:1', 'http://']) {
  test(`fetch refuses ${JSON.stringify(url)}, which is no absolute http or https URL`, async (t) => {
    const reason = await failure(fetcher(t)(makeRun(), { url }));
    t.is(reason, `TypeError: fetch: ${JSON.stringify(url)} is not an absolute http or https URL`);
  });
}

test('fetch refuses a URL with credentials, methods of the connection, and what no header may hold', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const fetch = fetcher(t);
  const { origin } = server;
  t.regex(await failure(fetch(makeRun(), { url: origin.replace('//', '//me:secret@') })), /user name or password/);
  for (const method of ['CONNECT', 'TRACE', 'track']) {
    t.is(await failure(fetch(makeRun(), { url: origin, method })), `TypeError: fetch: method ${method} is not allowed`);
  }
  for (const headers of [
    ['x', 'a\r\nhost: b'],
    ['x\r\ny', '1'],
    ['', '1'],
    ['a b', '1'],
    ['x', 'a\0'],
  ]) {
    t.is(await failure(fetch(makeRun(), { url: origin, headers })), 'TypeError: fetch: the request is not valid');
  }
  t.is(
    await failure(fetch(makeRun(), { url: origin, method: 'GET / HTTP/1.1\r\n' })),
    'TypeError: fetch: the request is not valid',
  );
  t.is(server.requests.length, 0);
});

test('fetch rejects the first subrequest beyond the limit: subrequests', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const run = makeRun({ limits: { subrequests: 3 } });
  const fetch = fetcher(t);
  for (let n = 0; n < 3; n += 1) await fetch(run, { url: server.origin });
  const reason = await failure(fetch(run, { url: server.origin }));
  t.is(reason, 'RangeError: limit reached: 3 subrequests per request');
  t.is(server.requests.length, 3);
});

test('fetch counts subrequests that fail, and those at the same time', async (t) => {
  const run = makeRun({ limits: { subrequests: 50 } });
  const fetch = fetcher(t, { allowPrivate: [] });
  const reasons = await Promise.all(
    Array.from({ length: 51 }, () => failure(fetch(run, { url: 'http://127.0.0.1:1/' }))),
  );
  t.is(reasons.filter((reason) => reason === 'TypeError: fetch: this address is not allowed').length, 50);
  t.is(reasons.filter((reason) => reason === 'RangeError: limit reached: 50 subrequests per request').length, 1);
});

test('fetch follows redirects, counts each hop, and says so', async (t) => {
  const server = await serve(t, (request, response) => {
    const hop = Number(request.url?.slice(1));
    if (hop === 0) response.end('there');
    else response.writeHead(302, { location: `/${hop - 1}` }).end('gone');
  });
  const run = makeRun();
  const fetched = await fetcher(t)(run, { url: `${server.origin}/3` });
  t.like(fetched, { status: 200, url: `${server.origin}/0`, redirected: true });
  t.is(run.subrequests, 4);
  t.true(server.connections <= 2);
  const limited = makeRun({ limits: { subrequests: 2 } });
  const reason = await failure(fetcher(t)(limited, { url: `${server.origin}/3` }));
  t.is(reason, 'RangeError: limit reached: 2 subrequests per request');
});

test('fetch follows at most 20 redirects', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(307, { location: '/' }).end());
  const reason = await failure(fetcher(t)(makeRun(), { url: server.origin }));
  t.is(reason, 'TypeError: fetch: more than 20 redirects');
  t.is(server.requests.length, 21);
});

test('fetch gives a redirect as it is with redirect: manual, and rejects with redirect: error', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(302, { location: '/x' }).end('see there'));
  const fetch = fetcher(t);
  const fetched = await fetch(makeRun(), { url: server.origin, redirect: 'manual' });
  t.like(fetched, { status: 302, redirected: false, body: 'bytes' });
  t.is(headersOf(fetched)['location'], '/x');
  const reason = await failure(fetch(makeRun(), { url: server.origin, redirect: 'error' }));
  t.is(reason, 'TypeError: fetch: the response is a redirect');
  t.is(server.requests.length, 2);
});

test('fetch takes a redirect without a place to go as the answer', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(301).end('?'));
  t.like(await fetcher(t)(makeRun(), { url: server.origin }), { status: 301, redirected: false });
});

test('fetch sends a body again after 307, drops it after 302, and tells no other origin who is asking', async (t) => {
  const seen: string[] = [];
  const target = await serve(t, async (request, response) => {
    const { authorization, cookie } = request.headers;
    const type = request.headers['content-type'];
    seen.push(`${request.method} ${Buffer.concat(await request.toArray())} ${type} ${authorization} ${cookie}`);
    response.end();
  });
  const server = await serve(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { location: target.origin }).end();
  });
  const fetch = fetcher(t);
  for (const status of [307, 302, 303]) {
    const headers = ['Authorization', 'secret', 'Cookie', 'secret', 'Content-Type', 'a/b'];
    const arg = { url: `${server.origin}/${status}`, method: 'POST', headers, body: 'bytes' as const };
    await fetch(makeRun(), arg, { bytes: Buffer.from('body') });
  }
  t.deepEqual(seen, [
    'POST body a/b undefined undefined',
    'GET  undefined undefined undefined',
    'GET  undefined undefined undefined',
  ]);
});

test('fetch is ended by its signal while it waits, and the server notices', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const server = await serve(t, (request) => {
    arrived.resolve();
    request.on('close', () => left.resolve());
  });
  const run = makeRun();
  const ended = failure(fetcher(t)(run, { url: server.origin }));
  await arrived.promise;
  run.abort();
  await left.promise;
  t.not(await ended, 'no failure');
});

test('fetch opens no body when nobody wants it any more', async (t) => {
  const left = Promise.withResolvers<void>();
  const server = await serve(t, (request, response) => {
    request.on('close', () => left.resolve());
    response.writeHead(200, { 'content-length': 10 }).write('begin');
  });
  const run = makeRun();
  const cancel = new AbortController();
  const fetch = fetcher(t, { inlineWaitMs: 60_000 });
  const ended = failure(fetch(run, { url: server.origin }, { signal: cancel.signal }));
  // The head arrives meanwhile, and the op waits whether the body is a small one.
  for (let n = 0; n < 500; n += 1) await new Promise(setImmediate);
  cancel.abort();
  t.not(await ended, 'no failure');
  t.is(run.bodies.size, 0);
  await left.promise;
});

const BROKEN: [title: string, answer: string | undefined, reason: string][] = [
  ['closes without a word', undefined, 'the connection was closed before the response was complete'],
  ['speaks no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'the server gave an invalid answer'],
  [
    'has two lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'the server gave an invalid answer',
  ],
  [
    'sends headers without end',
    `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`,
    'the response headers are too large',
  ],
  ['sends too many headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(257)}\r\n`, 'the response headers are too large'],
];

for (const [title, answer, reason] of BROKEN) {
  test(`fetch rejects when the server ${title}`, async (t) => {
    const server = await serveRaw(t, (socket) => {
      socket.once('data', () => (answer === undefined ? socket.destroy() : socket.end(answer)));
    });
    t.is(await failure(fetcher(t)(makeRun(), { url: server.origin })), `TypeError: fetch: ${reason}`);
  });
}

test('fetch rejects when nobody listens, and names neither address nor port', async (t) => {
  const fetch = fetcher(t, { resolver: async () => [{ address: '127.0.0.1', family: 4 }] });
  const reason = await failure(fetch(makeRun(), { url: 'http://name.test:1/' }));
  t.is(reason, 'TypeError: fetch: the connection was refused');
});

test('fetch rejects when the certificate of the server is not to be trusted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tine-cert-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', '/CN=a.test', '-keyout', key, '-out', cert],
  ]);
  if (made.status !== 0) {
    t.log('SKIPPED: openssl is not here to make a certificate');
    t.pass();
    return;
  }
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const fetch = fetcher(t, { resolver: async () => [{ address: '127.0.0.1', family: 4 }] });
  const url = `https://a.test:${(server.address() as AddressInfo).port}/`;
  t.is(await failure(fetch(makeRun(), { url })), 'TypeError: fetch: the certificate of the server is not valid');
});

test('fetch rejects when a name has no address', async (t) => {
  const none = fetcher(t, { resolver: async () => [] });
  t.is(await failure(none(makeRun(), { url: 'http://a.test/' })), 'TypeError: fetch: the host name cannot be resolved');
  const error = Object.assign(new Error('getaddrinfo ENOTFOUND at 10.0.0.53'), { code: 'ENOTFOUND' });
  const failing = fetcher(t, { resolver: () => Promise.reject(error) });
  t.is(
    await failure(failing(makeRun(), { url: 'http://a.test/' })),
    'TypeError: fetch: the host name cannot be resolved',
  );
});

test('fetch gives up connecting after a while', async (t) => {
  const silence = setInterval(() => {}, 1_000);
  t.teardown(() => clearInterval(silence));
  const fetch = fetcher(t, { resolver: () => new Promise(() => {}), connectTimeoutMs: 50 });
  t.is(await failure(fetch(makeRun(), { url: 'http://a.test/' })), 'TypeError: fetch: the connection timed out');
});

test('fetch uses a connection again', async (t) => {
  const server = await serve(t, (_, response) => response.end('x'));
  const fetch = fetcher(t);
  for (let n = 0; n < 10; n += 1) await fetch(makeRun(), { url: server.origin });
  t.true(server.connections <= 2, `${server.connections} connections`);
});

test('makeFetchOp() refuses an allowed address that is none', async (t) => {
  t.throws(() => fetcher(t, { allowPrivate: ['intranet'] }), { instanceOf: RangeError });
});
