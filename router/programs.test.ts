import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Templates, TineError, type Upload, versionOf } from '#sandbox';
import { openStore, type Store, type VersionSummary } from '#store';
import { resolveProgramConfig } from './config/resolve.ts';
import type { PublishedProgram } from './ingress/published.ts';
import { Programs, shown } from './programs.ts';

/** An upload of one module. */
function uploadOf(text: string, { name = 'a', routes = [] }: { name?: string; routes?: string[] } = {}): Upload {
  const { config } = resolveProgramConfig(JSON.stringify({ name, routes }), { file: 'config', ceilings: {} });
  // As the store gives it back: what is undefined is not there.
  const kept = JSON.parse(JSON.stringify(config)) as Upload['config'];
  return { program: name, language: 'javascript', modules: [{ path: 'index.js', text }], config: kept };
}

/** A store some of whose methods do something else. */
function storeWith(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => methods[name as keyof Store] ?? target[name as keyof Store].bind(target),
  });
}

/** Programs over a real store, with templates that are never built. */
async function start(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tine-programs-'));
  const store = await openStore({ engine: 'sqlite', folder });
  t.teardown(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const published: PublishedProgram[] = [];
  const removed: string[] = [];
  /** Called while a template is built. */
  const during = { run: async () => {} };
  const templates = {
    build: async () => {
      await during.run();
      return { mode: 'snapshot', warnings: [] };
    },
    load: async ({ modules }: Upload) => Buffer.from(`template of ${modules[0]!.text}`),
  } as unknown as Templates;
  const parts = {
    store,
    templates,
    publish: async (program: PublishedProgram) => void published.push(program),
    remove: async (name: string) => void removed.push(name),
  };
  return { store, parts, programs: new Programs(parts), published, removed, during };
}

const A = uploadOf('a');
const B = uploadOf('b');
const [a, b] = [versionOf(A), versionOf(B)];

test('deploy() tells the ingress the traffic and the configuration of what serves', async (t) => {
  const { programs, published } = await start(t);
  const { version } = await programs.deploy(A, 'now');
  t.is(version, a);
  t.deepEqual(published, [{ name: 'a', revision: 1, traffic: { [a]: 100 }, configs: { [a]: A.config } }]);
  t.deepEqual(programs.published, published);
});

test('deploy() later moves no traffic, and publishes no configuration of it', async (t) => {
  const { programs, published } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(B, 'later');
  t.deepEqual(Object.keys(published.at(-1)!.configs), [a]);
  t.is((await programs.versions('a')).length, 2);
});

test('load() publishes what is stored, with the same configuration', async (t) => {
  const { programs, parts } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(B, 'now');
  await programs.setTraffic('a', { [a]: 30, [b]: 70 }, undefined);
  const next = new Programs(parts);
  t.deepEqual(await next.load(), []);
  t.deepEqual(
    next.published.map(({ traffic, configs }) => [traffic, Object.keys(configs).toSorted()]),
    [[{ [a]: 30, [b]: 70 }, [a, b].toSorted()]],
  );
});

test('load() names a program that is damaged, leaves its bad version out, and serves all others', async (t) => {
  const { programs, parts, store } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(uploadOf('c', { name: 'whole' }), 'now');
  const damaged = storeWith(store, {
    getVersion: async (program: string, version: string) => {
      if (version === a) throw new TineError('corrupt_version', 'sha256 differs');
      return store.getVersion(program, version);
    },
  });
  const next = new Programs({ ...parts, store: damaged });
  t.deepEqual(await next.load(), ['program "a" is damaged: sha256 differs']);
  const [first, second] = next.published;
  t.deepEqual(first, { name: 'a', revision: 1, traffic: { [a]: 100 }, configs: {} });
  t.is(Object.keys(second!.configs).length, 1);
});

test('load() ends with any other error of the store', async (t) => {
  const { programs, parts, store } = await start(t);
  await programs.deploy(A, 'now');
  const busy = storeWith(store, {
    getVersion: async () => {
      throw new TineError('store_busy');
    },
  });
  await t.throwsAsync(new Programs({ ...parts, store: busy }).load(), { code: 'store_busy' });
});

test('get(), versions(), setTraffic() and delete() of a program that is not there end with not_found', async (t) => {
  const { programs, removed } = await start(t);
  for (const asked of [
    () => programs.get('none'),
    () => programs.versions('none'),
    () => programs.history('none', 1),
    () => programs.setTraffic('none', {}, undefined),
    () => programs.delete('none'),
  ]) {
    await t.throwsAsync(asked, { code: 'not_found' });
  }
  t.deepEqual(removed, []);
});

test('setTraffic() knows versions by their first digits, and adds up what means the same one', async (t) => {
  const { programs, published } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(B, 'later');
  const { traffic, revision } = await programs.setTraffic('a', { [shown(b)]: 60, [b]: 10, [a.slice(0, 4)]: 30 }, 1);
  t.deepEqual(traffic, { [b]: 70, [a]: 30 });
  t.is(revision, 2);
  t.deepEqual(published.at(-1), {
    name: 'a',
    revision: 2,
    traffic: { [b]: 70, [a]: 30 },
    configs: { [a]: A.config, [b]: B.config },
  });
});

test('setTraffic() refuses digits that are too few, unknown or not unique, and changes nothing', async (t) => {
  const { programs, store, published } = await start(t);
  await programs.deploy(A, 'now');
  for (const [prefix, code] of [
    [a.slice(0, 3), 'not_found'],
    ['', 'not_found'],
    ['0'.repeat(64), 'not_found'],
  ] as const) {
    await t.throwsAsync(programs.setTraffic('a', { [prefix]: 100 }, undefined), { code }, prefix);
  }
  const two = storeWith(store, {
    listVersions: async () => [{ version: 'abcd1' }, { version: 'abcd2' }] as VersionSummary[],
  });
  const ambiguous = new Programs({
    store: two,
    templates: {} as Templates,
    publish: async () => {},
    remove: async () => {},
  });
  await t.throwsAsync(ambiguous.setTraffic('a', { abcd: 100 }, undefined), {
    code: 'bad_request',
    message: /is not unique/,
  });
  t.is((await programs.get('a')).revision, 1);
  t.is(published.length, 1);
});

test('setTraffic() with a revision that is no longer the present one is a version_conflict', async (t) => {
  const { programs, published } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(B, 'now');
  await t.throwsAsync(programs.setTraffic('a', { [a]: 100 }, 1), { code: 'version_conflict' });
  t.is(published.length, 2);
  t.deepEqual((await programs.setTraffic('a', { [a]: 100 }, 2)).traffic, { [a]: 100 });
});

test('deploy() of a route that another program holds is a route_conflict that names it, before anything is built', async (t) => {
  const { programs, during } = await start(t);
  await programs.deploy(uploadOf('x', { name: 'holder', routes: ['api.example/*', 'b.example/*'] }), 'now');
  during.run = async () => t.fail('built');
  const error = await t.throwsAsync(programs.deploy(uploadOf('y', { name: 'late', routes: ['b.example/*'] }), 'now'), {
    code: 'route_conflict',
  });
  t.like((error as TineError).details, { route: 'b.example/*', program: 'holder' });
  t.false(programs.published.some(({ name }) => name === 'late'));
});

test('deploy() of the own routes again is none, and of those of a deleted program neither', async (t) => {
  const { programs } = await start(t);
  const routes = ['api.example/*'];
  await programs.deploy(uploadOf('1', { name: 'holder', routes }), 'now');
  await t.notThrowsAsync(programs.deploy(uploadOf('2', { name: 'holder', routes }), 'now'));
  await programs.delete('holder');
  await t.notThrowsAsync(programs.deploy(uploadOf('3', { name: 'heir', routes }), 'now'));
});

test('deploy() holds the routes while it builds, and lets them go when that fails', async (t) => {
  const { programs, during } = await start(t);
  const routes = ['api.example/*'];
  const { promise: building, resolve: begin } = Promise.withResolvers<void>();
  const { promise, reject } = Promise.withResolvers<void>();
  during.run = () => {
    begin();
    return promise;
  };
  const first = programs.deploy(uploadOf('1', { name: 'first', routes }), 'now');
  await building;
  await t.throwsAsync(programs.deploy(uploadOf('2', { name: 'second', routes }), 'now'), { code: 'route_conflict' });
  reject(new TineError('compile_error'));
  await t.throwsAsync(first, { code: 'compile_error' });
  during.run = async () => {};
  await t.notThrowsAsync(programs.deploy(uploadOf('2', { name: 'second', routes }), 'now'));
});

test('setTraffic() to a version whose route another program holds by now is a route_conflict', async (t) => {
  const { programs } = await start(t);
  const old = uploadOf('1', { name: 'a', routes: ['api.example/*'] });
  await programs.deploy(old, 'now');
  await programs.deploy(uploadOf('2', { name: 'a' }), 'now');
  await programs.deploy(uploadOf('3', { name: 'b', routes: ['api.example/*'] }), 'now');
  await t.throwsAsync(programs.setTraffic('a', { [versionOf(old)]: 100 }, undefined), { code: 'route_conflict' });
});

test('publishing out of order keeps the newest revision', async (t) => {
  const { programs, parts, store } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(B, 'now');
  const stale = storeWith(store, {
    setTraffic: async () => ({ name: 'a', createdAt: 0, revision: 1, traffic: { [a]: 100 } }),
  });
  const late = new Programs({ ...parts, store: stale });
  await late.load();
  await late.setTraffic('a', { [a]: 100 }, undefined);
  t.is(late.published[0]!.revision, 2);
  t.deepEqual(late.published[0]!.traffic, { [b]: 100 });
});

test('delete() takes the program from the store, from what is published, and from the ingress', async (t) => {
  const { programs, removed, store } = await start(t);
  await programs.deploy(A, 'now');
  await programs.delete('a');
  t.deepEqual(removed, ['a']);
  t.deepEqual(programs.published, []);
  t.is(await store.getProgram('a'), undefined);
  t.deepEqual(await programs.list(), []);
});

test('prune() keeps what serves and the newest', async (t) => {
  const { programs } = await start(t);
  await programs.deploy(A, 'now');
  for (const text of ['1', '2', '3']) await programs.deploy(uploadOf(text), 'later');
  await programs.prune('a', 1);
  const left = (await programs.versions('a')).map(({ version }) => version);
  t.is(left.length, 2);
  t.true(left.includes(a));
});

test('findVersion() gives a version by its digits, and undefined where there is none', async (t) => {
  const { programs } = await start(t);
  await programs.deploy(A, 'now');
  await programs.deploy(B, 'later');
  t.deepEqual(await programs.findVersion({ program: 'a', version: shown(b) }), { version: b, config: B.config });
  t.is(await programs.findVersion({ program: 'a', version: 'ffffffffffff' }), undefined);
  t.is(await programs.findVersion({ program: 'none', version: shown(b) }), undefined);
});

test('template() loads the template of a stored version; map() takes no such text for one', async (t) => {
  const { programs } = await start(t);
  await programs.deploy(A, 'now');
  t.is((await programs.template({ program: 'a', version: a })).toString(), 'template of a');
  await t.throwsAsync(programs.map({ program: 'a', version: a }));
  await t.throwsAsync(programs.template({ program: 'a', version: b }), { code: 'not_found' });
});
