// R22: what a guest must not reach. The server that must see nothing listens on loopback; whatever form the address
// takes, it counts connections, not requests: a packet is one too many.
import test from 'ava';
import { makeRun } from './test-run.ts';
import { failure, fetcher, serve, serveRaw } from './test-server.ts';

const REFUSED = 'TypeError: fetch: this address is not allowed';

/** Forms of loopback that a URL may take; `PORT` is that of the server. */
const FORMS = [
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0x7F.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://017700000001:PORT/',
  'http://0177.0x0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://１２７.0.0.1:PORT/',
  'http://127。0。0。1:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0:PORT/',
  'http://[::1]:PORT/',
  'http://[::]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:7f00:1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'https://127.0.0.1:PORT/',
  'http:127.0.0.1:PORT',
  'http:\\\\127.0.0.1:PORT\\',
  'http://public.test@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#public.test',
  ' http://127.0.0.1:PORT/ ',
  'ht\ntp://127.0.0.1:PORT/',
];

for (const form of FORMS) {
  test(`R22 fetch does not reach ${JSON.stringify(form)}`, async (t) => {
    const server = await serveRaw(t, (socket) => socket.destroy());
    const run = makeRun();
    const reason = await failure(
      fetcher(t, { allowPrivate: [] })(run, { url: form.replace('PORT', `${server.port}`) }),
    );
    if (!form.includes('@')) {
      t.is(reason, REFUSED);
      t.is(run.warnings[0]?.code, 'blocked_address');
    } else t.regex(reason, /user name/);
    t.is(server.connections, 0);
  });
}

const PRIVATE = [
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[fc00::1]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[::ffff:a9fe:a9fe]',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
];

for (const host of PRIVATE) {
  test(`R22 fetch does not reach ${host}, by address or by a name that has it`, async (t) => {
    const run = makeRun();
    t.is(await failure(fetcher(t, { allowPrivate: [] })(run, { url: `http://${host}/latest/meta-data/` })), REFUSED);
    const address = new URL(`http://${host}`).hostname.replace(/[[\]]/g, '');
    const family = address.includes(':') ? 6 : 4;
    const named = fetcher(t, { allowPrivate: [], resolver: async () => [{ address, family }] });
    t.is(await failure(named(run, { url: 'http://metadata.test/' })), REFUSED);
    t.deepEqual(run.warnings[1], {
      code: 'blocked_address',
      text: 'fetch to metadata.test was refused: it leads to an address that is not public',
    });
  });
}

test('R22 fetch does not reach localhost, nor names below it, unless loopback is allowed', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const [strict, open] = [fetcher(t, { allowPrivate: [] }), fetcher(t)];
  for (const name of ['localhost', 'p.localhost', 'LOCALHOST', 'a.b.localhost.']) {
    const url = `http://${name}:${server.port}/`;
    t.is(await failure(strict(makeRun(), { url })), REFUSED, name);
    t.is(server.connections, 0);
  }
  t.is((await open(makeRun(), { url: `http://p.localhost:${server.port}/` })).status, 200);
  t.is(server.requests[0]?.headers.host, `p.localhost:${server.port}`);
});

test('R22 fetch reaches what the operator allows, by address and by name, and nothing beside it', async (t) => {
  const [allowed, secret] = [await serve(t, (_, r) => r.end('ok'), '127.0.0.2'), await serve(t, (_, r) => r.end())];
  const fetch = fetcher(t, {
    allowPrivate: ['127.0.0.2/32'],
    resolver: async (name) => [{ address: name === 'good.test' ? '127.0.0.2' : '127.0.0.1', family: 4 }],
  });
  t.is((await fetch(makeRun(), { url: allowed.origin })).status, 200);
  t.is((await fetch(makeRun(), { url: `http://good.test:${allowed.port}/` })).status, 200);
  t.is(allowed.requests[1]?.headers.host, `good.test:${allowed.port}`);
  t.is(await failure(fetch(makeRun(), { url: secret.origin })), REFUSED);
  t.is(await failure(fetch(makeRun(), { url: `http://bad.test:${secret.port}/` })), REFUSED);
  t.is(secret.connections, 0);
});

test('R22 fetch over TLS is judged by the same addresses', async (t) => {
  const secret = await serveRaw(t, (socket) => socket.destroy());
  const fetch = fetcher(t, { allowPrivate: [], resolver: async () => [{ address: '127.0.0.1', family: 4 }] });
  t.is(await failure(fetch(makeRun(), { url: `https://secret.test:${secret.port}/` })), REFUSED);
  t.is(secret.connections, 0);
});

test('R22 fetch asks for a name once, and connects to the address that was judged', async (t) => {
  const good = await serve(t, (_, response) => response.end('good'), '127.0.0.2');
  let asked = 0;
  const resolver = async () => {
    asked += 1;
    // The first answer is harmless. Whoever asks again gets the one that the attacker wants.
    return [{ address: asked === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
  };
  const fetch = fetcher(t, { allowPrivate: ['127.0.0.2/32'], resolver });
  const fetched = await fetch(makeRun(), { url: `http://rebind.test:${good.port}/` });
  t.is(fetched.status, 200);
  t.is(asked, 1);
  t.is(good.connections, 1);
});

test('R22 fetch judges the flipped answer of a name again when it connects again', async (t) => {
  const harmless = await serve(t, (_, response) => response.end('good'), '127.0.0.2');
  const secret = await serveRaw(t, (socket) => socket.destroy());
  let address = '127.0.0.2';
  const fetch = fetcher(t, {
    allowPrivate: ['127.0.0.2/32'],
    resolver: async () => [{ address, family: 4 }],
  });
  await fetch(makeRun(), { url: `http://rebind.test:${harmless.port}/` });
  address = '127.0.0.1';
  t.is(await failure(fetch(makeRun(), { url: `http://rebind.test:${secret.port}/` })), REFUSED);
  t.is(secret.connections, 0);
});

test('R22 fetch refuses a name that has one bad address among good ones', async (t) => {
  const secret = await serveRaw(t, (socket) => socket.destroy());
  for (const addresses of [
    ['127.0.0.2', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.2', '::1'],
    ['127.0.0.2', 'not an address'],
  ]) {
    const resolver = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const fetch = fetcher(t, { allowPrivate: ['127.0.0.2/32'], resolver });
    t.is(await failure(fetch(makeRun(), { url: `http://mixed.test:${secret.port}/` })), REFUSED);
  }
  t.is(secret.connections, 0);
});

const DETOURS: [title: string, location: (port: number) => string][] = [
  ['an address', (port) => `http://127.0.0.1:${port}/`],
  ['an address in another form', (port) => `http://0x7f.1:${port}/`],
  ['a name', (port) => `http://secret.test:${port}/`],
  ['an address without a scheme', (port) => `//127.0.0.1:${port}/`],
  ['a metadata server', () => 'http://169.254.169.254/latest/meta-data/'],
];

for (const [title, location] of DETOURS) {
  test(`R22 fetch does not follow a redirect to ${title}`, async (t) => {
    const secret = await serveRaw(t, (socket) => socket.destroy());
    const headers = { location: location(secret.port) };
    const server = await serve(t, (_, response) => response.writeHead(302, headers).end(), '127.0.0.2');
    const resolver = async () => [{ address: '127.0.0.1', family: 4 }];
    const fetch = fetcher(t, { allowPrivate: ['127.0.0.2/32'], resolver });
    const run = makeRun();
    t.is(await failure(fetch(run, { url: server.origin })), REFUSED);
    t.is(run.warnings[0]?.code, 'blocked_address');
    t.is(run.subrequests, 2);
    t.is(secret.connections, 0);
  });
}

test('R22 fetch does not follow a redirect to another scheme', async (t) => {
  for (const location of ['file:///etc/passwd', 'ftp://a.test/', 'data:text/plain,x', 'gopher://127.0.0.1/']) {
    const server = await serve(t, (_, response) => response.writeHead(302, { location }).end());
    t.regex(await failure(fetcher(t)(makeRun(), { url: server.origin })), /not an absolute http or https URL$/);
  }
});

test('R23 fetch cannot be turned to another host by a header', async (t) => {
  const server = await serve(t, (_, response) => response.end(), '127.0.0.2');
  const secret = await serveRaw(t, (socket) => socket.destroy());
  const fetch = fetcher(t, {
    allowPrivate: ['127.0.0.2/32'],
    resolver: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const run = makeRun();
  await fetch(run, {
    url: server.origin,
    headers: ['Host', `secret.test:${secret.port}`, ':authority', 'secret.test'],
  }).catch(() => {});
  await fetch(run, { url: server.origin, headers: ['host', `127.0.0.1:${secret.port}`] });
  t.is(server.requests.at(-1)?.headers.host, `127.0.0.2:${server.port}`);
  t.is(secret.connections, 0);
});
