// The table of operator settings: name in the code, environment variable, flag, kind, default, and a line of help.
// The command line makes its flags from it, and `settings.ts` reads by it.
import { LIMITS, type Limits } from '#sandbox';
import { snake } from './name.ts';
import type { Kind } from './setting-kinds.ts';
import { suggest } from './unknown-keys.ts';

export interface Setting<Name extends string = string> {
  name: Name;
  env: string;
  /** Without the two dashes. */
  flag: string;
  kind: Kind;
  default?: unknown;
  help: string;
}

const PORT: Kind = { is: 'integer', min: 0, max: 65_535 };

const TABLE = {
  dataDir: { env: 'TINE_DATA', kind: { is: 'path' }, default: '.tine', help: 'data folder' },
  host: { env: 'TINE_HOST', kind: { is: 'host' }, default: '127.0.0.1', help: 'address of the data plane' },
  port: { env: 'TINE_PORT', kind: PORT, default: 8787, help: 'port of the data plane, 0: any' },
  controlHost: {
    env: 'TINE_CONTROL_HOST',
    kind: { is: 'host' },
    default: '127.0.0.1',
    help: 'address of the control plane',
  },
  controlPort: { env: 'TINE_CONTROL_PORT', kind: PORT, default: 8788, help: 'port of the control plane, 0: any' },
  token: {
    env: 'TINE_TOKEN',
    kind: { is: 'token' },
    help: 'bearer token of the control plane (default: made at first start)',
  },
  debugToken: {
    env: 'TINE_DEBUG_TOKEN',
    kind: { is: 'token' },
    help: 'token of x-tine-debug (default: made at first start)',
  },
  permits: {
    env: 'TINE_PERMITS',
    kind: { is: 'integer', min: 1, max: 65_536 },
    default: 512,
    help: 'requests that run at once',
  },
  executors: {
    env: 'TINE_EXECUTORS',
    kind: { is: 'integer', min: 1, max: 256 },
    help: 'executor processes (default: cores)',
  },
  executorRssMb: {
    env: 'TINE_EXECUTOR_RSS_MB',
    kind: { is: 'integer', min: 64, max: 1_048_576 },
    help: 'resident memory at which an executor is ended (default: derived)',
  },
  allowPrivate: {
    env: 'TINE_ALLOW_PRIVATE',
    kind: { is: 'cidrs' },
    default: [],
    help: 'private blocks that programs may fetch from',
  },
  trustedProxies: {
    env: 'TINE_TRUSTED_PROXIES',
    kind: { is: 'cidrs' },
    default: [],
    help: 'blocks of proxies to believe',
  },
  layer2: {
    env: 'TINE_LAYER2',
    kind: { is: 'choice', of: ['auto', 'demand', 'off'] },
    default: 'auto',
    help: 'confinement of executors',
  },
  logLevel: {
    env: 'TINE_LOG_LEVEL',
    kind: { is: 'choice', of: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
    default: 'info',
    help: 'least level that is logged',
  },
  logFormat: {
    env: 'TINE_LOG_FORMAT',
    kind: { is: 'choice', of: ['auto', 'json', 'pretty'] },
    default: 'auto',
    help: 'form of log lines',
  },
  drainMs: {
    env: 'TINE_DRAIN_MS',
    kind: { is: 'integer', min: 0, max: 3_600_000 },
    default: 30_000,
    help: 'milliseconds to finish what runs when told to stop',
  },
  controlHosts: {
    env: 'TINE_CONTROL_HOSTS',
    kind: { is: 'hosts' },
    default: [],
    help: 'further host names of the control plane',
  },
  allowPublicControl: {
    env: 'TINE_ALLOW_PUBLIC_CONTROL',
    kind: { is: 'switch' },
    default: false,
    help: 'allow a control plane that other machines reach',
  },
  defaultProgram: {
    env: 'TINE_DEFAULT_PROGRAM',
    kind: { is: 'name' },
    help: 'program that answers where no route fits',
  },
} satisfies Record<string, { env: string; kind: Kind; default?: unknown; help: string }>;

export type SettingName = keyof typeof TABLE;

export const SETTINGS: readonly Setting<SettingName>[] = Object.entries(TABLE).map(([name, rest]) => ({
  name: name as SettingName,
  flag: flagOf(rest.env),
  ...rest,
}));

/** One per limit: the largest value that a program may ask for. */
export const CEILING_SETTINGS: readonly Setting<keyof Limits>[] = (Object.keys(LIMITS) as (keyof Limits)[]).map(
  (name) => {
    const env = `TINE_MAX_${snake(name).toUpperCase()}`;
    const { min, max } = LIMITS[name];
    const help = `ceiling of limits.${snake(name)}`;
    return { name, env, flag: flagOf(env), kind: { is: 'integer', min, max }, help };
  },
);

/** Variables that the command line reads beside the settings. */
const OTHERS = ['TINE_ENV', 'TINE_CONTROL_URL'];

/** Sentences about variables that begin with `TINE_` and are none of ours: a setting that is mistyped has no effect. */
export function unknownSettings(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...SETTINGS, ...CEILING_SETTINGS].map((setting) => setting.env).concat(OTHERS);
  const strangers = Object.keys(env).filter((name) => name.startsWith('TINE_') && !known.includes(name));
  return strangers.map((name) => {
    const meant = suggest(name, known);
    return `${name} is not a setting and has no effect${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  });
}

function flagOf(env: string): string {
  return env.slice('TINE_'.length).toLowerCase().replaceAll('_', '-');
}
