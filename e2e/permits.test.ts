// R25: the right to run. Guests that run never pass the number of permits, whatever clients do; who finds none waits in
// a bounded queue or is refused at once; one program cannot take them all.
import { Agent } from 'node:http';
import { checkNeighbour, isProblem, SLACK, share } from './hazards/share.ts';
import type { Tine } from './start.ts';
import { until } from './until.ts';

const PERMITS = 20;
/** Half of them, by default. */
const CAP = 10;

const SLEEP = `export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/burn') for (;;);
  await new Promise((resolve) => setTimeout(resolve, Number(pathname.slice(1))));
  return new Response('slept');
} }`;

const test = share(
  async (tine) => {
    await tine.deploy('greedy', SLEEP, { config: { name: 'greedy', pool: { queue_max: 5, queue_timeout_ms: 300 } } });
    await tine.deploy('impatient', SLEEP, { config: { name: 'impatient', pool: { queue_max: 0, concurrency: 4 } } });
    await tine.deploy('patient', SLEEP, {
      config: { name: 'patient', pool: { queue_max: 100, queue_timeout_ms: 10_000 } },
    });
  },
  { env: { TINE_PERMITS: String(PERMITS) } },
);

const many = () => new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const inUse = (tine: Tine) => tine.metric('tine_permits_in_use');
const allBack = (tine: Tine) => until('all permits to be back', async () => (await inUse(tine)) === 0);

test.serial('R25 permits and queue full: the rest is 503 overloaded, at once', async (t) => {
  const { tine } = t.context;
  const agent = many();
  const taken = Array.from({ length: CAP }, () => tine.fetch('greedy', '/1500', { agent }));
  await until('the cap', async () => (await inUse(tine)) === CAP);
  const queued = Array.from({ length: 5 }, () => tine.fetch('greedy', '/0', { agent }));
  await until('the queue', async () => (await tine.metric('tine_queue_length')) === 5);
  const refused = await Promise.all(Array.from({ length: 20 }, () => tine.fetch('greedy', '/0', { agent })));
  for (const reply of refused) isProblem(t, reply, 'overloaded');
  const median = refused.map(({ ms }) => ms).sort((a, b) => a - b)[10]!;
  t.true(median < 50 * SLACK, `${median} ms`);
  t.is(await inUse(tine), CAP, 'its cap is half of the permits');
  await checkNeighbour(tine);
  for (const reply of await Promise.all(queued)) {
    isProblem(t, reply, 'overloaded');
    t.true(reply.ms >= 290, 'after its wait of 300 ms');
  }
  for (const { text } of await Promise.all(taken)) t.is(text, 'slept');
  await allBack(tine);
  agent.destroy();
});

test.serial('R25 pool.concurrency and a queue of none: exactly so many run', async (t) => {
  const { tine, neighbour } = t.context;
  const agent = many();
  const replies = await Promise.all(Array.from({ length: 30 }, () => tine.fetch('impatient', '/700', { agent })));
  t.is(replies.filter(({ status }) => status === 200).length, 4);
  for (const reply of replies.filter(({ status }) => status !== 200)) isProblem(t, reply, 'overloaded');
  await allBack(tine);
  agent.destroy();
  await neighbour();
});

test.serial('R25 who waits in the queue is served when a permit comes back', async (t) => {
  const { tine } = t.context;
  const agent = many();
  const replies = await Promise.all(Array.from({ length: 60 }, () => tine.fetch('patient', '/30', { agent })));
  t.deepEqual(new Set(replies.map(({ text }) => text)), new Set(['slept']));
  await allBack(tine);
  agent.destroy();
});

test.serial(
  'R25 runaways whose clients go away: guests that run never pass the permits, and all come back',
  async (t) => {
    const { tine } = t.context;
    const agent = many();
    let most = 0;
    let isOver = false;
    const watch = (async () => {
      while (!isOver) most = Math.max(most, await inUse(tine));
    })();
    for (let round = 0; round < 6; round++) {
      const controller = new AbortController();
      const requests = Array.from({ length: 40 }, (_, i) =>
        tine
          .fetch(i % 2 === 0 ? 'patient' : 'greedy', '/burn', { agent, signal: controller.signal })
          .catch(() => undefined),
      );
      await until('guests that run', async () => (await inUse(tine)) > 0);
      controller.abort();
      await Promise.all(requests);
    }
    await until('all permits to be back', async () => (await inUse(tine)) === 0, 20_000);
    isOver = true;
    await watch;
    t.true(most >= 1 && most <= PERMITS, `${most} at once`);
    await checkNeighbour(tine);
    agent.destroy();
  },
);

test.serial('R25 ten times the load on one program: another one is served, and soon', async (t) => {
  const { tine } = t.context;
  const agent = many();
  let isOver = false;
  const press = async () => {
    while (!isOver) {
      const { status } = await tine.fetch('patient', '/20', { agent });
      if (status !== 200 && status !== 503) throw new Error(`unexpected status ${status}`);
    }
  };
  const pressing = Array.from({ length: 60 }, press);
  await until('the pressure', async () => (await tine.metric('tine_queue_length')) > 10);
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    await checkNeighbour(tine);
    times.push(performance.now() - start);
  }
  isOver = true;
  await Promise.all(pressing);
  times.sort((a, b) => a - b);
  t.log(`p50 ${Math.round(times[25]!)} ms, p98 ${Math.round(times[48]!)} ms`);
  t.true(times[48]! < 250 * SLACK, `${times[48]} ms`);
  await allBack(tine);
  agent.destroy();
});
