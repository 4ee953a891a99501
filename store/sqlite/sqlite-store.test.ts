import { statSync, truncateSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { codeOf, sampleHash, sampleVersion, temporaryFolder } from '../samples.ts';
import { storeContract } from '../store.contract.ts';
import type { Store, StoreError } from '../store.ts';
import { storeFiles } from './files.ts';
import { openSqlite } from './open.ts';

async function openIn(t: ExecutionContext, folder: string, now: () => number = Date.now): Promise<Store> {
  const store = await openSqlite({ folder, now });
  t.teardown(() => store.close());
  return store;
}

/** Changes the database behind the store's back, as damage would: what is stored does not fit its hash. */
function tamper(folder: string, sql: string): void {
  const database = new DatabaseSync(storeFiles(folder).database);
  database.exec(sql);
  database.close();
}

storeContract(test, { open: (t, { now }) => openIn(t, temporaryFolder(t), now) });

test('Store of SQLite gives everything again after close and open', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(t, folder);
  await store.putVersion(sampleVersion(1));
  const program = await store.setTraffic('a', { [sampleHash(1)]: 100 }, 0);
  await store.close();
  const again = await openIn(t, folder);
  t.deepEqual(await again.getProgram('a'), program);
  t.deepEqual(await again.getVersion('a', sampleHash(1)), sampleVersion(1));
  t.is((await again.trafficHistory('a', 9)).length, 1);
});

const DAMAGE = [
  ['source', `UPDATE bodies SET body = CAST(replace(CAST(body AS TEXT), 'export', 'exqort') AS BLOB)`],
  ['no source at all', 'DELETE FROM bodies'],
  ['the source of another version', 'UPDATE bodies SET body = (SELECT body FROM bodies b ORDER BY version_id DESC)'],
  ['language', `UPDATE versions SET language = 'forge'`],
  ['time', 'UPDATE versions SET created_at = created_at + 1'],
  ['an integer beyond 2 ** 53', 'UPDATE versions SET created_at = 9007199254740993'],
  ['hash of the source', `UPDATE versions SET body_sha256 = x'00'`],
  ['hash of the row', 'UPDATE versions SET sha256 = zeroblob(32)'],
] as const;

for (const [what, sql] of DAMAGE) {
  test(`Store.getVersion() is corrupt_version when damaged: ${what} (P06)`, async (t) => {
    const folder = temporaryFolder(t);
    const store = await openIn(t, folder);
    await store.putVersion(sampleVersion(1));
    await store.putVersion(sampleVersion(2));
    tamper(
      folder,
      `${sql} ${sql.startsWith('DELETE') ? 'WHERE version_id = 1' : `WHERE ${sql.includes('bodies') ? 'version_id' : 'id'} = 1`}`,
    );
    const error = await t.throwsAsync<StoreError>(store.getVersion('a', sampleHash(1)));
    t.is(error.code, 'corrupt_version');
    t.deepEqual(error.details, { program: 'a', version: sampleHash(1) });
    t.deepEqual(await store.getVersion('a', sampleHash(2)), sampleVersion(2), 'the other version is served');

    t.false(await store.putVersion(sampleVersion(1)), 'the same upload is not new');
    t.deepEqual(await store.getVersion('a', sampleHash(1)), sampleVersion(1), 'but makes it whole');
    t.is((await store.listVersions('a')).length, 2);
  });
}

test('Store.listVersions() is corrupt_version when a row does not fit its hash', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(t, folder);
  await store.putVersion(sampleVersion(1));
  tamper(folder, 'UPDATE versions SET source_bytes = 1');
  t.is(await codeOf(store.listVersions('a')), 'corrupt_version');
});

const PROGRAM_DAMAGE = [
  'UPDATE programs SET revision = 7',
  `UPDATE programs SET traffic = '{}'`,
  'UPDATE programs SET created_at = 9007199254740993',
  'UPDATE programs SET sha256 = zeroblob(32)',
];

for (const sql of PROGRAM_DAMAGE) {
  test(`Store is store_unusable naming file, table and row after ${sql} (P06)`, async (t) => {
    const folder = temporaryFolder(t);
    const store = await openIn(t, folder);
    await store.putVersion(sampleVersion(1));
    await store.setTraffic('a', { [sampleHash(1)]: 100 }, 0);
    tamper(folder, sql);
    const calls = [
      () => store.getProgram('a'),
      () => store.listPrograms(),
      () => store.setTraffic('a', {}, 1),
      () => store.putVersion(sampleVersion(2)),
    ];
    for (const call of calls) {
      const error = await t.throwsAsync<StoreError>(call());
      t.is(error.code, 'store_unusable');
      t.is(error.details?.['file'], storeFiles(folder).database);
      t.is(error.details?.['table'], 'programs');
      t.truthy(error.details?.['row']);
    }
  });
}

for (const sql of [
  'UPDATE traffic_changes SET changed_at = 1 WHERE revision = 1',
  'UPDATE traffic_changes SET revision = 9 WHERE revision = 2',
  'DELETE FROM traffic_changes WHERE revision = 1',
]) {
  test(`Store.trafficHistory() is store_unusable after ${sql}`, async (t) => {
    const folder = temporaryFolder(t);
    const store = await openIn(t, folder);
    await store.putVersion(sampleVersion(1));
    await store.setTraffic('a', {}, 0);
    await store.setTraffic('a', {}, 1);
    tamper(folder, sql);
    const error = await t.throwsAsync<StoreError>(store.trafficHistory('a', 10));
    t.is(error.code, 'store_unusable');
    t.is(error.details?.['table'], 'traffic_changes');
  });
}

test('Store.setTraffic() keeps the last 1,000 changes', async (t) => {
  const store = await openIn(t, temporaryFolder(t));
  await store.putVersion(sampleVersion(1));
  const revisions = Array.from({ length: 1_005 }, (_, index) => index);
  // In order within one tick: each sees the revision of the one before.
  await Promise.all(revisions.slice(0, 1_000).map((revision) => store.setTraffic('a', {}, revision)));
  for (const revision of revisions.slice(1_000)) await store.setTraffic('a', {}, revision);
  const history = await store.trafficHistory('a', 2_000);
  t.is(history.length, 1_000);
  t.is(history[0]!.revision, 1_005);
  t.is(history.at(-1)!.revision, 6);
});

test('Store.deleteProgram() frees its space for the next one', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(t, folder);
  const large = (n: number) => sampleVersion(n, { modules: [{ path: 'a.js', text: String(n).repeat(2_000_000) }] });
  await store.putVersion(large(1));
  await store.deleteProgram('a');
  for (let n = 2; n < 6; n++) {
    await store.putVersion(large(n));
    await store.deleteProgram('a');
  }
  await store.close();
  const { database } = storeFiles(folder);
  t.true(statSync(database).size < 2 * 2_100_000, `${statSync(database).size} bytes`);
  const left = new DatabaseSync(database, { readOnly: true });
  t.teardown(() => left.close());
  for (const table of ['programs', 'versions', 'bodies', 'traffic_changes']) {
    t.is(left.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'], 0, table);
  }
});

test('Store.getVersion() of a database that is cut while it is open is an error, never wrong bytes', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openIn(t, folder);
  for (let n = 0; n < 50; n++) await first.putVersion(sampleVersion(n));
  await first.close();
  const store = await openIn(t, folder);
  truncateSync(storeFiles(folder).database, 8_192);
  for (let n = 0; n < 50; n++) {
    const read = await store.getVersion('a', sampleHash(n)).catch((error: StoreError) => error.code);
    if (typeof read === 'string') t.regex(read, /^(corrupt_version|store_unusable)$/);
    else t.deepEqual(read, sampleVersion(n));
  }
});
