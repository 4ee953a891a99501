// Does isolated-vm work on this machine at all? A wrong binary crashes or hangs, so the question is asked in a child, before
// a port opens.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { V8_FLAGS } from './executor/confine.ts';

const ENTRY = fileURLToPath(new URL('./smoke.ts', import.meta.url));
const TIMEOUT_MS = 30_000;

interface SmokeOptions {
  /** What the child runs instead; for tests. */
  entry?: string;
  timeoutMs?: number;
}

/** @throws Error with what the child said, when isolated-vm does not work */
export async function smokeTest({ entry = ENTRY, timeoutMs = TIMEOUT_MS }: SmokeOptions = {}): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [...V8_FLAGS, ...importOf(entry)], { env: {}, timeout: timeoutMs });
  } catch (error) {
    const { signal, code, stderr = '' } = error as { signal?: string; code?: unknown; stderr?: string };
    const how = signal ?? `exit code ${code}`;
    throw new Error(`Cannot serve as isolated-vm does not work on this machine (${how}): ${stderr.slice(-1_000)}`);
  }
}

/** Node runs a path, and imports a URL. */
function importOf(entry: string): string[] {
  return entry.startsWith('data:') ? ['--import', entry, '-e', '0'] : [entry];
}
