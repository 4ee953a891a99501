// `npm run load -- <scenario> [--rate N] [--duration 30s] [--set NAME=value …]`: starts a tine of its own, deploys what
// the scenario needs, runs k6, and ends the tine. Exit code 0 only when every threshold held, the memory was flat where
// that is asked for, and the tine ended cleanly. 2: there is no k6, or no such scenario.
import { mkdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { deploy, programNames } from './runner/deploy.ts';
import { findK6, runK6 } from './runner/k6.ts';
import { SCENARIOS, type Scenario } from './runner/scenarios.ts';
import { type Runner, start } from './runner/start.ts';
import { type Growth, watchMemory } from './runner/watch-memory.ts';

const REPORTS = new URL('reports/', import.meta.url).pathname;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rate: { type: 'string' },
      duration: { type: 'string' },
      set: { type: 'string', multiple: true },
    },
  });
  const name = positionals[0] ?? 'smoke';
  const scenario = SCENARIOS[name];
  if (scenario === undefined)
    return refuse(`There is no scenario "${name}". Take one of ${Object.keys(SCENARIOS).join(', ')}`);
  const k6 = findK6();
  if (k6 === undefined) return refuse('k6 is not here: load/README.md, "Getting k6", says how to install it');

  const env: Record<string, string> = {};
  if (values.rate !== undefined) env['RATE'] = values.rate;
  if (values.duration !== undefined) env['DURATION'] = values.duration;
  for (const pair of values.set ?? []) env[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1);

  await mkdir(REPORTS, { recursive: true });
  const base = `${REPORTS}${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
  const runner = await start({
    settings: scenario.settings,
    examples: scenario.examples ?? 'none',
    logFile: `${base}.log`,
  });
  console.log(`tine was ready after ${runner.startedMs.toFixed(0)} ms at ${runner.dataUrl} (log: ${runner.logFile})`);
  try {
    return await run(scenario, runner, { k6, env, base });
  } finally {
    await runner.stop();
  }
}

function refuse(text: string): number {
  console.error(text);
  return 2;
}

async function run(
  scenario: Scenario,
  runner: Runner,
  { k6, env, base }: { k6: string; env: Record<string, string>; base: string },
): Promise<number> {
  for (const program of scenario.programs) await deploy(runner, program);
  const memory = watchMemory(runner.pid);
  const code = await runK6({
    k6,
    script: scenario.script,
    env: {
      BASE_URL: runner.dataUrl,
      CONTROL_URL: runner.controlUrl,
      TOKEN: runner.token,
      PROGRAMS: (await programNames(runner)).join(','),
      ...env,
    },
    reportFile: `${base}.html`,
    summaryFile: `${base}.json`,
  });
  const growth = await memory.stop();
  for (const line of growth.map(describe)) console.log(line);
  for (const line of await comparisons(`${base}.json`)) console.log(line);
  console.log(`report: ${base}.html`);
  if (code !== 0) return code;
  return scenario.memory === 'flat' && growth.some(({ flat }) => !flat) ? 1 : 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function describe({ role, earlyBytes, lateBytes, maxBytes, flat }: Growth): string {
  const verdict = flat ? 'flat' : 'grew';
  return `memory of ${role}: ${megabytes(earlyBytes)} early, ${megabytes(lateBytes)} late, at most ${megabytes(maxBytes)}: ${verdict}`;
}

/** The same series in two phases, side by side: k6 has no threshold for that. */
async function comparisons(summaryFile: string): Promise<string[]> {
  const { metrics } = JSON.parse(await readFile(summaryFile, 'utf8')) as {
    metrics: Record<string, { values: Record<string, number> }>;
  };
  const quiet = metrics['http_req_duration{program:good,phase:quiet}']?.values['p(99)'];
  const loud = metrics['http_req_duration{program:good,phase:loud}']?.values['p(99)'];
  if (quiet === undefined || loud === undefined) return [];
  const change = ((loud / quiet - 1) * 100).toFixed(0);
  return [`p99 of the neighbour: ${quiet.toFixed(1)} ms quiet, ${loud.toFixed(1)} ms loud (${change} %)`];
}
