// Which server the command talks to, and with which token: flags, then the environment, then what a server has
// written into its data folder (`server.json`, `token`).
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError } from './failure.ts';
import type { Io } from './io.ts';

export interface ConnectionFlags {
  controlUrl?: string;
  token?: string;
  data?: string;
}

export interface Connection {
  /** Without a slash at the end. */
  url: string;
  token: string | undefined;
}

const DATA = '.tine';

export function findConnection(flags: ConnectionFlags, { env, cwd }: Pick<Io, 'env' | 'cwd'>): Connection {
  const given = flags.controlUrl ?? (env['TINE_CONTROL_URL'] || undefined);
  const data = flags.data ?? (env['TINE_DATA'] || undefined);
  const folder = data === undefined ? nearestData(cwd) : resolve(cwd, data);
  const written = readServer(folder);
  const port = env['TINE_CONTROL_PORT'] || '8788';
  const url = checkedUrl(given ?? written ?? `http://127.0.0.1:${port === '0' ? '8788' : port}`);
  // The token of this machine's server is for nobody else.
  const near = given === undefined || url === written || isLocal(url);
  const token =
    flags.token ?? (env['TINE_TOKEN'] || undefined) ?? (near ? readText(join(folder, 'token'))?.trim() : undefined);
  return { url, token };
}

/** The data folder of the working folder, or of a folder above it that belongs to the same user. */
function nearestData(cwd: string): string {
  for (let here = resolve(cwd); ; here = dirname(here)) {
    const folder = join(here, DATA);
    const owner = statSync(join(folder, 'server.json'), { throwIfNoEntry: false })?.uid;
    if (owner !== undefined && (process.getuid === undefined || owner === process.getuid())) return folder;
    if (dirname(here) === here) return resolve(cwd, DATA);
  }
}

function readServer(folder: string): string | undefined {
  const text = readText(join(folder, 'server.json'));
  if (text === undefined) return undefined;
  try {
    const { controlUrl } = JSON.parse(text) as { controlUrl?: unknown };
    return typeof controlUrl === 'string' ? checkedUrl(controlUrl) : undefined;
  } catch {
    // Half written, or of another kind: as if there were none.
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return undefined;
    throw new CliError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(`The address of the control plane must be an http or https URL; got ${JSON.stringify(text)}`, {
      code: 'invalid_config',
    });
  }
  return url.href.replace(/\/+$/, '');
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
