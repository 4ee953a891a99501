// `kill -9` of a process that writes. It shows that nothing acknowledged is lost when the process dies, not that the
// disk keeps what it was told to keep when the power goes. More loops: TINE_KILL_LOOPS=1000.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { codeOf, randomFrom, sampleHash, sampleVersion, temporaryFolder } from '../samples.ts';
import type { Store, StoreError } from '../store.ts';
import { storeFiles } from './files.ts';
import { openSqlite } from './open.ts';

const LOOPS = Number(process.env['TINE_KILL_LOOPS'] ?? 20);
const SEED = Number(process.env['TINE_SEED'] ?? Date.now() % 1e6);
const FIXTURE = new URL('write-forever.fixture.ts', import.meta.url).pathname;

interface Acknowledged {
  n: number;
  revision: number;
}

function start(folder: string, first: number): ChildProcess {
  return spawn(process.execPath, [FIXTURE, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs the child until it has acknowledged `count` rounds and `extraMs` more, then kills it. */
async function runAndKill(folder: string, first: number, count: number, extraMs: number): Promise<Acknowledged[]> {
  const child = start(folder, first);
  const closed = once(child, 'close');
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line === 'ready') continue;
    const [n, revision] = line.split(' ').map(Number);
    acknowledged.push({ n: n!, revision: revision! });
    // The kill comes from outside at a moment that has nothing to do with what the child is doing.
    if (acknowledged.length === count) void setTimeout(extraMs).then(() => child.kill('SIGKILL'));
  }
  await closed;
  return acknowledged;
}

async function assertHolds(store: Store, acknowledged: readonly Acknowledged[]): Promise<string | undefined> {
  const history = await store.trafficHistory('a', 1_000);
  const byRevision = new Map(history.map(({ revision, traffic }) => [revision, Object.keys(traffic)[0]]));
  for (const { n, revision } of acknowledged) {
    for (const program of ['a', `b${n % 3}`]) {
      const read = await store.getVersion(program, sampleHash(n)).catch((error: StoreError) => error.code);
      if (!isDeepStrictEqual(read, sampleVersion(n, { program })))
        return `version ${n} of ${program}: ${inspect(read)}`;
    }
    // The history is bounded; what it still has must be what was acknowledged.
    if (byRevision.has(revision) && byRevision.get(revision) !== sampleHash(n))
      return `revision ${revision} is not of ${n}`;
  }
  const last = acknowledged.at(-1);
  const program = await store.getProgram('a');
  if (last !== undefined && (program?.revision ?? 0) < last.revision)
    return `revision ${program?.revision} < ${last.revision}`;
  for (const version of Object.keys(program?.traffic ?? {})) {
    if ((await codeOf(store.getVersion('a', version))) !== 'none')
      return 'traffic points at a version that is not there';
  }
  return undefined;
}

test(`openSqlite() after kill -9 has every acknowledged row, ${LOOPS} times (P03)`, async (t) => {
  t.timeout(60_000 + LOOPS * 2_000);
  const random = randomFrom(SEED);
  const folder = temporaryFolder(t);
  let first = 0;
  let rows = 0;
  for (let loop = 0; loop < LOOPS; loop++) {
    const acknowledged = await runAndKill(folder, first, 1 + Math.floor(random() * 30), random() * 20);
    const store = await openSqlite({ folder });
    const wrong = await assertHolds(store, acknowledged);
    await store.close();
    if (wrong !== undefined) return t.fail(`loop ${loop}, seed ${SEED}: ${wrong}`);
    rows += acknowledged.length * 3;
    first = acknowledged.at(-1)!.n + 2;
  }
  t.log(`${LOOPS} kills, ${rows} acknowledged rows, 0 lost, seed ${SEED}`);
  return t.pass();
});

test('openSqlite() is store_busy naming the process that holds the folder, and opens when that is killed', async (t) => {
  const folder = temporaryFolder(t);
  const child = start(folder, 0);
  const closed = once(child, 'close');
  await once(child.stdout!, 'data');
  const error = await t.throwsAsync<StoreError>(openSqlite({ folder }));
  t.is(error.code, 'store_busy');
  t.is(error.details?.['pid'], child.pid);
  child.kill('SIGKILL');
  await closed;
  await (await openSqlite({ folder })).close();
});

test('openSqlite() after kill -9 while the store is being made gives a store', async (t) => {
  const random = randomFrom(SEED);
  const killedAtMs: number[] = [];
  for (let loop = 0; loop < 8; loop++) {
    const folder = temporaryFolder(t);
    const child = start(folder, 0);
    const closed = once(child, 'close');
    // The folder of the store comes just before everything else in it.
    while (!existsSync(storeFiles(folder).folder)) await setTimeout(1);
    const afterMs = random() * 15;
    await setTimeout(afterMs);
    child.kill('SIGKILL');
    await closed;
    killedAtMs.push(Math.round(afterMs));
    const store = await openSqlite({ folder }).catch((error) => error as Error);
    if (store instanceof Error) return t.fail(`killed after ${afterMs} ms, seed ${SEED}: ${store}`);
    t.is(await codeOf(store.putVersion(sampleVersion(9_999))), 'none');
    await store.close();
  }
  return t.log(`killed after ${killedAtMs.join(', ')} ms, seed ${SEED}`);
});
