// What the operator of a machine sets: every setting is a pair of an environment variable and a flag, the flag wins.
// All of it is read and checked here, before a port opens; nothing else in tine reads the environment for settings.
// What the author of a program sets is in `program-config.ts`.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { LIMITS, type Limits } from '#sandbox';
import { badSetting, isLoopback, readKind } from './setting-kinds.ts';
import { CEILING_SETTINGS, SETTINGS, type SettingName } from './settings-table.ts';

/** The largest values that programs may ask for. Absent: what the range of the limit allows. */
export type Ceilings = Partial<Limits> & {
  /** Bounds `pool.concurrency`. */
  permits?: number;
};

export interface Settings {
  /** Absolute. */
  dataDir: string;
  host: string;
  /** 0: any free one. */
  port: number;
  controlHost: string;
  controlPort: number;
  /** Undefined: made at first start, kept in the data folder. */
  token: string | undefined;
  debugToken: string | undefined;
  permits: number;
  executors: number;
  /** Undefined: derived from the memory limits. */
  executorRssMb: number | undefined;
  /** CIDRs that the `fetch` of a program may reach although they are private. */
  allowPrivate: readonly string[];
  /** CIDRs of proxies whose `x-forwarded-…` headers are believed. */
  trustedProxies: readonly string[];
  layer2: 'auto' | 'demand' | 'off';
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  logFormat: 'auto' | 'json' | 'pretty';
  drainMs: number;
  ceilings: Ceilings;
  /** Further host names that the control plane answers to, in lower case. */
  controlHosts: readonly string[];
  allowPublicControl: boolean;
  /** The program that answers where no route and no host name fits. */
  defaultProgram: string | undefined;
}

/** By flag in camel case (`controlPort`), as commander gives them. */
export type Flags = Readonly<Record<string, unknown>>;

/** @throws TineError `invalid_config`, with `details: {key, text}`, for the first value that is wrong */
export function readSettings(env: Readonly<Record<string, string | undefined>>, flags: Flags = {}): Settings {
  const values = {} as Record<SettingName, unknown>;
  for (const setting of SETTINGS) values[setting.name] = readOne(setting, env, flags);
  const ceilings: Ceilings = { permits: values.permits as number };
  for (const setting of CEILING_SETTINGS) {
    const value = readOne(setting, env, flags);
    if (value !== undefined) ceilings[setting.name] = value as number;
  }
  const settings = {
    ...values,
    dataDir: resolve(values.dataDir as string),
    executors: values.executors ?? availableParallelism(),
    ceilings,
  } as Settings;
  assertSettings(settings);
  return settings;
}

/** Names that look like settings and are none, with the one that may be meant. */
export { unknownSettings } from './settings-table.ts';

interface Readable {
  env: string;
  flag: string;
  kind: Parameters<typeof readKind>[0];
  default?: unknown;
}

function readOne(setting: Readable, env: Readonly<Record<string, string | undefined>>, flags: Flags): unknown {
  const flag = flags[camelCase(setting.flag)];
  if (flag !== undefined) return readKind(setting.kind, `--${setting.flag}`, flag);
  const text = env[setting.env];
  // Compose files and unit files pass on what is not set as an empty string.
  if (text !== undefined && text !== '') return readKind(setting.kind, setting.env, text);
  return setting.default;
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Relations between settings. */
function assertSettings(settings: Settings): void {
  const { port, controlPort, host, controlHost, ceilings } = settings;
  if (port !== 0 && port === controlPort && host === controlHost) {
    throw badSetting('TINE_CONTROL_PORT', 'another port than TINE_PORT', controlPort);
  }
  if (!isLoopback(controlHost) && !settings.allowPublicControl) {
    const wanted =
      'a loopback address, as whoever reaches it can try to deploy code (TINE_ALLOW_PUBLIC_CONTROL=1 allows others)';
    throw badSetting('TINE_CONTROL_HOST', wanted, controlHost);
  }
  if (settings.token !== undefined && settings.token === settings.debugToken) {
    throw badSetting(
      'TINE_DEBUG_TOKEN',
      'another token than TINE_TOKEN, as it travels with ordinary requests',
      '(the same)',
    );
  }
  const cpuMs = Math.min(ceilings.cpuMs ?? LIMITS.cpuMs.max, LIMITS.cpuMs.default);
  if (ceilings.wallMs !== undefined && ceilings.wallMs < cpuMs) {
    throw badSetting('TINE_MAX_WALL_MS', `at least what programs may use of CPU (${cpuMs})`, ceilings.wallMs);
  }
}
