// Layer 2: what stands around a process that holds guest code, besides V8. No environment, Node's permission model,
// rlimits, no core dumps, a network namespace without a network, a parent-death signal. Which of it this machine
// allows is probed once at start; what is missing is said once, and where the operator demands it, tine does not start.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Flags of every process that holds isolates; part of the template's key. */
export const V8_FLAGS = ['--no-node-snapshot', '--enable-sharedarraybuffer-per-context'] as const;

/** The whole environment of such a process: local time is UTC for every guest. */
export const GUEST_ENV = { TZ: 'UTC' } as const;

/** The folder that holds tine itself: the only one that such a process may read. */
export const APP_FOLDER = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const PROBE_TIMEOUT_MS = 5_000;

export interface Layer2 {
  /** Own user and network namespace: no packet leaves. */
  namespaces: boolean;
  /** `prlimit` is there: no core dumps, bounded descriptors and, for builders, bounded address space. */
  rlimits: boolean;
  /** The kernel ends the process when its parent dies, whatever a guest is doing. */
  parentDeath: boolean;
  /** One sentence per missing part. */
  missing: string[];
}

/** Layer 2 switched off by the operator: nothing but the permission model. */
export const NO_LAYER2: Layer2 = {
  namespaces: false,
  rlimits: false,
  parentDeath: false,
  missing: ['layer 2 is switched off'],
};

/** Tries each wrapper on this machine. Takes some 10 ms. */
export function probeLayer2(): Layer2 {
  const unshare = works(['unshare', '-rn', '--', 'true']);
  const prlimit = works(['prlimit', '--core=0', '--nofile=64', '--', 'true']);
  const setpriv = works(['setpriv', '--pdeathsig', 'SIGKILL', '--', 'true']);
  const missing: string[] = [];
  if (!unshare)
    missing.push('no user and network namespaces (unshare -rn fails): executors share the network of the host');
  if (!prlimit) missing.push('no prlimit: builders have no limit on address space');
  if (!setpriv) missing.push('no setpriv --pdeathsig: an executor that is stuck outlives a supervisor killed with -9');
  return { namespaces: unshare, rlimits: prlimit, parentDeath: setpriv, missing };
}

export interface ConfineOptions {
  layer2: Layer2;
  /** The script that runs. */
  entry: string;
  args?: readonly string[];
  /** Further flags of Node. */
  nodeFlags?: readonly string[];
  /** Limit on address space, builders only: each isolate reserves half a gigabyte of it. */
  addressSpaceBytes?: number;
  /** A folder besides that of tine itself that it may read: where `entry` is. */
  readable?: string | undefined;
}

/** The command line for a confined process. Its environment is to be `{}` but for what `environment` gives. */
export function confined({ layer2, entry, args = [], nodeFlags = [], addressSpaceBytes, readable }: ConfineOptions): {
  command: string;
  args: string[];
} {
  const line: string[] = [];
  if (layer2.namespaces) line.push(absolute('unshare')!, '-rn', '--');
  if (layer2.rlimits) {
    line.push(absolute('prlimit')!, '--core=0', '--nofile=128');
    if (addressSpaceBytes !== undefined) line.push(`--as=${addressSpaceBytes}`);
    line.push('--');
  }
  // After `unshare`: a change of credentials clears the parent-death signal.
  if (layer2.parentDeath) line.push(absolute('setpriv')!, '--pdeathsig', 'SIGKILL', '--');
  line.push(
    process.execPath,
    ...V8_FLAGS,
    ...nodeFlags,
    '--permission',
    '--allow-addons',
    '--disable-warning=SecurityWarning',
  );
  line.push(`--allow-fs-read=${APP_FOLDER}/*`, '--allow-fs-read=/etc/alpine-release');
  for (const folder of packageFolders()) line.push(`--allow-fs-read=${folder}/*`);
  if (readable !== undefined) line.push(`--allow-fs-read=${readable}/*`);
  line.push(entry, ...args);
  return { command: line[0]!, args: line.slice(1) };
}

/** Where `node_modules` really is, when it is a link out of the folder of tine. */
function packageFolders(): string[] {
  const folder = join(APP_FOLDER, 'node_modules');
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  return real === folder ? [] : [real];
}

function works([command, ...args]: string[]): boolean {
  const path = absolute(command!);
  if (path === undefined) return false;
  return (
    spawnSync(path, args, { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS, env: { PATH: process.env['PATH'] } }).status ===
    0
  );
}

/** Looked up by hand, as the confined process has no PATH. */
function absolute(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/sbin'];
  for (const folder of folders) {
    if (folder === '') continue;
    try {
      const path = join(folder, command);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
