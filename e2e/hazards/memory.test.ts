// R10 and R11: every way to take memory that was found. Each ends, in an answer or a limit; the ingress and the
// supervisor do not grow, the executors stay below their ceiling, and the neighbour is fine.
import { rssBytesOf } from '../processes.ts';
import type { Tine } from '../start.ts';
import { guest, isProblem, share } from './share.ts';

const CEILING_MB = 400;
/** `memory_mb` is enforced within this of the ceiling, by killing. */
const BUDGET = 1.25;
/** Programs that kill many executors are put aside; the attackers take turns. */
const ATTACKERS = 6;

const test = share(
  async (tine) => {
    const limits = { memory_mb: 64, cpu_ms: 500, wall_ms: 4_000 };
    for (let i = 0; i < ATTACKERS; i++) {
      const name = `attacker-${i}`;
      await tine.deploy(name, guest('memory.js'), { config: { name, limits } });
    }
  },
  { env: { TINE_EXECUTOR_RSS_MB: String(CEILING_MB) } },
);

const ATTACKS = [
  'objects',
  'arrays',
  'strings',
  'maps',
  'sets',
  'keys',
  'symbols',
  'closures',
  'promises',
  'buffers',
  'smallBuffers',
  'oneBuffer',
  'apply',
  'fill',
  'split',
  'replace',
  'join',
  'json',
  'bigint',
  'regexp',
  'concat',
  'evals',
  'generators',
  'proxies',
  'answer',
  'clones',
  'urls',
  'encoded',
  'blobs',
  'headers',
];

/** By asking for it: these ends are all there may be. A RangeError of V8 ("Invalid string length") is the guest's own. */
const ENDS = ['memory_limit', 'cpu_limit', 'wall_limit', 'threw', 'bad_response', 'ok'] as const;

for (const [at, attack] of ATTACKS.entries()) {
  test.serial(`R10 R11 memory_mb = 64: ${attack} ends, and takes nobody with it`, async (t) => {
    const { tine, neighbour } = t.context;
    using peaks = watchMemory(tine);
    const reply = await tine.fetch(`attacker-${at % ATTACKERS}`, `/${attack}`);
    const end = reply.code ?? 'ok';
    t.log(`${end} after ${Math.round(reply.ms)} ms, executors at most ${peaks.executorMb()} MB`);
    t.true((ENDS as readonly string[]).includes(end), `${reply.status} ${end}`);
    if (reply.code !== undefined) isProblem(t, reply, reply.code as (typeof ENDS)[1]);
    await neighbour();
    t.true(peaks.executorMb() <= CEILING_MB * BUDGET, `executors: ${peaks.executorMb()} MB`);
    t.true(peaks.hostMb() <= 450, `ingress and supervisor: ${peaks.hostMb()} MB`);
  });
}

test.serial(
  'R10 a heap that is exhausted is memory_limit for the one, and the other requests of its isolate are run again',
  async (t) => {
    const { tine, neighbour } = t.context;
    const source = `export default { async fetch(request) {
    if (request.url.endsWith('/eat')) { const kept = []; for (;;) kept.push(new Array(100).fill({})); }
    await new Promise((resolve) => setTimeout(resolve, 100));
    return new Response('served');
  } }`;
    await tine.deploy('shared-heap', source, {
      config: { name: 'shared-heap', limits: { memory_mb: 64, cpu_ms: 5_000 } },
    });
    const waiting = Array.from({ length: 4 }, () => tine.fetch('shared-heap', '/wait'));
    isProblem(t, await tine.fetch('shared-heap', '/eat'), 'memory_limit');
    for (const reply of await Promise.all(waiting)) {
      // They had set a timer: seen outside, so not to be run again.
      if (reply.status === 200) t.is(reply.text, 'served');
      else isProblem(t, reply, 'crashed');
    }
    t.is((await tine.fetch('shared-heap', '/wait')).text, 'served');
    await neighbour();
  },
);

test.serial('R11 names that give memory outside of the heap are not there', async (t) => {
  const { json } = await t.context.tine.fetch('attacker-0', '/removed');
  t.deepEqual(json as unknown, {
    WebAssembly: 'undefined',
    SharedArrayBuffer: 'undefined',
    resize: 'undefined',
    transfer: 'undefined',
    transferToFixedLength: 'undefined',
    maxByteLength: 'false',
  });
});

/** Looks at the resident memory of the server's processes until it is disposed. */
function watchMemory(tine: Tine) {
  let executors = 0;
  let hosts = 0;
  const look = () => {
    for (const { pid } of tine.executors()) executors = Math.max(executors, rssBytesOf(pid));
    hosts = Math.max(hosts, rssBytesOf(tine.ingress().pid));
    hosts = Math.max(hosts, rssBytesOf(tine.pid));
  };
  const timer = setInterval(look, 10);
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  return { executorMb: () => mb(executors), hostMb: () => mb(hosts), [Symbol.dispose]: () => clearInterval(timer) };
}
