// `npm run bench [-- --peers] [--json <file>] [--quick]`: takes the published figures in one run, in interleaved rounds,
// and prints them beside their targets. Exit code 0 whatever they are: a busy machine is no failure. `--quick` is for
// trying the program itself; its figures mean nothing.
import { writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { type BareContext, bareContext } from './bench/bare-context.ts';
import { coldStartMs, firstGood } from './bench/cold-start.ts';
import { deployTimeMs } from './bench/deploy-time.ts';
import { type Figure, table, verdict } from './bench/figures.ts';
import { chooseGenerator } from './bench/generator.ts';
import { executorRssBytes, memoryOver } from './bench/memory.ts';
import { type Latency, oneConnection } from './bench/one-connection.ts';
import { type Peer, startPeers } from './bench/peers.ts';
import { median } from './bench/statistics.ts';
import { inRounds, type Measured, type Subject } from './bench/throughput.ts';
import { deploy, deployWithCli } from './runner/deploy.ts';
import { type Runner, start } from './runner/start.ts';

const { values: flags } = parseArgs({
  options: { peers: { type: 'boolean' }, json: { type: 'string' }, quick: { type: 'boolean' } },
});
const effort = flags.quick
  ? { rounds: 1, seconds: 1, requests: 300, soak: 2_000, deploys: 1, colds: 1 }
  : { rounds: 5, seconds: 4, requests: 5_000, soak: 100_000, deploys: 5, colds: 5 };

const cores = availableParallelism();
const generator = chooseGenerator();
const say = (line: string) => console.error(line);

const runner = await start();
const peers = flags.peers ? await startPeers(say) : [];
const figures: Figure[] = [];
try {
  await deploy(runner, { name: 'fresh', file: 'hello.js' });
  // First, while nothing else has run: what an executor takes by itself, with one program and one answer given.
  await firstGood(runner.dataUrl, 'fresh');
  const idleRss = await executorRssBytes(runner);
  await deployPrograms(runner);
  await measureAll(runner, peers, idleRss);
} finally {
  for (const peer of peers) await peer.stop();
  await runner.stop();
}
await report();

async function deployPrograms(runner: Runner): Promise<void> {
  await deploy(runner, { name: 'kept', file: 'hello.js', config: { isolation: 'program' } });
  const hono = new URL('programs/hono-30/', import.meta.url).pathname;
  for (const name of ['cold', 'warm']) await deployWithCli(runner, hono, '--config', `${hono}${name}.config.json`);
}

async function measureAll(runner: Runner, peers: readonly Peer[], idleRss: number): Promise<void> {
  for (const name of ['kept', 'hono-cold', 'hono-warm']) await firstGood(runner.dataUrl, name);
  say(`rounds with ${generator.name}`);
  const bare: BareContext[] = [];
  const single: Latency[] = [];
  const measured = await inRounds(subjects(runner, peers), {
    ...effort,
    measure: generator.measure,
    between: async () => {
      bare.push(await bareContext('hello.js'));
      single.push(await oneConnection(runner.dataUrl, 'fresh.localhost', effort));
    },
  });
  addForks(bare, single, measured);
  addModes(measured);

  say('deploys and cold starts');
  figures.push({
    name: 'deploy of the Hono example, PUT → 201',
    value: await deployTimeMs(runner, { times: effort.deploys }),
    unit: 'ms',
    target: { bound: 'at most', value: 400 },
  });
  figures.push({
    name: 'first 200 after SIGKILL of all executors',
    value: await coldStartMs(runner, 'fresh', { times: effort.colds }),
    unit: 'ms',
    target: { bound: 'at most', value: 100 },
  });
  await addMemory(runner, idleRss, bare);
}

function subjects(runner: Runner, peers: readonly Peer[]): Subject[] {
  const ours = (program: string, connections: number) => ({
    name: `${program} ${connections}`,
    url: runner.dataUrl,
    host: `${program}.localhost`,
    connections,
  });
  return [
    ...[16, 100].flatMap((connections) => ['fresh', 'kept'].map((program) => ours(program, connections))),
    ...['hono-cold', 'hono-warm'].map((program) => ours(program, 16)),
    ...peers.map(({ name, url }) => ({ name, url, host: 'localhost', connections: 16 })),
  ];
}

function addForks(bare: BareContext[], single: Latency[], measured: Map<string, Measured>): void {
  const perCore = median(bare.map(({ perSecond }) => perSecond));
  figures.push(
    { name: 'bare context, create and release, p50', value: median(bare.map((b) => b.contextUs.p50)), unit: 'µs' },
    { name: 'bare context, create and release, p99', value: median(bare.map((b) => b.contextUs.p99)), unit: 'µs' },
    { name: 'bare context, CPU', value: median(bare.map(({ cpuUs }) => cpuUs)), unit: 'µs' },
    { name: 'bare contexts a second on one core', value: perCore, unit: '/s' },
    {
      name: 'forked request, one connection, p50',
      value: median(single.map(({ p50Ms }) => p50Ms)),
      unit: 'ms',
      target: { bound: 'at most', value: 0.6 },
    },
    {
      name: 'forked request, one connection, p99',
      value: median(single.map(({ p99Ms }) => p99Ms)),
      unit: 'ms',
      target: { bound: 'at most', value: 4 },
    },
  );
  for (const connections of [16, 100]) {
    figures.push({
      name: `isolation "request", ${connections} connections`,
      value: measured.get(`fresh ${connections}`)!.perSecond,
      unit: '/s',
      // All cores count, those that the generator uses as well.
      target: { bound: 'at least', value: 0.6 * cores * perCore },
    });
  }
}

function addModes(measured: Map<string, Measured>): void {
  const workerd = measured.get('workerd');
  for (const connections of [16, 100]) {
    figures.push({
      name: `isolation "program", ${connections} connections`,
      value: measured.get(`kept ${connections}`)!.perSecond,
      unit: '/s',
      ...(workerd !== undefined &&
        connections === 16 && {
          target: { bound: 'at least', value: 1.1 * workerd.perSecond },
        }),
    });
  }
  for (const peer of ['workerd', 'deno', 'bun']) {
    const result = measured.get(peer);
    if (result !== undefined) figures.push({ name: `${peer}, 16 connections`, value: result.perSecond, unit: '/s' });
  }
  const cold = measured.get('hono-cold 16')!.perSecond;
  const warm = measured.get('hono-warm 16')!.perSecond;
  figures.push(
    { name: 'Hono, 30 routes, without warm-up', value: cold, unit: '/s' },
    {
      name: 'Hono, 30 routes, with warm-up',
      value: warm,
      unit: '/s',
      target: { bound: 'at least', value: 1.5 * cold },
    },
    {
      name: 'answers that failed in all rounds',
      value: [...measured.values()].reduce((sum, { failures }) => sum + failures, 0),
      unit: '',
      target: { bound: 'at most', value: 0 },
    },
  );
  for (const [name, { p50Ms, p99Ms, rounds }] of measured) {
    say(`${name.padEnd(14)} p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, rounds ${rounds.join(' ')}`);
  }
}

async function addMemory(runner: Runner, idleRss: number, bare: BareContext[]): Promise<void> {
  say(`memory over ${effort.soak} requests`);
  const job = { url: runner.dataUrl, host: 'fresh.localhost', connections: 16 };
  const { requests, growth } = await memoryOver(runner, job, { requests: effort.soak, measure: generator.measure });
  figures.push(
    {
      name: 'idle forked context',
      value: median(bare.map(({ idleContextBytes }) => idleContextBytes)) / 1000,
      unit: 'KB',
      target: { bound: 'at most', value: 220 },
    },
    { name: 'idle executor, RSS', value: idleRss / 1e6, unit: 'MB', target: { bound: 'at most', value: 80 } },
    { name: 'executors before the last requests, RSS', value: growth.earlyBytes / 1e6, unit: 'MB' },
    {
      name: `executors after ${requests.toLocaleString('en-US')} more, RSS`,
      value: growth.lateBytes / 1e6,
      unit: 'MB',
      target: { bound: 'at most', value: (growth.earlyBytes * 1.15 + 24e6) / 1e6 },
    },
  );
}

async function report(): Promise<void> {
  const machine = `${cores} × ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()} ${arch()}, Node ${process.versions.node}`;
  const date = new Date().toISOString().slice(0, 10);
  console.log(`${date}, ${machine}, ${generator.name}${flags.quick ? ', quick: these figures mean nothing' : ''}\n`);
  console.log(table(figures));
  const missed = figures.filter((figure) => verdict(figure) === 'miss').length;
  console.log(`\n${missed === 0 ? 'every target is reached' : `${missed} targets are missed`}`);
  if (flags.json === undefined) return;
  const record = {
    date,
    machine,
    generator: generator.name,
    figures: figures.map((f) => ({ ...f, verdict: verdict(f) })),
  };
  await writeFile(flags.json, `${JSON.stringify(record, null, 2)}\n`);
}
