import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Upload } from '#sandbox';
import { deployFolder } from './examples.ts';
import type { Programs } from './programs.ts';

const HANDLER = 'export default { fetch: () => new Response("x") };';

function folderWith(t: ExecutionContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tine-examples-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Programs that take everything, and note it. */
function makePrograms() {
  const uploads: Upload[] = [];
  const programs = {
    deploy: async (upload: Upload, promote: string) => {
      if (promote !== 'now') throw new Error(`promote must be now: got ${promote}`);
      uploads.push(upload);
      return {
        version: `${upload.program}-1`,
        template: { warnings: [{ code: 'w', text: `mind ${upload.program}` }] },
      };
    },
  } as unknown as Programs;
  return { programs, uploads };
}

const config = (value: object) => JSON.stringify(value);

test('deployFolder() deploys each subfolder that has a configuration, and says what became of it', async (t) => {
  const folder = folderWith(t, {
    'one/wrangler-like.config.json': config({ name: 'one', main: 'index.js' }),
    'one/index.js': HANDLER,
    'two/wrangler-like.config.json': config({ name: 'second', main: 'src/index.ts', limits: { cpu_ms: 7 } }),
    'two/src/index.ts': 'import { word } from "./word";\nexport default { fetch: () => new Response(word) };',
    'two/src/word.ts': 'export const word: string = "w";',
    'not-one/readme.md': 'no configuration',
    'a-file.json': '{}',
  });
  const { programs, uploads } = makePrograms();
  const deployed = await deployFolder(folder, programs, {});
  t.deepEqual(
    deployed.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'one', version: 'one-1', warnings: ['mind one'] },
      { name: 'second', version: 'second-1', warnings: ['mind second'] },
    ],
  );
  const second = uploads.find(({ program }) => program === 'second')!;
  t.is(second.language, 'javascript');
  t.is(second.config.limits.cpuMs, 7);
  t.is(second.modules[0]!.path, 'src/index.js', 'the entry is first');
  t.true(
    second.modules.some(({ text }) => text.includes('"w"')),
    'what it imports comes along',
  );
});

test('deployFolder() takes no configuration of a folder above for one of a subfolder', async (t) => {
  const folder = folderWith(t, {
    'wrangler-like.config.json': config({ name: 'above', main: 'index.js' }),
    'index.js': HANDLER,
    'plain/index.js': HANDLER,
  });
  const { programs, uploads } = makePrograms();
  t.deepEqual(await deployFolder(folder, programs, {}), []);
  t.deepEqual(uploads, []);
});

test('deployFolder() leaves out a configuration that names no entry', async (t) => {
  const folder = folderWith(t, { 'one/wrangler-like.config.json': config({ name: 'one' }) });
  t.deepEqual(await deployFolder(folder, makePrograms().programs, {}), []);
});

test('deployFolder() holds programs to the ceilings of the operator', async (t) => {
  const folder = folderWith(t, {
    'one/wrangler-like.config.json': config({ name: 'one', main: 'index.js', limits: { cpu_ms: 50 } }),
    'one/index.js': HANDLER,
  });
  await t.throwsAsync(deployFolder(folder, makePrograms().programs, { cpuMs: 10 }), { code: 'limit_above_ceiling' });
});

test('deployFolder() ends at a program that is not good', async (t) => {
  const bad = folderWith(t, {
    'one/wrangler-like.config.json': config({ name: 'one', main: 'index.js' }),
    'one/index.js': 'export default {',
  });
  await t.throwsAsync(deployFolder(bad, makePrograms().programs, {}), { code: 'compile_error' });
  const unknown = folderWith(t, { 'one/wrangler-like.config.json': '{"name":' });
  await t.throwsAsync(deployFolder(unknown, makePrograms().programs, {}), { code: 'invalid_config' });
  await t.throwsAsync(deployFolder(join(bad, 'none'), makePrograms().programs, {}), { code: 'ENOENT' });
});
