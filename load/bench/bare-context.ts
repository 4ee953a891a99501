// What one bare context of a program's template costs: created and released, nothing run in it. Measured by a child of
// the sandbox folder, as only that folder may touch isolates.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const CHILD = new URL('../../sandbox/bench-context.ts', import.meta.url).pathname;

export interface BareContext {
  /** Creating and releasing, in microseconds. */
  contextUs: { p50: number; p99: number };
  /** CPU of one, in microseconds. */
  cpuUs: number;
  /** On one core. */
  perSecond: number;
  idleContextBytes: number;
}

/** @param program a file in `load/programs/` */
export async function bareContext(program: string): Promise<BareContext> {
  const file = new URL(`../programs/${program}`, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-node-snapshot', CHILD, file]);
  return JSON.parse(stdout) as BareContext;
}
