// Versions of a program and their traffic: promote, roll back, split, previews, and who moved it first.
import { share } from './hazards/share.ts';

const answering = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

interface Version {
  version: string;
}

const test = share();

test.serial('a deploy answers where the version is reached, and a later one takes over at once', async (t) => {
  const { tine } = t.context;
  const first = (await tine.deploy('v', answering('one'), { expect: 201 })).json;
  t.regex(first.version, /^[0-9a-f]{12}$/);
  t.is(new URL(first.url).host, `v.localhost:${tine.dataPort}`);
  t.is((await tine.fetch('v')).text, 'one');
  const second = (await tine.deploy('v', answering('two'), { expect: 201 })).json;
  t.not(second.version, first.version);
  t.is((await tine.fetch('v')).text, 'two');
  await t.context.neighbour();
});

test.serial('GET …/versions lists all of them, newest first, with their traffic', async (t) => {
  const { tine } = t.context;
  const { items } = (await tine.control('GET', '/v1/programs/v/versions')).json;
  t.deepEqual(
    items.map(({ percent }: { percent: number }) => percent),
    [100, 0],
  );
  for (const { version, url } of items) t.is(new URL(url).host, `${version}--v.localhost:${tine.dataPort}`);
});

test.serial('PUT …/traffic rolls back, by the first digits of a version', async (t) => {
  const { tine } = t.context;
  const [newest, oldest] = (await tine.control('GET', '/v1/programs/v/versions')).json.items as [Version, Version];
  const reply = await tine.control('PUT', '/v1/programs/v/traffic', { [oldest.version.slice(0, 6)]: 100 });
  t.is(reply.status, 200);
  t.deepEqual(reply.json.traffic, { [oldest.version]: 100 });
  t.is((await tine.fetch('v')).text, 'one');
  await tine.control('PUT', '/v1/programs/v/traffic', { [newest.version]: 100 });
  t.is((await tine.fetch('v')).text, 'two');
});

test.serial('a deploy with promote=false serves only its preview host', async (t) => {
  const { tine } = t.context;
  const { url, version } = (await tine.deploy('v', answering('three'), { query: '?promote=false' })).json;
  t.is((await tine.fetch('v')).text, 'two');
  const { host } = new URL(url);
  t.is(host, `${version}--v.localhost:${tine.dataPort}`);
  t.is((await tine.fetch('v', '/', { headers: { host } })).text, 'three');
  const all = (await tine.control('GET', '/v1/programs/v/versions')).json.items;
  const texts = await Promise.all(
    all.map(
      async (each: { url: string }) => (await tine.fetch('v', '/', { headers: { host: new URL(each.url).host } })).text,
    ),
  );
  t.deepEqual(texts.toSorted(), ['one', 'three', 'two']);
});

test.serial('a preview host of no version, or of too few digits, is 404', async (t) => {
  const { tine } = t.context;
  for (const label of ['000000000000--v', '0000--v', '000000000000--nobody', 'v--000000000000', '--v']) {
    const reply = await tine.fetch('v', '/', { headers: { host: `${label}.localhost` } });
    t.is(reply.code, 'not_found', label);
  }
});

test.serial('many requests at once for a preview that nobody has asked for get it, all of them', async (t) => {
  const { tine } = t.context;
  const { url } = (await tine.deploy('v', answering('four'), { query: '?promote=false' })).json;
  const headers = { host: new URL(url).host };
  const texts = await Promise.all(
    Array.from({ length: 40 }, async () => (await tine.fetch('v', '/', { headers })).text),
  );
  t.deepEqual(new Set(texts), new Set(['four']));
});

test.serial('If-Match: the revision that it was read with, or 409 version_conflict', async (t) => {
  const { tine } = t.context;
  const shown = await tine.control('GET', '/v1/programs/v');
  const { etag } = shown.headers;
  const [{ version }] = (await tine.control('GET', '/v1/programs/v/versions')).json.items as [Version];
  const put = (ifMatch: string) =>
    tine.control('PUT', '/v1/programs/v/traffic', { [version]: 100 }, { 'if-match': ifMatch });
  const moved = await put(String(etag));
  t.is(moved.status, 200);
  t.not(moved.headers.etag, etag);
  const late = await put(String(etag));
  t.is(late.status, 409);
  t.is(late.code, 'version_conflict');
  t.is((await put('*')).status, 200);
  t.is((await put('nonsense')).status, 400);
});

test.serial('PUT …/traffic refuses what is no split of versions that exist, and changes nothing', async (t) => {
  const { tine } = t.context;
  const before = (await tine.control('GET', '/v1/programs/v')).text;
  const [{ version }] = (await tine.control('GET', '/v1/programs/v/versions')).json.items as [Version];
  const bad: [object, number][] = [
    [{ [version]: 99 }, 400],
    [{ [version]: 101 }, 400],
    [{ [version]: -1 }, 400],
    [{}, 400],
    [{ '0123456789ab': 100 }, 404],
    [{ [version.slice(0, 3)]: 100 }, 404],
  ];
  for (const [body, status] of bad) {
    const reply = await tine.control('PUT', '/v1/programs/v/traffic', body);
    t.is(reply.status, status, JSON.stringify(body));
  }
  t.is((await tine.control('PUT', '/v1/programs/nobody/traffic', { [version]: 100 })).status, 404);
  t.is((await tine.control('GET', '/v1/programs/v')).text, before);
});

test.serial('GET …/traffic/history tells what it was, newest first; 404 for a program that is none', async (t) => {
  const { tine } = t.context;
  const { items } = (await tine.control('GET', '/v1/programs/v/traffic/history?limit=2')).json;
  t.is(items.length, 2);
  t.true(items[0]!.revision > items[1]!.revision);
  t.is((await tine.control('GET', '/v1/programs/nobody/traffic/history')).status, 404);
});

test.serial('DELETE: the program is 404 at once, its previews too, and its name is free', async (t) => {
  const { tine } = t.context;
  const { url } = (await tine.deploy('gone', answering('x'))).json;
  const preview = {
    host: `${(await tine.control('GET', '/v1/programs/gone/versions')).json.items[0]!.version}--gone.localhost`,
  };
  t.is((await tine.fetch('gone', '/', { headers: preview })).text, 'x');
  t.truthy(url);
  t.is((await tine.control('DELETE', '/v1/programs/gone')).status, 204);
  t.is((await tine.fetch('gone')).code, 'not_found');
  t.is((await tine.fetch('gone', '/', { headers: preview })).code, 'not_found');
  t.is((await tine.control('GET', '/v1/programs/gone')).status, 404);
  t.is((await tine.control('GET', '/v1/programs/gone/versions')).status, 404);
  t.is((await tine.control('DELETE', '/v1/programs/gone')).status, 404);
  await tine.deploy('gone', answering('again'), { expect: 201 });
  t.is((await tine.fetch('gone')).text, 'again');
});
