// `node --no-node-snapshot sandbox/bench-context.ts <program file>`: what one bare context of a program's template
// costs, as JSON of `BareContext`. A child of `npm run bench`, in this folder because only it may import isolated-vm.
// Nothing of the product loads it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { languages } from '#runtime';
import { makeSnapshotTemplate } from './builder/make.ts';
import { tryTemplate } from './builder/try.ts';
import { V8_FLAGS } from './executor/confine.ts';
import { GuestIsolate } from './executor/isolate.ts';
import { threadCpuUs } from './executor/thread-cpu.ts';
import { defaultLimits } from './limits.ts';
import type { ProgramConfig } from './program.ts';
import type { Template } from './template/template.ts';

const WARM_UP_MS = 300;
const MEASURE_MS = 1_500;
/** Held at once to see what one takes; their heap stays below the isolate's limit. */
const IDLE_CONTEXTS = 200;

export interface BareContext {
  /** Creating and releasing one, in microseconds. */
  contextUs: { p50: number; p99: number; mean: number };
  /** CPU of this thread for one: what others take of the machine is not in it. */
  cpuUs: number;
  /** Created and released in a second on this thread. */
  perSecond: number;
  /** What an idle context adds to the heap of its isolate. */
  idleContextBytes: number;
  /** The same as the system sees it: less, where it took the place of what was freed before. */
  idleContextRssBytes: number;
  snapshotBytes: number;
}

/** Builds the template of one source file as the builder does, with the limits that a program has by default. */
export async function templateOf(file: string): Promise<Template> {
  const name = basename(file);
  const { code, map } = await languages.javascript.compile([{ path: name, text: readFileSync(file, 'utf8') }], {});
  const template = makeSnapshotTemplate({
    bundle: await languages.javascript.bundle(),
    program: code,
    map,
    config: configOf(),
  });
  tryTemplate(template);
  return template;
}

function configOf(): ProgramConfig {
  return {
    name: 'bench',
    namespace: 'bench',
    limits: defaultLimits(),
    isolation: 'request',
    pool: { min: 0, max: 1, concurrency: undefined, queueMax: 0, queueTimeoutMs: 0 },
    snapshot: { mode: 'require', warmup: [], entropy: 'warn' },
    vars: {},
    routes: [],
    compile: {},
    compatibilityDate: undefined,
  };
}

/** Measures on this thread, for about two seconds. */
export function measure(template: Template, { warmUpMs = WARM_UP_MS, measureMs = MEASURE_MS } = {}): BareContext {
  const isolate = new GuestIsolate(template);
  try {
    cycle(isolate, warmUpMs);
    const before = threadCpuUs();
    const timesUs = cycle(isolate, measureMs).sort((a, b) => a - b);
    const cpuUs = threadCpuUs() - before;
    const at = (share: number) => timesUs[Math.floor(share * (timesUs.length - 1))]!;
    const mean = timesUs.reduce((sum, us) => sum + us, 0) / timesUs.length;
    return {
      contextUs: { p50: at(0.5), p99: at(0.99), mean },
      cpuUs: cpuUs / timesUs.length,
      perSecond: 1e6 / mean,
      ...idleBytes(template),
      snapshotBytes: template.figures.snapshotBytes,
    };
  } finally {
    isolate.dispose();
  }
}

/** Creates and releases for so long. @returns microseconds of each round */
function cycle({ isolate }: GuestIsolate, forMs: number): number[] {
  const timesUs: number[] = [];
  const end = performance.now() + forMs;
  for (let before = performance.now(); before < end; ) {
    isolate.createContextSync().release();
    const after = performance.now();
    timesUs.push((after - before) * 1000);
    before = after;
  }
  return timesUs;
}

/** In an isolate of its own, whose heap has grown no further than it had to. */
function idleBytes(template: Template): Pick<BareContext, 'idleContextBytes' | 'idleContextRssBytes'> {
  const isolate = new GuestIsolate(template);
  try {
    const heap = () => isolate.isolate.getHeapStatisticsSync().used_heap_size;
    for (let i = 0; i < IDLE_CONTEXTS / 10; i++) isolate.fork();
    const [heapBefore, rssBefore] = [heap(), process.memoryUsage.rss()];
    for (let i = 0; i < IDLE_CONTEXTS; i++) isolate.fork();
    const perContext = (growth: number) => Math.round(growth / IDLE_CONTEXTS);
    return {
      idleContextBytes: perContext(heap() - heapBefore),
      idleContextRssBytes: perContext(process.memoryUsage.rss() - rssBefore),
    };
  } finally {
    isolate.dispose();
  }
}

if (import.meta.main) {
  // The flags of an executor; those of Node itself are on the command line.
  for (const flag of V8_FLAGS) if (flag !== '--no-node-snapshot') setFlagsFromString(flag);
  const file = process.argv[2];
  if (file === undefined) throw new Error('Cannot measure: give the file of a program');
  console.log(JSON.stringify(measure(await templateOf(file))));
}
