import test from 'ava';
import { defaultLimits, type ProgramConfig, type ServedVersion } from '#sandbox';
import type { VersionQuestion } from './published.ts';
import { Registry } from './registry.ts';

const V1 = '1'.repeat(64);
const V2 = '2'.repeat(64);

function config(name: string, routes: string[] = []): ProgramConfig {
  return {
    name,
    namespace: 'default',
    limits: defaultLimits(),
    isolation: 'request',
    pool: { min: 1, max: 8, concurrency: undefined, queueMax: 10, queueTimeoutMs: 100 },
    snapshot: { mode: 'auto', warmup: [], entropy: 'warn' },
    vars: { A: 1 },
    routes,
    compile: {},
    compatibilityDate: undefined,
  } as unknown as ProgramConfig;
}

function make({ defaultProgram, failing = 0 }: { defaultProgram?: string; failing?: number } = {}) {
  const retired: ServedVersion[] = [];
  const asked: VersionQuestion[] = [];
  let failures = failing;
  let templates = 0;
  const registry = new Registry({
    permits: 100,
    defaultProgram,
    template: async () => {
      templates += 1;
      if (failures-- > 0) throw new Error('not now');
      return Uint8Array.of(templates);
    },
    findVersion: async (question) => {
      asked.push(question);
      await new Promise((resolve) => setImmediate(resolve));
      return question.version.startsWith('9')
        ? { version: '9'.repeat(64), config: config(question.program) }
        : undefined;
    },
    onRetire: (served) => retired.push(served),
    onProgram: () => {},
  });
  const publish = (name: string, traffic: Record<string, number>, revision = 1, routes: string[] = []) => {
    const configs = Object.fromEntries(Object.keys(traffic).map((version) => [version, config(name, routes)]));
    registry.publish({ name, revision, traffic, configs });
  };
  const find = (host: string, path = '/', key = 'k') => registry.find(host, path, key) as ServedVersion;
  return { registry, publish, find, retired, asked, templates: () => templates };
}

test('find() knows a program by its name below localhost, with and without port, in any case', (t) => {
  const { publish, find } = make();
  publish('a', { [V1]: 100 });
  publish('b', { [V2]: 100 });
  for (const host of ['a.localhost', 'A.LocalHost:8787', 'a.localhost.']) t.is(find(host).program, 'a', host);
  for (const host of ['c.localhost', 'localhost', '127.0.0.1', '[::1]:80', 'a.localhost.evil', '']) {
    t.throws(() => find(host), { code: 'not_found' }, host);
  }
});

test('find() splits by key: within a point over 10,000 keys, and the same key is always the same', (t) => {
  const { publish, find } = make();
  publish('a', { [V1]: 90, [V2]: 10 });
  const keys = Array.from({ length: 10_000 }, (_, n) => `client-${n}`);
  const first = keys.map((key) => find('a.localhost', '/', key).version);
  t.true(Math.abs(first.filter((version) => version === V2).length - 1_000) <= 100);
  t.deepEqual(
    keys.map((key) => find('a.localhost', '/', key).version),
    first,
  );
});

test('find() never gives a version of 0 percent, and not_found where there is none', (t) => {
  const { publish, find } = make();
  publish('a', { [V1]: 100, [V2]: 0 });
  for (let n = 0; n < 200; n++) t.is(find('a.localhost', '/', String(n)).version, V1);
  publish('a', {}, 2);
  t.throws(() => find('a.localhost'), { code: 'not_found' });
});

test('find() falls back to the default program, or to the only one, but not for names below localhost', (t) => {
  const only = make();
  only.publish('a', { [V1]: 100 });
  t.is(only.find('anything.example').program, 'a');
  t.throws(() => only.find('b.localhost'), { code: 'not_found' });
  only.publish('b', { [V2]: 100 });
  t.throws(() => only.find('anything.example'), { code: 'not_found' });
  const chosen = make({ defaultProgram: 'b' });
  chosen.publish('a', { [V1]: 100 });
  t.throws(() => chosen.find('anything.example'), { code: 'not_found' });
  chosen.publish('b', { [V2]: 100 });
  t.is(chosen.find('anything.example').program, 'b');
});

test('publish() keeps a version that serves on, retires one that does not, and ignores what is older', (t) => {
  const { publish, find, retired } = make();
  publish('a', { [V1]: 100 }, 5);
  const before = find('a.localhost');
  publish('a', { [V1]: 50, [V2]: 50 }, 6);
  publish('a', { [V2]: 100 }, 4);
  t.deepEqual(retired, []);
  publish('a', { [V2]: 100 }, 7);
  t.deepEqual(retired, [before]);
  publish('a', { [V1]: 100 }, 8);
  t.not(find('a.localhost').runnable.id, before.runnable.id);
});

test('remove() takes a program with its routes and previews away', async (t) => {
  const { registry, publish, find, retired } = make();
  publish('a', { [V1]: 100 }, 1, ['a.example/*']);
  publish('b', { [V2]: 100 });
  publish('c', { [V2]: 100 });
  t.is(find('a.example').program, 'a');
  await find('999999999999--a.localhost');
  registry.remove('a');
  registry.remove('nobody');
  t.is(retired.length, 2);
  for (const host of ['a.localhost', 'a.example']) t.throws(() => find(host), { code: 'not_found' }, host);
});

test('find() asks once for a preview, however many ask at the same time, and keeps it', async (t) => {
  const { find, publish, retired } = make();
  publish('a', { [V1]: 100 });
  const found = await Promise.all(Array.from({ length: 10 }, () => find('999999999999--a.localhost')));
  t.is(new Set(found.map(({ runnable }) => runnable.id)).size, 1);
  t.is(await find('999999999999--a.localhost'), found[0]!);
  t.is(
    (await find(`${V1.slice(0, 12)}--a.localhost`)).runnable.id,
    find('a.localhost').runnable.id,
    'one that serves is not made anew',
  );
  await t.throwsAsync(async () => find('888888888888--a.localhost'), { code: 'not_found' });
  t.deepEqual(retired, []);
});

test('runnable.template() is asked for once, and again after a failure', async (t) => {
  const { publish, find, templates } = make({ failing: 1 });
  publish('a', { [V1]: 100 });
  const { runnable } = find('a.localhost');
  await t.throwsAsync(async () => runnable.template(), { message: 'not now' });
  await Promise.all([runnable.template(), runnable.template()]);
  await runnable.template();
  t.is(templates(), 2);
});
