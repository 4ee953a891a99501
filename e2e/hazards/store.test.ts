// P03 to P06, D11, D12: what is on the disk when a server is killed, when the disk is full, when another process holds
// the database, and when bytes of it are not what they were.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { gone, NODE, runTine, serverEnv, start, type Tine } from '../start.ts';
import { isProblem, SLACK } from './share.ts';

const HOLD_LOCK = fileURLToPath(new URL('../../store/sqlite/hold-lock.fixture.ts', import.meta.url));
const says = (text: string) => `export default { fetch: () => new Response('${text}') }`;

function dataFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tine-e2e-store-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The file that holds the sources: the largest one of the store. */
function databaseOf(dataDir: string): string {
  const folder = join(dataDir, 'store');
  const files = readdirSync(folder).map((name) => join(folder, name));
  return files.filter((file) => !/-(wal|shm)$/.test(file)).sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
}

async function killAll(tine: Tine): Promise<void> {
  const all = tine.pids();
  tine.kill('SIGKILL');
  await tine.exited;
  await gone(all, 1_000 * SLACK);
}

test.serial(
  'P03 ten times kill -9 after an acknowledged deploy and in the middle of the next: nothing that was acknowledged is lost',
  async (t) => {
    t.timeout(90_000);
    const dataDir = dataFolder(t);
    const acknowledged: string[] = [];
    let last = -1;
    for (let round = 0; round < 10; round++) {
      const tine = await start({ dataDir });
      t.teardown(() => tine.stop());
      if (round > 0) {
        const { items } = (await tine.control('GET', '/v1/programs/kept/versions')).json;
        const versions = items.map(({ version }: { version: string }) => version);
        t.deepEqual(
          acknowledged.filter((version) => !versions.includes(version)),
          [],
        );
        const percents = items.reduce((sum: number, { percent }: { percent: number }) => sum + percent, 0);
        t.is(percents, 100);
        const { status, text } = await tine.fetch('kept');
        t.is(status, 200, text);
        t.true(Number(text) === last || Number(text) === last + 1, `${text} after ${last}`);
      }
      last = round * 2;
      acknowledged.push((await tine.deploy('kept', says(String(last)))).json.version);
      const cut = tine.deploy('kept', says(String(last + 1))).then(
        ({ json }) => json.version as string,
        () => undefined,
      );
      await delay(round * 12);
      await killAll(tine);
      const version = await cut;
      if (version !== undefined) {
        acknowledged.push(version);
        last += 1;
      }
    }
    t.is(acknowledged.length >= 10, true);
    t.log(`${acknowledged.length} acknowledged, 0 lost`);
  },
);

const SMALL_DISK = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=40m tmpfs "$TINE_DATA" && exec "$@"', 'sh'];

test.serial(
  'P04 a full disk: a deploy is 507 no_space, serving goes on, and it works again without a restart',
  async (t) => {
    const dataDir = dataFolder(t);
    await using tine = await start({ dataDir, wrap: SMALL_DISK });
    await tine.deploy('before', says('before'));
    const filler = join(tine.viewOfData, 'filler');
    fill(filler);
    // The store may have some room left in pages that it has: a source that is larger than those.
    const large = `/*${'x'.repeat(3_000_000)}*/ ${says('large')}`;
    isProblem(t, await tine.deploy('large', large, { expect: 507 }), 'no_space');
    t.is((await tine.fetch('before')).text, 'before');
    isProblem(t, await tine.fetch('large'), 'not_found');
    rmSync(filler);
    await tine.deploy('large', large);
    t.is((await tine.fetch('large')).text, 'large');
    t.is((await tine.fetch('before')).text, 'before');
  },
);

test.serial('P05 a database that another process holds: 503 store_busy within a second, serving goes on', async (t) => {
  const dataDir = dataFolder(t);
  await using tine = await start({ dataDir });
  await tine.deploy('served', says('served'));
  const holder = spawn(NODE, [HOLD_LOCK, databaseOf(dataDir)], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => holder.kill());
  await once(holder.stdout, 'data');
  const deploying = tine.deploy('busy', says('busy'), { expect: 503 });
  const worst = { ms: 0 };
  let isOver = false;
  void deploying.finally(() => (isOver = true)).catch(() => {});
  while (!isOver) {
    const { status, ms } = await tine.fetch('served');
    t.is(status, 200);
    worst.ms = Math.max(worst.ms, ms);
  }
  const reply = await deploying;
  isProblem(t, reply, 'store_busy');
  t.true(worst.ms < 500 * SLACK, `a request took ${worst.ms} ms`);
  t.is((await tine.control('GET', '/healthz')).status, 200);
  holder.stdin.end();
  await once(holder, 'exit');
  await tine.deploy('busy', says('busy'));
  t.is((await tine.fetch('busy')).text, 'busy');
});

test.serial(
  'P06 a database that is empty, cut off, garbage or without its marker: refuses to start naming the file, and leaves it as it is',
  async (t) => {
    const dataDir = dataFolder(t);
    const first = await start({ dataDir });
    await first.deploy('kept', says('kept'));
    await first.stop();
    const database = databaseOf(dataDir);
    const good = readFileSync(database);
    const damages: [string, () => void][] = [
      ['empty', () => writeFileSync(database, '')],
      ['cut off', () => truncateSync(database, Math.floor(good.length / 2))],
      ['garbage', () => writeFileSync(database, 'canary'.repeat(10_000))],
      ['gone', () => rmSync(database)],
    ];
    for (const [what, damage] of damages) {
      damage();
      const before = readdirSync(join(dataDir, 'store')).map((name) => [
        name,
        statSync(join(dataDir, 'store', name)).size,
      ]);
      const { code, stderr, stdout } = await runTine(['serve'], serverEnv(dataDir));
      t.not(code, 0, `${what}: ${stdout}`);
      t.true(`${stderr}${stdout}`.includes(database), `${what}: ${stderr}${stdout}`);
      const after = readdirSync(join(dataDir, 'store')).map((name) => [
        name,
        statSync(join(dataDir, 'store', name)).size,
      ]);
      t.deepEqual(after, before, what);
      writeFileSync(database, good);
    }
    await using again = await start({ dataDir });
    t.is((await again.fetch('kept')).text, 'kept');
  },
);

test.serial(
  'P06 a source with one bit changed is 500 corrupt_version and never runs; other programs are served',
  async (t) => {
    const dataDir = dataFolder(t);
    const first = await start({ dataDir });
    await first.deploy('damaged', says('canary-of-the-source'));
    await first.deploy('whole', says('whole'));
    await first.stop();
    const database = databaseOf(dataDir);
    const bytes = readFileSync(database);
    const at = bytes.indexOf('canary-of-the-source');
    t.true(at > 0);
    bytes[at]! ^= 1;
    writeFileSync(database, bytes);
    await using tine = await start({ dataDir });
    t.is((await tine.fetch('whole')).text, 'whole');
    await tine.log.until('the damaged version to be named', ({ msg, level }) => level >= 50 && /damaged/.test(msg));
    isProblem(t, await tine.fetch('damaged'), 'corrupt_version');
    await tine.deploy('damaged', says('mended'));
    t.is((await tine.fetch('damaged')).text, 'mended');
  },
);

test.serial(
  'D11 D12 templates that are missing, cut off or have one bit changed are built again from source',
  async (t) => {
    const dataDir = dataFolder(t);
    const names = ['missing', 'cut', 'flipped', 'whole'];
    const first = await start({ dataDir });
    for (const name of names) await first.deploy(name, says(name));
    await first.stop();
    const folder = join(dataDir, 'templates');
    const files = readdirSync(folder).map((name) => join(folder, name));
    t.true(files.length >= names.length, files.join());
    for (const [at, file] of files.entries()) {
      if (at % 4 === 0) rmSync(file);
      else if (at % 4 === 1) truncateSync(file, 1_000);
      else if (at % 4 === 2) {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(file, bytes);
      }
    }
    await using tine = await start({ dataDir });
    for (const name of names) {
      const { status, text } = await tine.fetch(name);
      t.is(`${status} ${text}`, `200 ${name}`);
    }
    await tine.log.until('a damaged template to be named', ({ msg }) => /damaged/.test(msg));
    await tine.log.until('a template that was built again', ({ msg }) => msg === 'template built again from source');
  },
);

/** Takes all the space that is left. */
function fill(file: string): void {
  for (let bytes = 16_000_000; bytes >= 4_096; bytes >>= 1) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}
