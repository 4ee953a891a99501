import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openStore, type ProgramRecord, type Store } from '#store';
import { type DeployParts, deploy, uploadOf as storedUpload } from './deploy.ts';
import { TineError } from './errors.ts';
import { versionOf } from './template/key.ts';
import { uploadOf } from './test-program.ts';

interface Bench {
  store: Store;
  published: ProgramRecord[];
  parts: DeployParts;
  /** Called while a template is built. */
  during: { run: () => Promise<void> };
}

/** Deploys over a real store, and templates that are never built. */
async function start(t: ExecutionContext): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'tine-deploy-'));
  const store = await openStore({ engine: 'sqlite', folder });
  t.teardown(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const published: ProgramRecord[] = [];
  const during = { run: async () => {} };
  const templates = {
    build: async () => {
      await during.run();
      return { mode: 'snapshot', warnings: [] };
    },
  };
  const parts = { templates, store, publish: async (program: ProgramRecord) => void published.push(program) };
  return { store, published, parts: parts as unknown as DeployParts, during };
}

const A = uploadOf('a');
const B = uploadOf('b');
const [a, b] = [versionOf(A), versionOf(B)];
const now = { promote: 'now' } as const;

test('deploy() stores the version, moves the traffic, and publishes it', async (t) => {
  const { store, published, parts } = await start(t);
  const { version, isNew, program } = await deploy(A, now, parts);
  t.is(version, a);
  t.true(isNew);
  t.deepEqual(program.traffic, { [a]: 100 });
  t.deepEqual(published, [program]);
  t.is((await store.getVersion('test', a)).modules[0]!.text, 'a');
});

test('D08 deploy() the same again is the same version, and changes nothing', async (t) => {
  const { store, parts } = await start(t);
  await deploy(A, now, parts);
  const { version, isNew, program } = await deploy(A, now, parts);
  t.is(version, a);
  t.false(isNew);
  t.is(program.revision, 1);
  t.is((await store.trafficHistory('test', 10)).length, 1);
});

test('deploy() promote later stores the version, and leaves the traffic alone', async (t) => {
  const { store, parts } = await start(t);
  const first = await deploy(A, { promote: 'later' }, parts);
  t.deepEqual(first.program.traffic, {});
  await deploy(A, now, parts);
  const later = await deploy(B, { promote: 'later' }, parts);
  t.deepEqual(later.program.traffic, { [a]: 100 });
  t.is((await store.listVersions('test')).length, 2);
});

test('deploy() stores nothing when the template cannot be built', async (t) => {
  const { store, parts, during, published } = await start(t);
  await deploy(A, now, parts);
  during.run = async () => {
    throw new TineError('compile_error');
  };
  await t.throwsAsync(deploy(B, now, parts), { code: 'compile_error' });
  t.deepEqual((await store.getProgram('test'))?.traffic, { [a]: 100 });
  t.is((await store.listVersions('test')).length, 1);
  t.is(published.length, 1);
});

test('D07 deploy() of two versions at once: both are stored, one is served, the other is told', async (t) => {
  const { store, parts, during } = await start(t);
  const both = Promise.withResolvers<void>();
  let building = 0;
  during.run = async () => {
    building += 1;
    if (building === 2) both.resolve();
    await both.promise;
  };
  const results = await Promise.allSettled([deploy(A, now, parts), deploy(B, now, parts)]);
  t.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const { reason } = results.find((result) => result.status === 'rejected') as PromiseRejectedResult;
  t.is(reason.code, 'version_conflict');
  const winner = results[0]!.status === 'fulfilled' ? a : b;
  t.deepEqual(reason.details.traffic, { [winner]: 100 });
  t.deepEqual((await store.getProgram('test'))?.traffic, { [winner]: 100 });
  t.is((await store.listVersions('test')).length, 2);
});

test('D07 20 deploys at once: history is one order, and what is served is its end', async (t) => {
  const { store, parts } = await start(t);
  const uploads = Array.from({ length: 20 }, (_, i) => uploadOf(`version ${i}`));
  const results = await Promise.allSettled(uploads.map((upload) => deploy(upload, now, parts)));
  const served = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  t.true(served.length >= 1);
  const history = await store.trafficHistory('test', 100);
  t.is(history.length, served.length);
  t.deepEqual((await store.getProgram('test'))?.traffic, history[0]!.traffic);
  t.is((await store.listVersions('test')).length, 20);
});

test('deploy() of a program that is deleted meanwhile is a conflict', async (t) => {
  const { store, parts, during } = await start(t);
  await deploy(A, now, parts);
  during.run = () => store.deleteProgram('test');
  await t.throwsAsync(deploy(B, now, parts), { code: 'version_conflict' });
});

test('deploy() of a program that is deleted right after its version was stored is a conflict', async (t) => {
  const { store, parts } = await start(t);
  const vanishing: Store = Object.assign(Object.create(store) as Store, {
    getProgram: async () => undefined,
    putVersion: async () => true,
  });
  await t.throwsAsync(deploy(A, { promote: 'later' }, { ...parts, store: vanishing }), { code: 'version_conflict' });
});

test('uploadOf() gives back what was deployed', async (t) => {
  const { store, parts } = await start(t);
  const { version } = await deploy(A, now, parts);
  t.is(versionOf(await storedUpload(store, 'test', version)), version);
  await t.throwsAsync(storedUpload(store, 'test', b), { code: 'not_found' });
});

test('uploadOf() refuses a version whose source is not the one of its hash', async (t) => {
  const { store } = await start(t);
  const { language, modules, config } = A;
  await store.putVersion({
    program: 'test',
    version: b,
    language,
    modules,
    config: JSON.stringify(config),
    createdAt: 1,
  });
  await t.throwsAsync(storedUpload(store, 'test', b), { code: 'corrupt_version' });
});
