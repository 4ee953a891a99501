// The promise of the project: nothing that a request does can be seen by the next one. And the contrast, for who chose
// `isolation: "program"`: state is kept, until a limit or an error recycles the context.
import { Agent } from 'node:http';
import { guest, share } from './hazards/share.ts';

const REQUESTS = 10_000;
const CONCURRENCY = 32;

const COUNTER = `let count = 0;
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/loop') for (;;);
  if (pathname === '/throw') throw new Error('once');
  count += 1;
  await null;
  return new Response(String(count));
} }`;

const test = share(
  async (tine) => {
    await tine.deploy('stateful', guest('stateful.js'));
    await tine.deploy('leaky', guest('stateful.js'), { config: { name: 'leaky', isolation: 'program' } });
    await tine.deploy('kept', COUNTER, { config: { name: 'kept', isolation: 'program' } });
    await tine.deploy('fresh', COUNTER);
  },
  { env: { TINE_EXECUTORS: '1' } },
);

test.serial(
  'isolation "request": each of 10,000 concurrent requests finds the program as if it were the first',
  async (t) => {
    t.timeout(120_000);
    const { tine, neighbour } = t.context;
    const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
    const traces = new Map<string, number>();
    let next = 0;
    const drive = async () => {
      while (next < REQUESTS) {
        next += 1;
        const path = `/request-${next}`;
        const { status, text } = await tine.fetch('stateful', path, { agent });
        if (status !== 200) {
          traces.set(`${status} ${text}`, 1);
          continue;
        }
        const { pathname, mine, ...found } = JSON.parse(text);
        if (pathname !== path || mine !== path) traces.set(`${path} was answered as ${pathname}, ${mine}`, 1);
        const key = JSON.stringify(found);
        traces.set(key, (traces.get(key) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, drive));
    agent.destroy();
    const untouched = {
      count: 0,
      seen: 0,
      total: 0,
      last: null,
      polluted: null,
      array: null,
      patched: 'map',
      regexp: '',
      symbol: null,
      template: null,
      listeners: 0,
      own: 0,
    };
    t.deepEqual(
      [...traces.keys()].map((key) => JSON.parse(key)),
      [untouched],
    );
    t.is(traces.get(JSON.stringify(untouched)), REQUESTS);
    await neighbour();
  },
);

test.serial('isolation "request": a counter stays at one', async (t) => {
  for (let i = 0; i < 5; i++) t.is((await t.context.tine.fetch('fresh')).text, '1');
});

test.serial(
  'isolation "program": the same program finds every trace of the request before, so they can be seen',
  async (t) => {
    const { tine, neighbour } = t.context;
    await tine.fetch('leaky', '/first');
    const { text } = await tine.fetch('leaky', '/second');
    const { pathname, mine, ...found } = JSON.parse(text);
    t.deepEqual([pathname, mine], ['/second', '/second']);
    t.deepEqual(found, {
      count: 1,
      seen: 1,
      total: 1,
      last: '/first',
      polluted: '/first',
      array: '/first',
      patched: 'trace',
      regexp: '/first',
      symbol: '/first',
      template: '/first',
      listeners: 1,
      own: 2,
    });
    await neighbour();
  },
);

test.serial('isolation "program": state is kept from request to request', async (t) => {
  const { tine } = t.context;
  const first = Number((await tine.fetch('kept')).text);
  for (let i = 1; i < 20; i++) t.is(Number((await tine.fetch('kept')).text), first + i);
});

test.serial('isolation "program": concurrent requests share one context', async (t) => {
  const { tine } = t.context;
  const before = Number((await tine.fetch('kept')).text);
  const counts = await Promise.all(Array.from({ length: 50 }, async () => Number((await tine.fetch('kept')).text)));
  t.deepEqual(
    counts.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => before + 1 + i),
  );
});

for (const [path, code] of [
  ['/throw', 'threw'],
  ['/loop', 'cpu_limit'],
]) {
  test.serial(`isolation "program": ${code} recycles the context, and the next request begins anew`, async (t) => {
    const { tine, neighbour } = t.context;
    await tine.fetch('kept');
    const reply = await tine.fetch('kept', path);
    t.true(reply.code === code || reply.code === 'wall_limit', reply.text);
    t.is((await tine.fetch('kept')).text, '1');
    t.is((await tine.fetch('kept')).text, '2');
    await neighbour();
  });
}
