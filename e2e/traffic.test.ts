// Which program and which version answers: splits and stickiness, routes and their order, the default program.

import { Agent } from 'node:http';
import { share } from './hazards/share.ts';
import { start } from './start.ts';

const answering = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;
/** Answers with its name and the path that it sees. */
const saying = (text: string) =>
  `export default { fetch: (request) => new Response(${JSON.stringify(text)} + ' ' + new URL(request.url).pathname) }`;

const REQUESTS = 10_000;

const test = share(async (tine) => {
  // Contexts are not what is looked at here.
  const config = { isolation: 'program' };
  await tine.deploy('split', answering('old'), { config });
  await tine.deploy('split', answering('new'), { config });
  const [newest, oldest] = (await tine.control('GET', '/v1/programs/split/versions')).json.items;
  await tine.control('PUT', '/v1/programs/split/traffic', { [oldest!.version]: 90, [newest!.version]: 10 });
});

test.serial('a split of 90 to 10 over 10,000 clients is kept within one point', async (t) => {
  t.timeout(60_000);
  const { tine } = t.context;
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const counts: Record<string, number> = {};
  let next = 0;
  const client = async () => {
    for (let n = next++; n < REQUESTS; n = next++) {
      const { text } = await tine.fetch('split', '/', { agent, headers: { 'x-tine-version-key': `client-${n}` } });
      counts[text] = (counts[text] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, client));
  agent.destroy();
  t.is((counts['old'] ?? 0) + (counts['new'] ?? 0), REQUESTS, JSON.stringify(counts));
  t.true(Math.abs(counts['new']! - REQUESTS / 10) <= REQUESTS / 100, JSON.stringify(counts));
});

test.serial('the same key is always answered by the same version', async (t) => {
  const { tine } = t.context;
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const texts = new Set<string>();
    for (let i = 0; i < 5; i++) {
      texts.add((await tine.fetch('split', '/', { headers: { 'x-tine-version-key': key } })).text);
      texts.add((await tine.fetch('split', '/', { headers: { cookie: `a=b; tine-version-key=${key}` } })).text);
    }
    t.is(texts.size, 1, key);
  }
});

test.serial(
  'a client without a key gets one as a cookie, which keeps it on its side; one with a key gets none',
  async (t) => {
    const { tine } = t.context;
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const first = await tine.fetch('split');
      const [cookie = ''] = first.headers['set-cookie'] ?? [];
      t.regex(cookie, /^tine-version-key=[a-z0-9]+; Path=\/; HttpOnly; SameSite=Lax$/);
      const second = await tine.fetch('split', '/', { headers: { cookie: cookie.split(';')[0]! } });
      t.is(second.text, first.text);
      t.is(second.headers['set-cookie'], undefined);
      seen.add(first.text);
    }
    t.deepEqual(seen, new Set(['old', 'new']));
    t.is((await tine.fetch('neighbour')).headers['set-cookie'], undefined, 'nothing to be kept where nothing is split');
  },
);

test.serial('a client that was on the growing side stays there while it grows', async (t) => {
  const { tine } = t.context;
  const [newest, oldest] = (await tine.control('GET', '/v1/programs/split/versions')).json.items;
  const read = (key: number) => tine.fetch('split', '/', { headers: { 'x-tine-version-key': `client-${key}` } });
  const before = await Promise.all(Array.from({ length: 200 }, async (_, n) => (await read(n)).text));
  await tine.control('PUT', '/v1/programs/split/traffic', { [oldest!.version]: 50, [newest!.version]: 50 });
  const after = await Promise.all(Array.from({ length: 200 }, async (_, n) => (await read(n)).text));
  t.true(before.every((text, n) => text === 'old' || after[n] === 'new'));
  t.true(after.filter((text) => text === 'new').length > before.filter((text) => text === 'new').length);
});

test.serial(
  'routes: the exact host before a wildcard, the longer before the shorter, dot segments resolved',
  async (t) => {
    const { tine } = t.context;
    const routes: [string, string[]][] = [
      ['r-wild', ['*.example.com/*']],
      ['r-deep', ['*.api.example.com/*']],
      ['r-host', ['shop.example.com/*']],
      ['r-path', ['shop.example.com/cart*']],
      ['r-exact', ['shop.example.com/cart/pay']],
    ];
    for (const [name, patterns] of routes)
      await tine.deploy(name, saying(name), { config: { name, routes: patterns } });
    const table: [string, string, string | undefined][] = [
      ['a.example.com', '/', 'r-wild /'],
      ['x.api.example.com', '/', 'r-deep /'],
      ['SHOP.example.com:8080', '/x', 'r-host /x'],
      ['shop.example.com.', '/', 'r-host /'],
      ['shop.example.com', '/cart', 'r-path /cart'],
      ['shop.example.com', '/carton', 'r-path /carton'],
      ['shop.example.com', '/cart/pay', 'r-exact /cart/pay'],
      ['shop.example.com', '/cart/pay?x=1', 'r-exact /cart/pay'],
      ['shop.example.com', '/cart/pay/', 'r-path /cart/pay/'],
      ['shop.example.com', '/cart/../x', 'r-host /x'],
      ['shop.example.com', '/x/%2e%2e/cart/pay', 'r-exact /cart/pay'],
      ['example.com', '/', undefined],
      ['evilexample.com', '/', undefined],
      ['127.0.0.1', '/', undefined],
      ['nobody.localhost', '/', undefined],
    ];
    for (const [host, path, wanted] of table) {
      const reply = await tine.fetch('x', path, { headers: { host } });
      if (wanted === undefined) t.is(reply.code, 'not_found', host);
      else t.is(reply.text, wanted, host + path);
    }
  },
);

test.serial(
  'a route that another program holds is 409 route_conflict naming both, and the old version serves on',
  async (t) => {
    const { tine } = t.context;
    await tine.deploy('holder', answering('holder'), { config: { routes: ['held.example/*'] } });
    await tine.deploy('wanter', answering('before'));
    const reply = await tine.deploy('wanter', answering('after'), {
      config: { routes: ['HELD.example/*'] },
      expect: 409,
    });
    t.is(reply.code, 'route_conflict');
    t.like(reply.json.error.details, { route: 'held.example/*', program: 'holder' });
    t.is((await tine.fetch('wanter')).text, 'before');
    t.is((await tine.fetch('x', '/', { headers: { host: 'held.example' } })).text, 'holder');
    await tine.control('DELETE', '/v1/programs/holder');
    await tine.deploy('wanter', answering('after'), { config: { routes: ['held.example/*'] } });
    t.is((await tine.fetch('x', '/', { headers: { host: 'held.example' } })).text, 'after');
  },
);

test.serial('a route is held while it is deployed: of many at once, one gets it', async (t) => {
  const { tine } = t.context;
  const replies = await Promise.all(
    ['race-a', 'race-b', 'race-c'].map((name) =>
      tine.deploy(name, answering(name), { config: { routes: ['race.example/*'] } }).then(
        () => 201,
        (error) => (/route_conflict/.test(error.message) ? 409 : String(error)),
      ),
    ),
  );
  t.deepEqual(replies.toSorted(), [201, 409, 409]);
});

test.serial('a version whose routes another program has got meanwhile cannot be rolled back to', async (t) => {
  const { tine } = t.context;
  const route = { routes: ['lent.example/*'] };
  const { version } = (await tine.deploy('lender', answering('first'), { config: route })).json;
  await tine.deploy('lender', answering('second'));
  await tine.deploy('borrower', answering('borrower'), { config: route });
  const reply = await tine.control('PUT', '/v1/programs/lender/traffic', { [version]: 100 });
  t.is(reply.code, 'route_conflict');
  t.is((await tine.fetch('x', '/', { headers: { host: 'lent.example' } })).text, 'borrower');
  t.is((await tine.fetch('lender')).text, 'second');
});

test.serial('the only program, or the default one, answers for names that nobody has', async (t) => {
  await using tine = await start({ env: { TINE_DEFAULT_PROGRAM: 'chosen' } });
  const read = async (host: string) => {
    const { text, code } = await tine.fetch('x', '/', { headers: { host } });
    return code ?? text;
  };
  t.is(await read('anything.example'), 'not_found');
  await tine.deploy('other', answering('other'));
  t.is(await read('anything.example'), 'not_found');
  await tine.deploy('chosen', answering('chosen'));
  t.is(await read('anything.example'), 'chosen');
  t.is(await read('127.0.0.1'), 'chosen');
  t.is(await read('other.localhost'), 'other');
  t.is(await read('nobody.localhost'), 'not_found');
});
