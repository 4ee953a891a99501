// Starts a tine of our own for one load run: free ports, a data folder of its own, a token of its own. Speaks to it
// from the outside only, and proves on the way out that SIGTERM ends it with exit code 0 and that nothing is left.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { alive, descendants } from './processes.ts';

const CLI = new URL('../../cli/tine.js', import.meta.url).pathname;
const READY_MS = 30_000;
const STOP_MS = 40_000;
const POLL_MS = 25;

export interface StartOptions {
  /** Environment of the server, beside the ports, the data folder and the token: `{ TINE_PERMITS: '32' }`. */
  settings?: Readonly<Record<string, string>>;
  /** Deploy the examples too. */
  examples?: 'all' | 'none';
  /** Where its output goes; by default into the data folder, which is gone afterwards. */
  logFile?: string;
}

/** A running tine. */
export interface Runner {
  /** `http://127.0.0.1:<port>` */
  dataUrl: string;
  controlUrl: string;
  token: string;
  /** Of the supervisor. */
  pid: number;
  /** Where its output goes. */
  logFile: string;
  /** From spawn to ready, in milliseconds. */
  startedMs: number;
  /** SIGTERM, then waits. @throws Error when it does not exit with 0, or leaves a process behind */
  stop(): Promise<void>;
}

/** Starts one and waits until it is ready. @throws Error with the end of its output when it ends before that */
export async function start({ settings = {}, examples = 'none', logFile }: StartOptions = {}): Promise<Runner> {
  const folder = await mkdtemp(join(tmpdir(), 'tine-load-'));
  const output = logFile ?? join(folder, 'output.log');
  const token = randomBytes(24).toString('hex');
  const began = performance.now();
  const child = spawn(process.execPath, [CLI, 'serve', ...(examples === 'all' ? ['--examples'] : [])], {
    env: {
      ...process.env,
      TINE_DATA: folder,
      TINE_PORT: '0',
      TINE_CONTROL_PORT: '0',
      TINE_TOKEN: token,
      TINE_LOG_LEVEL: 'warn',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(output);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const { controlUrl, dataUrl, pid } = await ready(child, folder, output);
  const startedMs = performance.now() - began;
  const stop = async () => {
    await end(child, ended);
    log.end();
    await rm(folder, { recursive: true, force: true });
  };
  return { controlUrl, dataUrl, pid, token, logFile: output, startedMs, stop };
}

interface Address {
  controlUrl: string;
  dataUrl: string;
  pid: number;
}

/** The server writes `server.json` when it is ready. */
async function ready(child: ChildProcess, folder: string, logFile: string): Promise<Address> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const address = await readAddress(folder);
    if (address !== undefined && (await fetch(`${address.controlUrl}/readyz`)).ok) return address;
    await pause(POLL_MS);
  }
  const why = child.exitCode === null ? `was not ready after ${READY_MS} ms` : `ended with ${child.exitCode}`;
  child.kill('SIGKILL');
  throw new Error(`Cannot start tine: it ${why}\n${await tail(logFile)}`);
}

async function readAddress(folder: string): Promise<Address | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'server.json'), 'utf8')) as Address;
  } catch {
    // Not there yet, or half written.
    return undefined;
  }
}

async function end(child: ChildProcess, ended: Promise<[number | null, string | null]>): Promise<void> {
  const family = [child.pid!, ...(await descendants(child.pid!))];
  child.kill('SIGTERM');
  const late = AbortSignal.timeout(STOP_MS);
  const kill = () => child.kill('SIGKILL');
  late.addEventListener('abort', kill);
  const [code, signal] = await ended;
  late.removeEventListener('abort', kill);
  // Children end themselves when their channel closes; that takes them a moment.
  for (let waitedMs = 0; waitedMs < 1_000 && family.some(alive); waitedMs += POLL_MS) await pause(POLL_MS);
  const left = family.filter(alive);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  if (code !== 0) throw new Error(`tine must exit with 0 after SIGTERM: got ${code ?? signal}`);
  if (left.length > 0) throw new Error(`tine must leave no process behind: ${left.length} were left`);
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').slice(-30).join('\n');
}
