import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Builder } from '../builder/builder.ts';
import { uploadOf } from '../test-program.ts';
import { TemplateCache } from './cache.ts';
import type { Upload } from './key.ts';
import { decodeTemplate, encodeTemplate, headOf } from './template.ts';
import { Templates } from './templates.ts';

/** Templates over a builder that only counts, and waits for `gate`. */
async function start(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tine-templates-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const built: string[] = [];
  const rebuilt: string[] = [];
  const state = { bundle: 'bundle', gate: Promise.resolve(), fails: false };
  const build = async ({ program, modules }: Upload) => {
    built.push(modules[0]!.text);
    await state.gate;
    if (state.fails) throw new Error('cannot be built');
    const bytes = encodeTemplate({
      mode: 'snapshot',
      hostName: program,
      memoryMb: 1,
      initMs: 1,
      snapshot: Buffer.from(modules[0]!.text),
      scripts: [],
      map: '',
      figures: { snapshotBytes: 1, buildMs: built.length, initMs: 1, contextUs: 1, contextBytes: 1 },
      warnings: [],
    });
    return { bytes, template: headOf(bytes) };
  };
  const damaged: string[] = [];
  const cache = await TemplateCache.open({ folder, damaged: (key) => damaged.push(key) });
  const make = () =>
    new Templates({
      cache,
      builder: { build } as unknown as Builder,
      bundleOf: async () => state.bundle,
      onRebuild: (program) => rebuilt.push(program),
    });
  return { folder, built, rebuilt, damaged, state, templates: make(), make };
}

const A = uploadOf('a');
const B = uploadOf('b');

test('Templates.build() builds once, and finds it from then on', async (t) => {
  const { templates, built, make } = await start(t);
  const first = await templates.build(A);
  t.deepEqual(await templates.build(A), first);
  t.deepEqual(await make().build(A), first);
  await templates.build(B);
  t.deepEqual(built, ['a', 'b']);
});

test('Templates: several that want the same one wait for the same build', async (t) => {
  const { templates, built, state } = await start(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  state.gate = promise;
  const all = [templates.build(A), templates.load(A), templates.build(A), templates.build(B)];
  resolve();
  await Promise.all(all);
  t.deepEqual(built.sort(), ['a', 'b']);
});

test('Templates: a build that fails is told to all who wait, and tried again by the next', async (t) => {
  const { templates, built, state } = await start(t);
  state.fails = true;
  for (const result of await Promise.allSettled([templates.build(A), templates.load(A)]))
    t.is(result.status, 'rejected');
  state.fails = false;
  await t.notThrowsAsync(templates.build(A));
  t.is(built.length, 2);
});

test('D11 Templates.load() rebuilds when the bundle has changed, and says so', async (t) => {
  const { templates, built, rebuilt, state } = await start(t);
  await templates.build(A);
  t.is(decodeTemplate(await templates.load(A)).figures.buildMs, 1);
  t.deepEqual(rebuilt, []);
  state.bundle = 'another bundle';
  t.is(decodeTemplate(await templates.load(A)).figures.buildMs, 2);
  t.deepEqual(built, ['a', 'a']);
  t.deepEqual(rebuilt, ['test']);
});

test('D12 Templates.load() rebuilds what is damaged on disk', async (t) => {
  const { templates, folder, damaged, rebuilt } = await start(t);
  await templates.build(A);
  const [name] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name!));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(join(folder, name!), bytes);
  t.is(decodeTemplate(await templates.load(A)).snapshot?.toString(), 'a');
  t.deepEqual(damaged, [name]);
  t.deepEqual(rebuilt, ['test']);
});
