import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import test, { type ExecutionContext } from 'ava';
import { codeOf, sampleHash, sampleVersion, temporaryFolder } from '../samples.ts';
import { storeFiles } from './files.ts';
import { openSqlite } from './open.ts';

/** Another process that holds the database until `release` has resolved. */
async function holdElsewhere(t: ExecutionContext, folder: string): Promise<{ release: () => Promise<void> }> {
  const fixture = new URL('hold-lock.fixture.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [fixture, storeFiles(folder).database], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    release: async () => {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

async function openIn(t: ExecutionContext, folder: string) {
  const store = await openSqlite({ folder });
  t.teardown(() => store.close());
  await store.putVersion(sampleVersion(1));
  return store;
}

test('Store.putVersion() is store_busy after 1 s while another process holds the database; reads and timers go on (P05)', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(t, folder);
  const { release } = await holdElsewhere(t, folder);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  const writes = [store.putVersion(sampleVersion(2)), store.setTraffic('a', { [sampleHash(1)]: 100 }, 0)];
  let reads = 0;
  let waiting = true;
  const ended = Promise.all(writes.map(codeOf)).finally(() => {
    waiting = false;
  });
  while (waiting) {
    t.deepEqual(await store.getVersion('a', sampleHash(1)), sampleVersion(1));
    reads++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const tookMs = performance.now() - started;
  delay.disable();
  t.deepEqual(await ended, ['store_busy', 'store_busy']);
  t.true(tookMs > 800 && tookMs < 3_000, `${tookMs} ms`);
  t.true(reads > 20, `${reads} reads`);
  // Half of the tries block for 5 ms; the median is what everybody else feels.
  t.true(delay.percentile(50) < 50e6, `median delay ${delay.percentile(50) / 1e6} ms`);
  t.log(`store_busy after ${Math.round(tookMs)} ms, ${reads} reads, delay p99 ${delay.percentile(99) / 1e6} ms`);

  await release();
  t.true(await store.putVersion(sampleVersion(2)), 'the refused write left nothing, and works again');
  t.is((await store.getProgram('a'))?.revision, 0);
});

test('Store.putVersion() waits for another process that gives the database back (P05)', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(t, folder);
  const { release } = await holdElsewhere(t, folder);
  const put = store.putVersion(sampleVersion(2));
  await release();
  t.true(await put);
});
