import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TemplateCache } from './cache.ts';

const HEADER_BYTES = 80;
const keyOf = (digit: string) => digit.repeat(64);

function newFolder(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'tine-cache-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'templates');
}

async function openCache(t: ExecutionContext, options: { folder?: string; bytesMax?: number } = {}) {
  const folder = options.folder ?? newFolder(t);
  const damaged: string[] = [];
  const cache = await TemplateCache.open({ ...options, folder, damaged: (key) => damaged.push(key) });
  return { cache, folder, damaged };
}

test('TemplateCache.get() gives the bytes that were put', async (t) => {
  const { cache, damaged } = await openCache(t);
  for (const bytes of [Buffer.alloc(0), Buffer.from('a'), randomBytes(1_000_000)]) {
    t.true(await cache.put(keyOf('a'), bytes));
    t.deepEqual(await cache.get(keyOf('a')), bytes);
  }
  t.deepEqual(damaged, []);
});

test('TemplateCache.get() gives undefined for a key that was never put', async (t) => {
  const { cache, damaged } = await openCache(t);
  t.is(await cache.get(keyOf('a')), undefined);
  t.deepEqual(damaged, []);
});

test('TemplateCache.get() gives what was put before a restart', async (t) => {
  const { cache, folder } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.from('one'));
  const again = await openCache(t, { folder });
  t.is(again.cache.bytes, cache.bytes);
  t.is(String(await again.cache.get(keyOf('a'))), 'one');
});

test('TemplateCache.put() replaces what the key had and counts it once', async (t) => {
  const { cache } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.alloc(1_000));
  await cache.put(keyOf('a'), Buffer.from('two'));
  t.is(String(await cache.get(keyOf('a'))), 'two');
  t.is(cache.bytes, HEADER_BYTES + 3);
});

test('TemplateCache.put() of one key at once leaves one whole file', async (t) => {
  const { cache, folder, damaged } = await openCache(t);
  const values = Array.from({ length: 20 }, (_, index) => Buffer.alloc(10_000, index));
  await Promise.all(values.map((bytes) => cache.put(keyOf('a'), bytes)));
  const found = await cache.get(keyOf('a'));
  t.true(values.some((bytes) => found?.equals(bytes)));
  t.deepEqual(readdirSync(folder), [keyOf('a')]);
  t.is(cache.bytes, HEADER_BYTES + 10_000);
  t.deepEqual(damaged, []);
});

test('TemplateCache makes folder 0700 and files 0600', async (t) => {
  const { cache, folder } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.from('a'));
  t.is(statSync(folder).mode & 0o777, 0o700);
  t.is(statSync(join(folder, keyOf('a'))).mode & 0o777, 0o600);
});

test('TemplateCache refuses a key that is not 64 hex digits, and makes no path of it', async (t) => {
  const { cache, folder } = await openCache(t);
  const outside = join(folder, '..', 'outside');
  writeFileSync(outside, 'mine');
  for (const key of [
    '../outside',
    outside,
    '',
    'A'.repeat(64),
    'a'.repeat(63),
    `${keyOf('a')}\n`,
    `${keyOf('a')}/..`,
  ]) {
    await t.throwsAsync(cache.get(key), { instanceOf: RangeError });
    await t.throwsAsync(cache.put(key, Buffer.from('x')), { instanceOf: RangeError });
    await t.throwsAsync(cache.delete(key), { instanceOf: RangeError });
  }
  t.is(readFileSync(outside, 'utf8'), 'mine');
  t.deepEqual(readdirSync(folder), []);
});

test('TemplateCache.get() finds 1,000 of 1,000 bit flips, deletes the file and counts it (D12)', async (t) => {
  const { cache, folder, damaged } = await openCache(t);
  const key = keyOf('d');
  const path = join(folder, key);
  await cache.put(key, randomBytes(2_000));
  const whole = readFileSync(path);
  const bits = whole.byteLength * 8;
  for (let flip = 0; flip < 1_000; flip++) {
    // Each bit of the header once, then bits anywhere.
    const bit = flip < HEADER_BYTES * 8 ? flip : Math.floor(Math.random() * bits);
    const file = Buffer.from(whole);
    file[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, file);
    if ((await cache.get(key)) !== undefined) t.fail(`bit ${bit} was not noticed`);
    if (existsSync(path)) t.fail(`the file was kept after bit ${bit}`);
  }
  t.is(damaged.length, 1_000);
  t.is(cache.bytes, 0);
  t.true(await cache.put(key, Buffer.from('built again')));
  t.is(String(await cache.get(key)), 'built again');
});

test('TemplateCache.get() finds a file that is cut at any length', async (t) => {
  const { cache, folder, damaged } = await openCache(t);
  const key = keyOf('c');
  await cache.put(key, Buffer.from('some bytes'));
  const whole = readFileSync(join(folder, key));
  for (let length = 0; length < whole.byteLength; length++) {
    writeFileSync(join(folder, key), whole.subarray(0, length));
    t.is(await cache.get(key), undefined, `cut to ${length}`);
  }
  t.is(damaged.length, whole.byteLength);
});

test('TemplateCache.get() finds a whole file under the name of another key', async (t) => {
  const { cache, folder, damaged } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.from('of a'));
  writeFileSync(join(folder, keyOf('b')), readFileSync(join(folder, keyOf('a'))));
  t.is(await cache.get(keyOf('b')), undefined);
  t.deepEqual(damaged, [keyOf('b')]);
});

test('TemplateCache.put() removes the least recently used beyond bytesMax', async (t) => {
  const { cache } = await openCache(t, { bytesMax: 3 * (HEADER_BYTES + 100) });
  for (const digit of 'abc') await cache.put(keyOf(digit), Buffer.alloc(100, digit));
  await cache.get(keyOf('a'));
  await cache.put(keyOf('d'), Buffer.alloc(100, 'd'));
  t.is(await cache.get(keyOf('b')), undefined);
  for (const digit of 'acd') t.deepEqual(await cache.get(keyOf(digit)), Buffer.alloc(100, digit));
  t.is(cache.bytes, 3 * (HEADER_BYTES + 100));
});

test('TemplateCache.put() many at once stays below bytesMax', async (t) => {
  const bytesMax = 5_000;
  const { cache, folder } = await openCache(t, { bytesMax });
  const puts = Array.from({ length: 40 }, (_, index) =>
    cache.put(index.toString(16).padStart(64, '0'), Buffer.alloc(700)),
  );
  await Promise.all(puts);
  const onDisk = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  t.is(onDisk, cache.bytes);
  t.true(onDisk <= bytesMax && onDisk > bytesMax - 2 * 780, `${onDisk} bytes on disk`);
});

test('TemplateCache.put() does not keep what is larger than bytesMax, and removes nothing for it', async (t) => {
  const { cache } = await openCache(t, { bytesMax: 1_000 });
  await cache.put(keyOf('a'), Buffer.from('small'));
  t.false(await cache.put(keyOf('b'), Buffer.alloc(1_000)));
  t.is(await cache.get(keyOf('b')), undefined);
  t.is(String(await cache.get(keyOf('a'))), 'small');
});

test('TemplateCache.open() remembers the order of use, and makes room when bytesMax is smaller now', async (t) => {
  const { cache, folder } = await openCache(t);
  for (const digit of 'abc') await cache.put(keyOf(digit), Buffer.alloc(100, digit));
  for (const [index, digit] of [...'abc'].entries())
    utimesSync(join(folder, keyOf(digit)), 1_000 + index, 1_000 + index);
  await cache.get(keyOf('a'));
  const again = await openCache(t, { folder, bytesMax: 2 * (HEADER_BYTES + 100) });
  t.deepEqual(readdirSync(folder).sort(), [keyOf('a'), keyOf('c')]);
  t.is(again.cache.bytes, 2 * (HEADER_BYTES + 100));
});

test('TemplateCache.open() sweeps out what a kill in put left, and nothing else', async (t) => {
  const { cache, folder } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.from('a'));
  writeFileSync(join(folder, `${keyOf('b')}.00000000-0000-0000-0000-000000000000.tmp`), 'half');
  writeFileSync(join(folder, 'README'), 'of somebody');
  const again = await openCache(t, { folder });
  t.deepEqual(readdirSync(folder).sort(), ['README', keyOf('a')]);
  t.is(String(await again.cache.get(keyOf('a'))), 'a');
});

test('TemplateCache.put() on a full disk keeps nothing, leaves nothing, and works again (P04)', async (t) => {
  const folder = newFolder(t);
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    t.log(`SKIPPED, as a tmpfs cannot be mounted here: ${error}`);
    t.pass();
    return;
  }
  t.teardown(() => execFileSync('umount', ['-l', folder]));
  const { cache, damaged } = await openCache(t, { folder });
  t.true(await cache.put(keyOf('a'), Buffer.alloc(600_000, 1)));
  t.false(await cache.put(keyOf('b'), Buffer.alloc(600_000, 2)));
  t.deepEqual(readdirSync(folder), [keyOf('a')]);
  t.deepEqual(await cache.get(keyOf('a')), Buffer.alloc(600_000, 1));
  await cache.delete(keyOf('a'));
  t.true(await cache.put(keyOf('b'), Buffer.alloc(600_000, 2)));
  t.deepEqual(damaged, []);
});

test('TemplateCache.delete() forgets a key, and does not mind one that is not there', async (t) => {
  const { cache } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.from('a'));
  await cache.delete(keyOf('a'));
  await cache.delete(keyOf('a'));
  t.is(await cache.get(keyOf('a')), undefined);
  t.is(cache.bytes, 0);
});

test('TemplateCache.get() notices that a file was removed behind its back', async (t) => {
  const { cache, folder, damaged } = await openCache(t);
  await cache.put(keyOf('a'), Buffer.from('a'));
  rmSync(join(folder, keyOf('a')));
  t.is(await cache.get(keyOf('a')), undefined);
  t.is(cache.bytes, 0);
  t.deepEqual(damaged, []);
});
