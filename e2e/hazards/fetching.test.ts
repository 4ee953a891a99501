// R06, R22, R23: what programs may fetch. The network of the host is not theirs: a false metadata server on loopback
// must see nothing, whatever way its address is written.

import { serve } from '../servers.ts';
import type { Tine } from '../start.ts';
import { until } from '../until.ts';
import { guest, isProblem, share } from './share.ts';

/** Of all private addresses these programs may reach this one. */
const ALLOWED = '127.0.0.2';

const test = share(
  async (tine) => {
    await tine.deploy('evaluates', guest('evaluates.js'));
    await tine.deploy('hurried', guest('evaluates.js'), { config: { name: 'hurried', limits: { wall_ms: 300 } } });
  },
  { env: { TINE_ALLOW_PRIVATE: `${ALLOWED}/32` } },
);

const LOOPBACK = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127.255.255.254',
  '0.0.0.0',
  '0',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'metadata.localhost',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
];

const OTHERS = [
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '100.64.0.1',
  '100.127.255.255',
  '198.18.0.1',
  '192.0.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[ff02::1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
];

for (const host of [...LOOPBACK, ...OTHERS]) {
  test.serial(`R22 fetch to ${host} rejects with a TypeError, and no packet leaves`, async (t) => {
    const { tine, neighbour } = t.context;
    await using metadata = await serve();
    t.is(await fetched(tine, `http://${host}:${metadata.port}/latest/meta-data/`), 'TypeError');
    t.is(metadata.requests.length + metadata.open(), 0);
    await neighbour();
  });
}

test.serial('R22 a refused address is in the log as blocked_address, the guest does not learn it', async (t) => {
  const { tine } = t.context;
  const body = "try { await fetch('http://169.254.169.254/') } catch (error) { return new Response(error.message) }";
  const { text } = await tine.fetch('evaluates', '/', { method: 'POST', body, headers: { 'x-request-id': 'r22' } });
  t.notRegex(text, /169\.254|ECONN|ENET/);
  const line = await tine.log.until(
    'blocked_address',
    ({ requestId, code }) => requestId === 'r22' && code === 'blocked_address',
  );
  t.is(line.source, 'tine');
});

for (const status of [301, 302, 303, 307, 308]) {
  test.serial(`R22 a redirect (${status}) to a private address is not followed`, async (t) => {
    const { tine, neighbour } = t.context;
    await using metadata = await serve();
    await using public_ = await serve(
      (_, response) => void response.writeHead(status, { location: metadata.url }).end(),
      ALLOWED,
    );
    t.is(await fetched(tine, public_.url), 'TypeError');
    t.is(public_.requests.length, 1);
    t.is(metadata.requests.length + metadata.open(), 0);
    await neighbour();
  });
}

for (const url of [
  'file:///etc/passwd',
  'ftp://127.0.0.2/',
  'gopher://127.0.0.2/',
  'unix:/var/run/docker.sock',
  'http://user:password@127.0.0.2/',
  '//127.0.0.2',
  '',
]) {
  test.serial(`R22 fetch of ${JSON.stringify(url)} rejects with a TypeError`, async (t) => {
    t.is(await fetched(t.context.tine, url), 'TypeError');
    await t.context.neighbour();
  });
}

test.serial('R22 an address that the operator allows is reached', async (t) => {
  await using server = await serve(undefined, ALLOWED);
  t.is(await fetched(t.context.tine, server.url), '200 echo');
});

test.serial(
  'R06 a handler that waits for a server which never answers is 504 wall_limit, and its fetch is aborted',
  async (t) => {
    const { tine, neighbour } = t.context;
    await using server = await serve(() => {}, ALLOWED);
    const reply = await tine.fetch('hurried', '/', { method: 'POST', body: `return fetch('${server.url}')` });
    isProblem(t, reply, 'wall_limit');
    t.is(server.requests.length, 1);
    await until('the connection to close', () => server.open() === 0);
    await until('the permit to come back', async () => (await tine.metric('tine_permits_in_use')) === 0);
    await neighbour();
  },
);

test.serial('R23 Host, framing and the names of tine that a guest forges are not sent', async (t) => {
  const { tine, neighbour } = t.context;
  await using server = await serve(undefined, ALLOWED);
  const forged = {
    host: 'canary.example',
    'content-length': '999',
    'transfer-encoding': 'chunked',
    connection: 'upgrade, x-named',
    'x-named': 'canary',
    upgrade: 'canary',
    te: 'canary',
    expect: '100-continue',
    'proxy-authorization': 'canary',
    'x-tine-hops': '0',
    'x-tine-debug': 'canary',
    'x-mine': 'kept',
  };
  const body = `return fetch('${server.url}', { method: 'POST', body: 'hello', headers: ${JSON.stringify(forged)} })`;
  t.is((await tine.fetch('evaluates', '/', { method: 'POST', body, headers: { 'x-request-id': 'r23' } })).text, 'echo');
  const [request] = server.requests;
  t.is(request?.headers.host, `${ALLOWED}:${server.port}`);
  t.is(request?.headers['content-length'], '5');
  t.is(request?.headers['x-mine'], 'kept');
  t.is(request?.headers['x-tine-hops'], '1');
  t.is(request?.headers['x-request-id'], 'r23');
  t.notRegex(request!.rawHeaders.join(), /canary/);
  await neighbour();
});

test.serial('R23 a header with a line end throws in the guest', async (t) => {
  await using server = await serve(undefined, ALLOWED);
  const code = String.raw`{ headers: { 'x-a': 'b\r\nx-c: canary' } }`;
  t.is(await fetched(t.context.tine, server.url, code), 'TypeError');
  t.is(server.requests.length, 0);
});

test.serial('R23 fetch of a method that changes the connection rejects', async (t) => {
  await using server = await serve(undefined, ALLOWED);
  for (const method of ['CONNECT', 'TRACE', 'TRACK'])
    t.is(await fetched(t.context.tine, server.url, `{ method: '${method}' }`), 'TypeError');
  t.is(server.requests.length, 0);
});

test.serial('R23 a request that says it came through here nine times is 508 loop_detected', async (t) => {
  const { tine, neighbour } = t.context;
  t.is((await tine.fetch('neighbour', '/8', { headers: { 'x-tine-hops': '8' } })).status, 200);
  isProblem(t, await tine.fetch('neighbour', '/9', { headers: { 'x-tine-hops': '9' } }), 'loop_detected');
  await neighbour();
});

test.serial(
  'R23 fetch is over when the answer is: a server that hangs in the body does not hold a permit',
  async (t) => {
    const { tine, neighbour } = t.context;
    await using server = await serve((_, response) => void response.write('x'), ALLOWED);
    const body = `await fetch('${server.url}'); return new Response('did not read it')`;
    t.is((await tine.fetch('evaluates', '/', { method: 'POST', body })).text, 'did not read it');
    await until('the connection to close', () => server.open() === 0);
    t.is(await tine.metric('tine_permits_in_use'), 0);
    await neighbour();
  },
);

/** What a guest sees of a fetch: `200 echo`, or the name of what it rejected with. */
async function fetched(tine: Tine, url: string, init = '{}'): Promise<string> {
  const body = `try { const r = await fetch(${JSON.stringify(url)}, ${init}); return new Response(r.status + ' ' + await r.text()) }
    catch (error) { return new Response(error.name) }`;
  return (await tine.fetch('evaluates', '/', { method: 'POST', body })).text;
}
