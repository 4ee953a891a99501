// Tries a template before it is registered: loads it with the program's own memory limit, forks contexts from it, asks
// what it found of the program, and measures. A template that would kill executors kills this process instead.
import { CALL, type InitReport } from '#runtime';
import { GuestIsolate } from '../executor/isolate.ts';
import { BOUNDS } from '../limits.ts';
import type { Template } from '../template/template.ts';
import { BuildProblem } from './problem.ts';

const FORKS = 12;
/** The first forks fill caches of V8. */
const FORKS_COLD = 4;
const REPORT_TIMEOUT_MS = 1_000;
const MEMORY_MB_BYTES = 1_000_000;

/** @returns what the program's top level left behind; fills in the template's figures */
export function tryTemplate(template: Template): InitReport {
  const isolate = new GuestIsolate(template);
  try {
    const first = isolate.fork();
    const reportText = first.host.applySync(undefined, [CALL.report], { timeout: REPORT_TIMEOUT_MS });
    const { used_heap_size: heapBytes } = isolate.isolate.getHeapStatisticsSync();
    const heapBytesMax = template.memoryMb * MEMORY_MB_BYTES * BOUNDS.templateHeapShare;
    if (heapBytes > heapBytesMax) {
      throw new BuildProblem('template_too_large', {
        text: `the heap of the template must be <= ${heapBytesMax} bytes, 75 % of memory_mb: got ${heapBytes}`,
      });
    }
    const { us, bytes } = measureForks(isolate);
    template.figures.contextUs = us;
    template.figures.contextBytes = bytes;
    return JSON.parse(String(reportText)) as InitReport;
  } finally {
    isolate.dispose();
  }
}

function measureForks(isolate: GuestIsolate): { us: number; bytes: number } {
  const before = isolate.isolate.getHeapStatisticsSync().used_heap_size;
  const times: number[] = [];
  const forks = [];
  for (let i = 0; i < FORKS; i++) {
    const start = performance.now();
    forks.push(isolate.fork());
    if (i >= FORKS_COLD) times.push((performance.now() - start) * 1000);
  }
  const after = isolate.isolate.getHeapStatisticsSync().used_heap_size;
  for (const fork of forks) isolate.release(fork);
  times.sort((a, b) => a - b);
  // A collection in between would give nonsense: a context never takes less than this.
  const bytes = Math.max(50_000, Math.round((after - before) / FORKS));
  return { us: Math.round(times[times.length >> 1]!), bytes };
}
