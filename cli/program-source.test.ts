import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from './fake-control.ts';
import type { Io } from './io.ts';
import { findSource } from './program-source.ts';

function ioIn(cwd: string, env: Record<string, string> = {}): Io & { errLines: string[] } {
  const errLines: string[] = [];
  return { errLines, out: () => {}, err: (line) => void errLines.push(line), env, cwd, ask: undefined };
}

const CONFIG = JSON.stringify({
  name: 'shop',
  main: 'src/index.ts',
  limits: { cpu_ms: 7 },
  env: { staging: { limits: { cpu_ms: 8 } } },
});
const FILES = {
  'wrangler-like.config.json': CONFIG,
  'src/index.ts': '',
  'src/other.ts': '',
  'one.js': '',
  'two/index.js': '',
};

test('findSource() takes the configuration of the working folder, or of a folder that is named', async (t) => {
  const root = makeFolder(t, FILES);
  for (const [cwd, argument] of [
    [root, undefined],
    [join(root, 'src'), undefined],
    ['/', root],
    [root, '.'],
  ] as const) {
    const { entry, folder, resolved } = await findSource(argument, {}, ioIn(cwd));
    t.is(entry, join(root, 'src/index.ts'));
    t.is(folder, root);
    t.is(resolved.config.name, 'shop');
    t.is(resolved.config.limits.cpuMs, 7);
  }
});

test('findSource() takes the environment from the flag, then from TINE_ENV', async (t) => {
  const root = makeFolder(t, FILES);
  t.is((await findSource(undefined, { env: 'staging' }, ioIn(root))).resolved.config.limits.cpuMs, 8);
  t.is((await findSource(undefined, {}, ioIn(root, { TINE_ENV: 'staging' }))).resolved.config.name, 'shop-staging');
  t.is((await findSource(undefined, {}, ioIn(root, { TINE_ENV: '' }))).resolved.config.name, 'shop');
  await t.throwsAsync(findSource(undefined, { env: 'x' }, ioIn(root, { TINE_ENV: 'staging' })), {
    code: 'invalid_config',
  });
});

test('findSource() of the main file uses its configuration', async (t) => {
  const root = makeFolder(t, FILES);
  const io = ioIn(root);
  t.is((await findSource('src/index.ts', {}, io)).resolved.config.limits.cpuMs, 7);
  t.deepEqual(io.errLines, []);
});

test('findSource() of another file does not use the name and limits of a program nearby, and says so', async (t) => {
  const root = makeFolder(t, FILES);
  const io = ioIn(root);
  const { resolved, folder } = await findSource('src/other.ts', {}, io);
  t.is(resolved.config.name, 'other');
  t.is(resolved.config.limits.cpuMs, 50);
  t.is(folder, join(root, 'src'));
  t.regex(
    io.errLines[0] ?? '',
    /wrangler-like\.config\.json has another "main" and is not used; --config would use it$/,
  );
});

test('findSource() with --config uses it for any file', async (t) => {
  const root = makeFolder(t, FILES);
  const { entry, resolved } = await findSource('src/other.ts', { config: 'wrangler-like.config.json' }, ioIn(root));
  t.is(entry, join(root, 'src/other.ts'));
  t.is(resolved.main, 'src/other.ts');
  t.is(resolved.config.name, 'shop');
});

test('findSource() names a program after its file, or after the folder of index', async (t) => {
  const root = makeFolder(t, { 'My_Shop.v2.js': '', 'Two Words/index.ts': '', '___.js': '' });
  t.is((await findSource('My_Shop.v2.js', {}, ioIn(root))).resolved.config.name, 'my-shop-v2');
  t.is((await findSource('Two Words/index.ts', {}, ioIn(root))).resolved.config.name, 'two-words');
  t.is((await findSource('My_Shop.v2.js', { name: 'x' }, ioIn(root))).resolved.config.name, 'x');
  await t.throwsAsync(findSource('___.js', {}, ioIn(root)), {
    message: 'Cannot make a name from ___.js: give one with --name',
  });
});

test('findSource() says what is missing', async (t) => {
  const root = makeFolder(t, {
    'a/wrangler.json': '{"name": "a"}',
    'b/wrangler.json': '{"name": "b", "main": "none.js"}',
    'c/x.py': '',
    'd/x.js': '',
  });
  await t.throwsAsync(findSource('none', {}, ioIn(root)), { message: 'There is no file or folder none' });
  await t.throwsAsync(findSource('d', {}, ioIn(root)), {
    message: /^There is no wrangler-like\.config\.json in d or above it/,
    code: 'invalid_config',
  });
  await t.throwsAsync(findSource('a', {}, ioIn(root)), {
    message: /^"main" is missing in .*: it must be the path of the entry module$/,
  });
  await t.throwsAsync(findSource('b', {}, ioIn(root)), {
    message: /names a file that does not exist: none\.js$/,
    code: 'invalid_config',
  });
  await t.throwsAsync(findSource('c/x.py', {}, ioIn(root)), {
    message: /^Cannot take x\.py as an entry module must end in \.js, /,
  });
  await t.throwsAsync(findSource('d/x.js', { env: 'e' }, ioIn(root)), {
    message: /^There is no environment "e", as x\.js has no configuration$/,
  });
});
