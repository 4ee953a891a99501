import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { codeOf, sampleHash, sampleVersion, temporaryFolder } from '../samples.ts';
import type { StoreError } from '../store.ts';
import { storeFiles } from './files.ts';
import { openSqlite } from './open.ts';

/** A closed store with 20 versions of `a`, the last of which takes the traffic. */
async function makeStore(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const store = await openSqlite({ folder });
  for (let n = 0; n < 20; n++) await store.putVersion(sampleVersion(n));
  await store.setTraffic('a', { [sampleHash(19)]: 100 }, 0);
  await store.close();
  return { folder, files: storeFiles(folder) };
}

/** What refusals must leave as it was: every file but SQLite's scratch and our lock. */
function evidence(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !/-shm$|^lock$|^pid$/.test(name));
  const kept = names.filter((name) => !name.endsWith('-wal') || statSync(join(folder, name)).size > 0);
  return Object.fromEntries(kept.map((name) => [name, readFileSync(join(folder, name), 'hex')]));
}

async function assertRefused(t: ExecutionContext, folder: string, file: string): Promise<StoreError> {
  const files = storeFiles(folder);
  const before = evidence(files.folder);
  const error = await t.throwsAsync<StoreError>(openSqlite({ folder }));
  t.is(error.code, 'store_unusable');
  t.is(error.details?.['file'], file);
  t.true(error.message.includes(file), error.message);
  t.deepEqual(evidence(files.folder), before, 'nothing was written');
  t.false(existsSync(files.pid), 'the lock was given back');
  return error;
}

function alter(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

test('openSqlite() makes folders 0700 and files 0600, whatever the umask is', async (t) => {
  const folder = join(temporaryFolder(t), 'deep', 'data');
  // In a child, as the umask is that of a whole process.
  const fixture = new URL('write-forever.fixture.ts', import.meta.url).pathname;
  const child = spawn('sh', ['-c', 'umask 0; exec "$0" "$@"', process.execPath, fixture, folder, '0']);
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const files = storeFiles(folder);
  t.is(statSync(folder).mode & 0o777, 0o700);
  t.is(statSync(files.folder).mode & 0o777, 0o700);
  const names = readdirSync(files.folder);
  for (const name of ['store.db', 'store.db-wal', 'marker', 'lock', 'pid']) t.true(names.includes(name), name);
  for (const name of names) t.is(statSync(join(files.folder, name)).mode & 0o777, 0o600, name);
});

test('openSqlite() takes away what others may do with the files of a store', async (t) => {
  const { folder, files } = await makeStore(t);
  chmodSync(files.folder, 0o755);
  chmodSync(files.database, 0o644);
  const store = await openSqlite({ folder });
  t.is(statSync(files.folder).mode & 0o777, 0o700);
  t.is(statSync(files.database).mode & 0o777, 0o600);
  await store.close();
});

test('openSqlite() leaves the mode of a data folder that was there', async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  await (await openSqlite({ folder })).close();
  t.is(statSync(folder).mode & 0o777, 0o755);
});

test('openSqlite() refuses an empty database (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  truncateSync(files.database, 0);
  await assertRefused(t, folder, files.database);
});

test('openSqlite() refuses a database that is cut anywhere (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  const { size } = statSync(files.database);
  for (const cut of [1, 99, 100, 4_096, 5_000, 8_192, size >> 1, size - 4_096, size - 1]) {
    const copy = join(folder, 'copy');
    copyFileSync(files.database, copy);
    truncateSync(files.database, cut);
    await assertRefused(t, folder, files.database);
    renameSync(copy, files.database);
  }
  t.is(await codeOf(openSqlite({ folder }).then((store) => store.close())), 'none', 'whole again');
});

test('openSqlite() refuses a file that is no database, and a database of somebody else (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  writeFileSync(files.database, 'not a database, but long enough to be taken for one'.repeat(100));
  await assertRefused(t, folder, files.database);
  rmSync(files.database);
  alter(files.database, 'CREATE TABLE programs (name TEXT); PRAGMA user_version = 1');
  const error = await assertRefused(t, folder, files.database);
  t.regex(error.message, /application_id/);
});

test('openSqlite() refuses a database of a newer schema, or of none (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  for (const schema of [99, 0, -1]) {
    alter(files.database, `PRAGMA user_version = ${schema}`);
    const error = await assertRefused(t, folder, files.database);
    t.true(error.message.includes(`got ${schema}`), error.message);
  }
});

test('openSqlite() refuses a marker row that is missing, changed or of another schema (P06)', async (t) => {
  for (const sql of ['DELETE FROM marker', `UPDATE marker SET store = 'other'`, 'UPDATE marker SET schema = 2']) {
    const { folder, files } = await makeStore(t);
    alter(files.database, sql);
    const error = await assertRefused(t, folder, files.database);
    t.is(error.details?.['table'], 'marker', sql);
  }
});

test('openSqlite() refuses a damaged program, naming table and row (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  alter(files.database, `UPDATE programs SET traffic = '{}' WHERE name = 'a'`);
  const error = await assertRefused(t, folder, files.database);
  t.deepEqual(error.details, { file: files.database, table: 'programs', row: '1' });
});

test('openSqlite() opens a store with a damaged source: it concerns that version only (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  alter(files.database, 'UPDATE bodies SET body = zeroblob(9) WHERE version_id = 1');
  const store = await openSqlite({ folder });
  t.is(await codeOf(store.getVersion('a', sampleHash(0))), 'corrupt_version');
  t.is(await codeOf(store.getVersion('a', sampleHash(1))), 'none');
  await store.close();
});

test('openSqlite() refuses a database without its marker file, and a marker file without its database (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  renameSync(files.marker, `${files.marker}.away`);
  await assertRefused(t, folder, files.marker);
  renameSync(`${files.marker}.away`, files.marker);
  rmSync(files.database);
  await assertRefused(t, folder, files.database);
});

test('openSqlite() that refuses leaves the log of a killed process as it is (P06)', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openSqlite({ folder });
  t.teardown(() => store.close());
  await store.putVersion(sampleVersion(1));
  const killed = storeFiles(temporaryFolder(t));
  cpSync(storeFiles(folder).folder, killed.folder, { recursive: true });
  rmSync(killed.pid);
  t.true(statSync(`${killed.database}-wal`).size > 0);
  const marker = readFileSync(killed.marker, 'utf8');
  writeFileSync(killed.marker, 'tine store of somebody else');
  await assertRefused(t, join(killed.folder, '..'), killed.marker);

  writeFileSync(killed.marker, marker);
  const again = await openSqlite({ folder: join(killed.folder, '..') });
  t.deepEqual(await again.getVersion('a', sampleHash(1)), sampleVersion(1));
  await again.close();
});

test('openSqlite() refuses the database of another store (P06)', async (t) => {
  const { folder, files } = await makeStore(t);
  const other = await makeStore(t);
  copyFileSync(other.files.database, files.database);
  await assertRefused(t, folder, files.marker);
});

test('openSqlite() after a kill at any step of the creation gives a whole store', async (t) => {
  const { files: made } = await makeStore(t);
  const steps: Record<string, [from: string, to: 'unborn' | 'marker'][]> = {
    'only the folder': [],
    'an unborn database, half': [[made.marker, 'unborn']],
    'an unborn database, whole': [[made.database, 'unborn']],
    'the marker, but no database yet': [
      [made.database, 'unborn'],
      [made.marker, 'marker'],
    ],
  };
  for (const [step, copies] of Object.entries(steps)) {
    const folder = temporaryFolder(t);
    const files = storeFiles(folder);
    mkdirSync(files.folder);
    for (const [from, to] of copies) copyFileSync(from, files[to]);
    const store = await openSqlite({ folder });
    t.is(await codeOf(store.putVersion(sampleVersion(99))), 'none', step);
    await store.close();
    t.false(existsSync(files.unborn), step);
  }
});

test('openSqlite() is store_busy naming the pid when the folder is held', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openSqlite({ folder });
  const error = await t.throwsAsync<StoreError>(openSqlite({ folder }));
  t.is(error.code, 'store_busy');
  t.is(error.details?.['pid'], process.pid);
  t.true(error.message.includes(`process ${process.pid} holds it`), error.message);
  t.is(await codeOf(store.putVersion(sampleVersion(1))), 'none', 'the holder goes on');
  await store.close();
  await (await openSqlite({ folder })).close();
});

test('openSqlite() is store_unusable naming the path when there can be no folder', async (t) => {
  const folder = join(temporaryFolder(t), 'file');
  writeFileSync(folder, '');
  const error = await t.throwsAsync<StoreError>(openSqlite({ folder }));
  t.is(error.code, 'store_unusable');
  t.true(error.message.includes(folder), error.message);
});
