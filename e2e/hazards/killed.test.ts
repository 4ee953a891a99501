// R09: what only the end of the process stops. The ingress kills within 250 ms of the deadline, the executor is
// replaced, and requests of others that were in it are run again, unseen.
import { until } from '../until.ts';
import { guest, isProblem, SLACK, share } from './share.ts';

const CPU_MS = 50;
const KILL_MS = 250;

const test = share(async (tine) => {
  await tine.deploy('uninterruptible', guest('uninterruptible.js'));
});

for (const way of ['lastIndexOf', 'indexOf', 'sparseIndexOf', 'sparseReverse', 'replace']) {
  test.serial(`R09 ${way} is 504 cpu_limit within the kill deadline; its executor is replaced`, async (t) => {
    const { tine, neighbour } = t.context;
    const kills = () => tine.metric('tine_executor_restarts_total');
    const before = await kills();
    const others = Array.from({ length: 6 }, (_, i) => tine.fetch('neighbour', `/r09-${way}-${i}`));
    const reply = await tine.fetch('uninterruptible', `/${way}`);
    const wasKilled = (await kills()) > before;
    // A machine that is busy enough ends it for lack of time.
    isProblem(t, reply, reply.code === 'wall_limit' ? 'wall_limit' : 'cpu_limit');
    t.true(reply.ms < (CPU_MS * 2 + KILL_MS) * SLACK, `${reply.ms} ms`);
    t.log(`${reply.code}, ${wasKilled ? 'killed' : 'stopped'} after ${Math.round(reply.ms)} ms`);
    for (const other of await Promise.all(others)) t.is(other.status, 200, other.text);
    await neighbour();
  });
}

test.serial('R09 killGraceMs and watchEveryMs: the kill comes within 250 ms of the deadline', async (t) => {
  const { tine, neighbour } = t.context;
  const times: number[] = [];
  for (let i = 0; i < 2; i++) times.push((await tine.fetch('uninterruptible', '/indexOf')).ms);
  // The deadline is at least 1.2 times cpu_ms, and the grace comes on top.
  t.true(Math.min(...times) >= CPU_MS + KILL_MS - 50, times.join());
  t.true(Math.min(...times) < (CPU_MS * 2 + KILL_MS) * SLACK, times.join());
  await neighbour();
});

test.serial('R09 requests that wait in the executor of another one that is killed are run again', async (t) => {
  const { tine, neighbour } = t.context;
  const again = await tine.metric('tine_runs_again_total');
  const killer = tine.fetch('uninterruptible', '/indexOf');
  // More than both executors take at once, so that some stand behind the killer.
  const others = Array.from({ length: 12 }, (_, i) => tine.fetch('neighbour', `/behind-${i}`));
  isProblem(t, await killer, 'cpu_limit');
  for (const { status, text } of await Promise.all(others)) t.is(status, 200, text);
  t.log(`${(await tine.metric('tine_runs_again_total')) - again} were run again`);
  await neighbour();
});

test.serial(
  'R09 a program that keeps ending its executors is 503 quarantined; a new version of it is not',
  async (t) => {
    const { tine, neighbour } = t.context;
    await tine.deploy('quarantined', guest('uninterruptible.js'));
    const replies = [];
    for (let i = 0; i < 40 && replies.at(-1)?.code !== 'quarantined'; i++) {
      replies.push(...(await Promise.all([1, 2].map(() => tine.fetch('quarantined', '/indexOf')))));
    }
    isProblem(t, replies.at(-1)!, 'quarantined');
    t.is(await tine.metric('tine_quarantines_total'), 1);
    await neighbour();
    await tine.deploy('quarantined', "export default { fetch: () => new Response('better') }");
    t.is((await tine.fetch('quarantined')).text, 'better');
  },
);

test.serial('P01 a program put aside is served again after its time', async (t) => {
  const { tine } = t.context;
  await tine.deploy('aside', guest('uninterruptible.js'));
  let code: string | undefined;
  for (let i = 0; i < 20 && code !== 'quarantined'; i++) {
    code = (await Promise.all([1, 2].map(() => tine.fetch('aside', '/indexOf')))).at(-1)!.code;
  }
  t.is(code, 'quarantined');
  await t.notThrowsAsync(() =>
    until('the end of the quarantine', async () => (await tine.fetch('aside', '/none')).code === 'threw', 4_000),
  );
});
