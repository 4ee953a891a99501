// P01, P02, P08 to P11: processes that are killed, told to stop, or cut off from their log. Each test has a server of
// its own, as it ends it.
import { spawnSync } from 'node:child_process';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { raw } from '../http.ts';
import { gone, runTine, serverEnv, start, type Tine } from '../start.ts';
import { until } from '../until.ts';
import { checkNeighbour, guest, isProblem, SLACK } from './share.ts';

const WAIT =
  "export default { async fetch(request) { await new Promise((r) => setTimeout(r, Number(new URL(request.url).pathname.slice(1)))); return new Response('ended') } }";

async function startWithNeighbour(options: Parameters<typeof start>[0] = {}): Promise<Tine> {
  const tine = await start(options);
  await tine.deploy('neighbour', guest('neighbour.js'));
  return tine;
}

const inUse = (tine: Tine, count: number) =>
  until(`${count} permits`, async () => (await tine.metric('tine_permits_in_use')) >= count);

test.serial(
  'P01 kill -9 of executors under traffic: run again or 503 crashed, new ones take over, nobody is put aside',
  async (t) => {
    await using tine = await startWithNeighbour();
    let isOver = false;
    const statuses = new Map<string, number>();
    const drive = async () => {
      while (!isOver) {
        const reply = await tine.fetch('neighbour', '/p01');
        // A busy machine may have no time for a slice: counted, and not the fault of the kills.
        if (reply.status !== 200) isProblem(t, reply, reply.code === 'wall_limit' ? 'wall_limit' : 'crashed');
        const key = reply.code ?? reply.text;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
      }
    };
    const drivers = Array.from({ length: 4 }, drive);
    let kills = 0;
    const end = performance.now() + 3_000;
    while (performance.now() < end) {
      const [victim] = tine.executors();
      if (victim !== undefined) {
        process.kill(victim.pid, 'SIGKILL');
        kills += 1;
      }
      await delay(200);
    }
    isOver = true;
    await Promise.all(drivers);
    const fine = statuses.get('fine /p01 1') ?? 0;
    const crashed = statuses.get('crashed') ?? 0;
    t.log(`${kills} kills, ${fine} fine, ${crashed} crashed`);
    t.deepEqual(
      [...statuses.keys()].filter((key) => !['fine /p01 1', 'crashed', 'wall_limit'].includes(key)),
      [],
    );
    t.true(kills >= 5);
    t.true(crashed <= kills);
    t.is(await tine.metric('tine_quarantines_total'), 0);
    t.true((await tine.metric('tine_executor_restarts_total', { reason: 'outside' })) >= kills - 1);
    await checkNeighbour(tine);
  },
);

test.serial(
  'P02 kill -9 of the ingress: a new one serves the same programs on the same port, executors of the old one end',
  async (t) => {
    await using tine = await startWithNeighbour();
    const ingress = tine.ingress();
    const executors = tine.executors();
    t.true(executors.length > 0);
    process.kill(ingress.pid, 'SIGKILL');
    const start = performance.now();
    await gone([ingress, ...executors], 1_000 * SLACK);
    const agent = new Agent();
    await until('the neighbour', () =>
      tine.fetch('neighbour', '/p02', { agent }).then(
        ({ text }) => text === 'fine /p02 1',
        () => false,
      ),
    );
    const ms = performance.now() - start;
    t.true(ms < 1_000 * SLACK, `${ms} ms`);
    t.is((await tine.control('GET', '/readyz')).status, 200);
    await tine.deploy('after', "export default { fetch: () => new Response('after') }");
    t.is((await tine.fetch('after', '/', { agent })).text, 'after');
  },
);

test.serial('P08 SIGTERM with 60 in flight: all are answered, exit 0', async (t) => {
  const tine = await startWithNeighbour();
  t.teardown(() => tine.stop());
  await tine.deploy('wait', WAIT);
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const running = Array.from({ length: 60 }, () => tine.fetch('wait', '/1200', { agent }));
  await inUse(tine, 60);
  const before = tine.pids();
  tine.kill('SIGTERM');
  const replies = await Promise.all(running);
  t.deepEqual(new Set(replies.map(({ status, text }) => `${status} ${text}`)), new Set(['200 ended']));
  t.deepEqual(await tine.exited, { code: 0, signal: null });
  await gone(before);
  agent.destroy();
});

test.serial(
  'P08 a request after SIGTERM on a connection that was open is 503 draining and closed, or finds it closed',
  async (t) => {
    const tine = await startWithNeighbour();
    t.teardown(() => tine.stop());
    await tine.deploy('wait', WAIT);
    const running = tine
      .fetch('wait', '/1500', { agent: undefined })
      .catch((error: Error) => ({ text: error.message }));
    await inUse(tine, 1);
    const get = 'GET /0 HTTP/1.1\r\nHost: wait.localhost\r\n\r\n';
    const told = Promise.withResolvers<void>();
    const kept = Array.from({ length: 30 }, (_, i) => {
      const later = told.promise.then(() => delay(i * 5)).then(() => get);
      return raw(tine.dataUrl, '', { later });
    });
    // All of them are connected when one that came after them is answered.
    t.is((await tine.fetch('neighbour', '/p08', { agent: undefined })).status, 200);
    tine.kill('SIGTERM');
    told.resolve();
    const ends = new Map<string, number>();
    for (const { statuses, text, closed } of await Promise.all(kept)) {
      t.true(closed || statuses.length > 0);
      const end = String(statuses[0] ?? 'closed');
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (end === '503') t.regex(text, /^(?=.*retry-after: 1)(?=.*connection: close).*x-tine-error: draining/is);
    }
    t.log([...ends].map(([end, count]) => `${count} x ${end}`).join(', '));
    t.true(ends.has('503'));
    t.deepEqual(
      [...ends.keys()].filter((end) => !['200', '503', 'closed'].includes(end)),
      [],
    );
    t.is((await running).text, 'ended');
    t.deepEqual(await tine.exited, { code: 0, signal: null });
  },
);

test.serial(
  'P08 TINE_DRAIN_MS is the longest that is waited for: then the rest is cut off, and still exit 0',
  async (t) => {
    const tine = await startWithNeighbour({ env: { TINE_DRAIN_MS: '300' } });
    t.teardown(() => tine.stop());
    await tine.deploy('wait', WAIT);
    const running = tine.fetch('wait', '/20000').then(
      ({ status }) => status,
      () => 'cut',
    );
    await inUse(tine, 1);
    const start = performance.now();
    tine.kill('SIGTERM');
    t.deepEqual(await tine.exited, { code: 0, signal: null });
    t.true(performance.now() - start < 300 + 1_000 * SLACK);
    t.is(await running, 'cut');
  },
);

test.serial('P09 a second signal ends it at once: exit 0, no process is left', async (t) => {
  const tine = await startWithNeighbour();
  t.teardown(() => tine.stop());
  await tine.deploy('wait', WAIT);
  const running = tine.fetch('wait', '/20000').catch(() => 'cut');
  await inUse(tine, 1);
  const before = tine.pids();
  tine.kill('SIGTERM');
  await tine.log.until('the first signal', ({ signal }) => signal === 'SIGTERM');
  const start = performance.now();
  tine.kill('SIGINT');
  t.deepEqual(await tine.exited, { code: 0, signal: null });
  t.true(performance.now() - start < 500 * SLACK);
  await gone(before);
  t.is(await running, 'cut');
});

test.serial(
  'P09 kill -9 of the supervisor leaves no process, not even one that is stuck in a builtin or in a build',
  async (t) => {
    const tine = await startWithNeighbour();
    t.teardown(() => tine.stop());
    await tine.deploy('stuck', guest('uninterruptible.js'), { config: { name: 'stuck', limits: { cpu_ms: 20_000 } } });
    const running = tine.fetch('stuck', '/indexOf').catch(() => 'cut');
    const building = tine
      .deploy('looping', 'for (;;);', { config: { name: 'looping', limits: { init_ms: 10_000 } } })
      .catch(() => 'cut');
    await inUse(tine, 1);
    await until('the builder', () => tine.builders().length > 0);
    const before = tine.pids();
    t.true(before.length >= 4);
    tine.kill('SIGKILL');
    await t.notThrowsAsync(gone(before, 1_000 * SLACK));
    t.deepEqual([await running, await building], ['cut', 'cut']);
  },
);

test.serial('P10 a log that nobody reads: lines are dropped and counted, answers go on, exit 0', async (t) => {
  await using tine = await startWithNeighbour({ log: 'unread' });
  await tine.deploy('flood', guest('resources.js'), {
    config: { name: 'flood', limits: { log_bytes: 1_000_000, cpu_ms: 2_000 } },
  });
  let worst = 0;
  for (let i = 0; i < 24; i++) {
    const reply = await tine.fetch('flood', '/flood');
    t.is(reply.status, 200, reply.text);
    const { ms } = await tine.fetch('neighbour', `/p10-${i}`);
    worst = Math.max(worst, ms);
  }
  t.true(worst < 1_000, `${worst} ms`);
  t.regex(await tine.metrics(), /tine_\w*log_lines_dropped_total(?:\{[^}]*\})? [1-9]/);
  await checkNeighbour(tine);
});

test.serial('P11 TINE_LAYER2=off is said once at start and in /healthz, and serves', async (t) => {
  await using tine = await startWithNeighbour({ env: { TINE_LAYER2: 'off' } });
  const { layer2 } = (await tine.control('GET', '/healthz')).json;
  t.deepEqual(layer2.missing, ['layer 2 is switched off']);
  t.is(tine.log.lines.filter(({ msg }) => msg === 'layer 2 is switched off').length, 1);
  await checkNeighbour(tine);
});

// Stands in for a machine where user namespaces are forbidden.
const WITHOUT_UNSHARE = [
  'unshare',
  '-rm',
  'sh',
  '-c',
  'mount --bind /bin/false "$(command -v unshare)" && exec "$@"',
  'sh',
];
const canHide = spawnSync(WITHOUT_UNSHARE[0]!, [...WITHOUT_UNSHARE.slice(1), 'true']).status === 0;

test.serial(
  'P11 where namespaces are forbidden: one clear line, /healthz names it, and it serves with what is left',
  async (t) => {
    if (!canHide) {
      t.pass('not shown on this machine: it cannot hide unshare');
      return;
    }
    await using tine = await startWithNeighbour({ wrap: WITHOUT_UNSHARE });
    const { layer2 } = (await tine.control('GET', '/healthz')).json;
    t.is(layer2.namespaces, false);
    t.is(layer2.missing.length, 1);
    t.is(tine.log.lines.filter(({ msg }) => /no user and network namespaces/.test(msg)).length, 1);
    await checkNeighbour(tine);
  },
);

test.serial('P11 TINE_LAYER2=demand refuses to start where it is not complete', async (t) => {
  if (!canHide) {
    t.pass('not shown on this machine: it cannot hide unshare');
    return;
  }
  const error = await t.throwsAsync(() => start({ wrap: WITHOUT_UNSHARE, env: { TINE_LAYER2: 'demand' } }));
  t.regex(error!.message, /layer 2 is demanded.*no user and network namespaces/s);
});

test.serial('D06 a setting that is malformed is exit 78 at start, naming it', async (t) => {
  for (const [name, value] of [
    ['TINE_PORT', '99999'],
    ['TINE_PERMITS', '0'],
    ['TINE_LAYER2', 'perhaps'],
    ['TINE_MAX_CPU_MS', '1.5'],
  ] as const) {
    const { code, stderr } = await runTine(['serve'], serverEnv('/tmp/tine-e2e-never', { [name]: value }));
    t.is(code, 78, stderr);
    t.regex(stderr, new RegExp(name));
  }
});
