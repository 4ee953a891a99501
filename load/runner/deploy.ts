// Puts programs on a runner through its control API, or, where npm packages are to be bundled, through `tine deploy`.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Runner } from './start.ts';

const PROGRAMS = new URL('../programs/', import.meta.url);
const CLI = new URL('../../cli/tine.js', import.meta.url).pathname;

export interface Program {
  name: string;
  /** A file in `load/programs/`. */
  file: string;
  /** Keys of `wrangler-like.config.json`, beside `name` and `main`. */
  config?: Record<string, unknown>;
}

/** The answer to a deploy. */
export interface Deployed {
  program: string;
  version: string;
  url: string;
  template: { id: string; mode: string; snapshotBytes: number; buildMs: number; initMs: number; contextUs: number };
  warnings: unknown[];
}

/** @throws Error with the answer when it is not 200 or 201 */
export async function deploy(runner: Runner, { name, file, config = {} }: Program): Promise<Deployed> {
  const source = await readFile(new URL(file, PROGRAMS), 'utf8');
  return upload(runner, name, { [file]: source }, { ...config, main: file });
}

/** Uploads modules, the first one being the entry. */
export async function upload(
  { controlUrl, token }: Runner,
  name: string,
  modules: Record<string, string>,
  config: Record<string, unknown>,
): Promise<Deployed> {
  const body = new FormData();
  for (const [path, text] of Object.entries(modules)) {
    const type = path.endsWith('.ts') ? 'text/typescript' : 'text/javascript';
    body.append(path, new File([text], path, { type }));
  }
  body.append('config', new Blob([JSON.stringify({ name, ...config })], { type: 'application/json' }));
  const response = await fetch(`${controlUrl}/v1/programs/${name}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot deploy "${name}": got ${response.status} ${text}`);
  return JSON.parse(text) as Deployed;
}

/** `tine deploy <path> --json`, which bundles npm packages. @throws Error with its output */
export async function deployWithCli(runner: Runner, path: string, ...flags: string[]): Promise<Deployed> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'deploy', path, '--json', ...flags], {
    env: { ...process.env, TINE_CONTROL_URL: runner.controlUrl, TINE_TOKEN: runner.token },
  });
  return JSON.parse(stdout) as Deployed;
}

/** Names of all programs that are there. */
export async function programNames({ controlUrl, token }: Runner): Promise<string[]> {
  const response = await fetch(`${controlUrl}/v1/programs`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`Cannot list the programs: got ${response.status} ${await response.text()}`);
  const { items } = (await response.json()) as { items: { name: string }[] };
  return items.map((item) => item.name);
}
