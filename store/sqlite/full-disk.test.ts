// A real full disk: a tmpfs of 1 MB that the test mounts, so it needs root on Linux.

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { codeOf, sampleHash, sampleVersion, temporaryFolder } from '../samples.ts';
import { openSqlite } from './open.ts';

/** @returns a folder on a disk of its own, or undefined where that cannot be had */
function smallDisk(t: ExecutionContext, size: string): string | undefined {
  const folder = temporaryFolder(t);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    t.log(`SKIPPED, as a tmpfs cannot be mounted here: ${error}`);
    t.pass();
    return undefined;
  }
  t.teardown(() => execFileSync('umount', ['-l', folder]));
  return folder;
}

/** Takes all the space that is left, to the last page. */
function fillUp(folder: string): string {
  const ballast = join(folder, 'ballast');
  for (let n = 0, bytes = 65_536; bytes >= 1_024; ) {
    try {
      writeFileSync(ballast, Buffer.alloc(bytes, 1), { flag: 'a' });
      n++;
    } catch {
      bytes >>= 1;
    }
    if (n > 1_000) throw new Error('Cannot fill the disk');
  }
  return ballast;
}

const large = (n: number, bytes = 60_000) =>
  sampleVersion(n, { modules: [{ path: 'a.js', text: String(n % 10).repeat(bytes) }] });

test('Store.putVersion() that fills the disk is no_space, and everything before it is there and served (P04)', async (t) => {
  const folder = smallDisk(t, '1m');
  if (folder === undefined) return;
  const store = await openSqlite({ folder });
  t.teardown(() => store.close());
  const kept: number[] = [];
  let code = 'none';
  for (let n = 0; code === 'none' && n < 100; n++) {
    code = await codeOf(store.putVersion(large(n)));
    if (code === 'none') kept.push(n);
  }
  t.is(code, 'no_space');
  t.true(kept.length > 2);
  for (const n of kept) t.deepEqual(await store.getVersion('a', sampleHash(n)), large(n), 'what runs, runs on');
  t.is((await store.listVersions('a')).length, kept.length, 'no half version');
  // Deleting needs space in the log as well. Whether there is some depends on when the log was emptied last.
  const deleted = await codeOf(store.deleteProgram('a'));
  if (deleted === 'none') t.is(await store.getProgram('a'), undefined);
  else {
    t.is(deleted, 'no_space');
    for (const n of kept) t.deepEqual(await store.getVersion('a', sampleHash(n)), large(n));
  }
});

test('Store on a disk that others have filled: no_space, and all is well when there is space again (P04)', async (t) => {
  const folder = smallDisk(t, '2m');
  if (folder === undefined) return;
  let store = await openSqlite({ folder });
  t.teardown(() => store.close());
  await store.putVersion(large(1));
  await store.setTraffic('a', { [sampleHash(1)]: 100 }, 0);
  const ballast = fillUp(folder);
  // One that fits and one that does not, in one transaction: neither is half there.
  const codes = await Promise.all([
    codeOf(store.putVersion(large(2, 500_000))),
    codeOf(store.putVersion(large(3, 500_000))),
  ]);
  t.deepEqual(codes, ['no_space', 'no_space']);
  t.deepEqual(await store.getVersion('a', sampleHash(1)), large(1));
  t.deepEqual((await store.getProgram('a'))?.traffic, { [sampleHash(1)]: 100 });

  rmSync(ballast);
  t.true(await store.putVersion(large(2)));
  t.is((await store.setTraffic('a', { [sampleHash(2)]: 100 }, 1)).revision, 2);
  await store.close();
  store = await openSqlite({ folder });
  t.is((await store.listVersions('a')).length, 2);
});

test('Store.putVersion() too large for the disk does not take its neighbours of the same tick with it (P04)', async (t) => {
  const folder = smallDisk(t, '1m');
  if (folder === undefined) return;
  const store = await openSqlite({ folder });
  t.teardown(() => store.close());
  const puts = [large(1, 1_000), large(2, 3_000_000), large(3, 1_000)].map((record) =>
    codeOf(store.putVersion(record)),
  );
  t.deepEqual(await Promise.all(puts), ['none', 'no_space', 'none']);
  t.deepEqual(
    (await store.listVersions('a')).map(({ version }) => version),
    [sampleHash(3), sampleHash(1)],
  );
});

test('openSqlite() of a new store on a full disk is no_space, and makes it when there is space', async (t) => {
  const folder = smallDisk(t, '1m');
  if (folder === undefined) return;
  const ballast = fillUp(folder);
  t.is(await codeOf(openSqlite({ folder })), 'no_space');
  rmSync(ballast);
  const store = await openSqlite({ folder });
  t.true(await store.putVersion(sampleVersion(1)));
  await store.close();
});
