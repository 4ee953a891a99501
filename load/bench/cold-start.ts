// Time to the first good answer when no executor is warm: all of them are killed at once, spares included, and the
// next request is sent at the same moment. An answer of 503 is asked again, as its Retry-After allows.
import http from 'node:http';
import { family } from '../runner/processes.ts';
import type { Runner } from '../runner/start.ts';
import { median } from './statistics.ts';

const GIVE_UP_MS = 10_000;

/** @returns median of kill → first 200 in milliseconds */
export async function coldStartMs(runner: Runner, program: string, { times }: { times: number }): Promise<number> {
  const timesMs: number[] = [];
  for (let i = 0; i < times; i++) {
    const executors = (await family(runner.pid)).filter(({ role }) => role === 'executor');
    const began = performance.now();
    for (const { pid } of executors) process.kill(pid, 'SIGKILL');
    await firstGood(runner.dataUrl, program, began);
    timesMs.push(performance.now() - began);
    // The pool makes its warm contexts again before the next round.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
  return median(timesMs);
}

/** Asks until the answer is 200. */
export async function firstGood(url: string, program: string, began = performance.now()): Promise<void> {
  while ((await status(url, program)) !== 200) {
    if (performance.now() - began > GIVE_UP_MS) throw new Error(`"${program}" gave no good answer in ${GIVE_UP_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function status(url: string, program: string): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(url, { headers: { host: `${program}.localhost` }, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', () => resolve(0));
  });
}
