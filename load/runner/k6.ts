// Finds k6 and runs one scenario with it: an HTML report, a summary as JSON, and its exit code. k6 is no npm package;
// `load/README.md` says where it comes from.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** `K6_PATH`, then PATH, then where `.ci/run` puts it. undefined when there is none. */
export function findK6(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), '.cache/tine/k6')];
  const places = [process.env['K6_PATH'], ...folders.map((folder) => join(folder, 'k6'))];
  return places.find((place) => place !== undefined && place !== '' && executable(place));
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface K6Run {
  k6: string;
  /** A file in `load/`. */
  script: string;
  /** What the script reads from `__ENV`. */
  env: Readonly<Record<string, string>>;
  reportFile: string;
  summaryFile: string;
}

/** Runs to the end. @returns the exit code of k6: 0, or 99 when a threshold was crossed */
export async function runK6({ k6, script, env, reportFile, summaryFile }: K6Run): Promise<number> {
  const child: ChildProcess = spawn(k6, ['run', '--quiet', new URL(`../${script}`, import.meta.url).pathname], {
    env: {
      ...process.env,
      ...env,
      SUMMARY_FILE: summaryFile,
      K6_NO_USAGE_REPORT: 'true',
      K6_WEB_DASHBOARD: 'true',
      K6_WEB_DASHBOARD_PORT: '-1',
      // With the default of 10 s a short run would have an empty report.
      K6_WEB_DASHBOARD_PERIOD: '1s',
      K6_WEB_DASHBOARD_EXPORT: reportFile,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
