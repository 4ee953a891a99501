// Memory of executors: one that idles, and all of them over many requests.
import { setTimeout as pause } from 'node:timers/promises';
import { family } from '../runner/processes.ts';
import type { Runner } from '../runner/start.ts';
import { type Growth, watchMemory } from '../runner/watch-memory.ts';
import type { Job, Throughput } from './generator.ts';

/** Its warm contexts are made in this time. */
const SETTLE_MS = 1_500;

/** RSS of the largest executor once nothing happens any more, in bytes. */
export async function executorRssBytes(runner: Runner): Promise<number> {
  await pause(SETTLE_MS);
  const executors = (await family(runner.pid)).filter(({ role }) => role === 'executor');
  if (executors.length === 0) throw new Error('there must be an executor to measure: found none');
  return Math.max(...executors.map(({ rssBytes }) => rssBytes));
}

export interface Flatness {
  requests: number;
  growth: Growth;
}

/** Sends at least so many requests and tells how the executors' memory grew between the second and the last quarter. */
export async function memoryOver(
  runner: Runner,
  job: Omit<Job, 'seconds'>,
  { requests, measure }: { requests: number; measure(job: Job): Promise<Throughput> },
): Promise<Flatness> {
  const watch = watchMemory(runner.pid);
  let sent = 0;
  while (sent < requests) {
    const seconds = 5;
    const { perSecond } = await measure({ ...job, seconds });
    if (perSecond === 0) throw new Error('the program must answer: got nothing in 5 s');
    sent += perSecond * seconds;
  }
  const growth = (await watch.stop()).find(({ role }) => role === 'executor') as Growth;
  return { requests: Math.round(sent), growth };
}
