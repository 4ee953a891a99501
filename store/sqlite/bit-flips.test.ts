// Flips single bits in the files of a closed store. What must hold: each answer is right, or an error; never a wrong
// value, never a version or program that is silently gone. More: TINE_FLIPS=3000.

import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { randomFrom, sampleHash, sampleVersion, temporaryFolder } from '../samples.ts';
import type { Store, StoreError, VersionRecord } from '../store.ts';
import { storeFiles } from './files.ts';
import { openSqlite } from './open.ts';

const FLIPS = Number(process.env['TINE_FLIPS'] ?? 300);
const SEED = Number(process.env['TINE_SEED'] ?? Date.now() % 1e6);
const NOTICED = ['corrupt_version', 'store_unusable'];

interface Model {
  versions: VersionRecord[];
  /** By call, what it must give. */
  answers: Record<string, unknown>;
}

const CALLS: Record<string, (store: Store) => Promise<unknown>> = {
  listPrograms: (store) => store.listPrograms(),
  getA: (store) => store.getProgram('a'),
  getB: (store) => store.getProgram('b'),
  getUnknown: (store) => store.getProgram('c'),
  historyA: (store) => store.trafficHistory('a', 100),
  listA: (store) => store.listVersions('a'),
  listB: (store) => store.listVersions('b'),
};

async function fill(store: Store): Promise<Model> {
  const versions = [];
  for (let n = 0; n < 30; n++) versions.push(sampleVersion(n, { program: n % 3 === 0 ? 'b' : 'a' }));
  for (const version of versions) await store.putVersion(version);
  for (const [index, n] of [1, 2, 4, 5].entries()) await store.setTraffic('a', { [sampleHash(n)]: 100 }, index);
  const answers: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(CALLS)) answers[name] = await call(store);
  return { versions, answers };
}

function flip(file: string, bit: number): void {
  const bytes = readFileSync(file);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  writeFileSync(file, bytes);
}

/** Asks for everything. @returns what was wrong without being noticed, and how much was noticed */
async function compare(folder: string, { versions, answers }: Model): Promise<{ wrong: string[]; noticed: number }> {
  const wrong: string[] = [];
  let noticed = 0;
  let store: Store;
  try {
    store = await openSqlite({ folder });
  } catch (error) {
    const { code } = error as StoreError;
    return { wrong: code === 'store_unusable' ? [] : [`open: ${error}`], noticed: 1 };
  }
  const check = async (what: string, asked: Promise<unknown>, wanted: unknown) => {
    try {
      if (!isDeepStrictEqual(await asked, wanted)) wrong.push(what);
    } catch (error) {
      if (NOTICED.includes((error as StoreError).code)) noticed++;
      else wrong.push(`${what}: ${error}`);
    }
  };
  for (const record of versions) {
    await check(`${record.program} ${record.version}`, store.getVersion(record.program, record.version), record);
  }
  for (const [name, wanted] of Object.entries(answers)) await check(name, CALLS[name]!(store), wanted);
  await store.close();
  return { wrong, noticed };
}

async function flipMany(t: ExecutionContext, made: string, name: string, model: Model, flips: number): Promise<void> {
  const random = randomFrom(SEED);
  const folder = join(temporaryFolder(t), 'data');
  const { folder: target } = storeFiles(folder);
  mkdirSync(folder);
  cpSync(storeFiles(made).folder, target, { recursive: true });
  const { size } = statSync(join(target, name));
  let noticed = 0;
  for (let n = 0; n < flips; n++) {
    for (const suffix of ['-wal', '-shm']) rmSync(join(target, `store.db${suffix}`), { force: true });
    for (const file of ['store.db', 'marker', name])
      copyFileSync(join(storeFiles(made).folder, file), join(target, file));
    const bit = Math.floor(random() * size * 8);
    flip(join(target, name), bit);
    const found = await compare(folder, model);
    if (found.noticed > 0) noticed++;
    if (found.wrong.length > 0) return t.fail(`bit ${bit} of ${name}, seed ${SEED}: ${found.wrong.join(', ')}`);
  }
  t.log(
    `${flips} flips in ${name} (${size} bytes): ${noticed} noticed, ${flips - noticed} in unused bytes, seed ${SEED}`,
  );
  t.true(noticed > flips / 4, `only ${noticed} of ${flips} noticed`);
}

test(`openSqlite() and reading notice each of ${FLIPS} bit flips in the database, or the value is right (P06)`, async (t) => {
  t.timeout(60_000 + FLIPS * 100);
  const folder = temporaryFolder(t);
  const store = await openSqlite({ folder });
  const model = await fill(store);
  await store.close();
  await flipMany(t, folder, 'store.db', model, FLIPS);
});

test('openSqlite() notices each bit flip in the marker file (P06)', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openSqlite({ folder });
  const model = await fill(store);
  await store.close();
  await flipMany(t, folder, 'marker', model, 20);
});

test(`openSqlite() notices each of ${FLIPS} bit flips in the log that a kill left, but in its last transaction (P06)`, async (t) => {
  t.timeout(60_000 + FLIPS * 100);
  const folder = temporaryFolder(t);
  const store = await openSqlite({ folder });
  const model = await fill(store);
  // The last transaction of the log is one that no answer depends on: what became of it cannot be told.
  await store.putVersion(sampleVersion(0, { program: 'b' }));
  await store.setTraffic('b', {}, 0);
  const killed = join(temporaryFolder(t), 'data');
  mkdirSync(killed);
  cpSync(storeFiles(folder).folder, storeFiles(killed).folder, { recursive: true });
  await store.close();
  await flipMany(t, killed, 'store.db-wal', withoutB(model), FLIPS);
});

/** Without what the last transaction changed. */
function withoutB({ versions, answers }: Model): Model {
  const { getB: _, listPrograms: __, ...kept } = answers;
  return { versions, answers: kept };
}
