import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import test from 'ava';
import { readSettings } from './settings.ts';
import { CEILING_SETTINGS, SETTINGS } from './settings-table.ts';

interface Failure {
  code: string;
  message: string;
  details: { key: string; text: string };
}

/** What the operator is told. */
function refusal(env: Record<string, string>, flags: Record<string, unknown> = {}): Failure | undefined {
  try {
    readSettings(env, flags);
    return undefined;
  } catch (error) {
    return error as Failure;
  }
}

test('readSettings() has the documented defaults', (t) => {
  t.deepEqual(readSettings({}), {
    dataDir: resolve('.tine'),
    host: '127.0.0.1',
    port: 8787,
    controlHost: '127.0.0.1',
    controlPort: 8788,
    token: undefined,
    debugToken: undefined,
    permits: 512,
    executors: availableParallelism(),
    executorRssMb: undefined,
    allowPrivate: [],
    trustedProxies: [],
    layer2: 'auto',
    logLevel: 'info',
    logFormat: 'auto',
    drainMs: 30_000,
    ceilings: { permits: 512 },
    controlHosts: [],
    allowPublicControl: false,
    defaultProgram: undefined,
  });
});

// variable, flag in camel case, text, name in Settings, value
const GOOD: [string, string, string, string, unknown][] = [
  ['TINE_DATA', 'data', '/srv/tine', 'dataDir', '/srv/tine'],
  ['TINE_HOST', 'host', '0.0.0.0', 'host', '0.0.0.0'],
  ['TINE_PORT', 'port', '0', 'port', 0],
  ['TINE_PORT', 'port', '65535', 'port', 65_535],
  ['TINE_CONTROL_HOST', 'controlHost', '::1', 'controlHost', '::1'],
  ['TINE_CONTROL_HOST', 'controlHost', 'localhost', 'controlHost', 'localhost'],
  ['TINE_CONTROL_HOST', 'controlHost', '127.0.0.2', 'controlHost', '127.0.0.2'],
  ['TINE_CONTROL_PORT', 'controlPort', '9000', 'controlPort', 9_000],
  ['TINE_TOKEN', 'token', 'a-b_c.d', 'token', 'a-b_c.d'],
  ['TINE_DEBUG_TOKEN', 'debugToken', 'dbg', 'debugToken', 'dbg'],
  ['TINE_PERMITS', 'permits', '1', 'permits', 1],
  ['TINE_EXECUTORS', 'executors', '8', 'executors', 8],
  ['TINE_EXECUTOR_RSS_MB', 'executorRssMb', '512', 'executorRssMb', 512],
  ['TINE_ALLOW_PRIVATE', 'allowPrivate', '10.0.0.0/8, ::1', 'allowPrivate', ['10.0.0.0/8', '::1/128']],
  ['TINE_TRUSTED_PROXIES', 'trustedProxies', '127.0.0.1', 'trustedProxies', ['127.0.0.1/32']],
  ['TINE_LAYER2', 'layer2', 'demand', 'layer2', 'demand'],
  ['TINE_LOG_LEVEL', 'logLevel', 'warn', 'logLevel', 'warn'],
  ['TINE_LOG_FORMAT', 'logFormat', 'pretty', 'logFormat', 'pretty'],
  ['TINE_DRAIN_MS', 'drainMs', '0', 'drainMs', 0],
  ['TINE_CONTROL_HOSTS', 'controlHosts', 'Tine.Example.com, b.org,', 'controlHosts', ['tine.example.com', 'b.org']],
  ['TINE_ALLOW_PUBLIC_CONTROL', 'allowPublicControl', '1', 'allowPublicControl', true],
  ['TINE_ALLOW_PUBLIC_CONTROL', 'allowPublicControl', 'no', 'allowPublicControl', false],
  ['TINE_DEFAULT_PROGRAM', 'defaultProgram', 'hello-js', 'defaultProgram', 'hello-js'],
];

for (const [env, flag, text, name, value] of GOOD) {
  test(`readSettings() takes ${env}=${text} from the environment and from --${flag}`, (t) => {
    t.deepEqual((readSettings({ [env]: text }) as unknown as Record<string, unknown>)[name], value);
    t.deepEqual((readSettings({}, { [flag]: text }) as unknown as Record<string, unknown>)[name], value);
  });
}

// variable, text, what is wanted
const BAD: [string, string, RegExp][] = [
  ['TINE_PORT', 'x', /an integer from 0 to 65535; got "x"$/],
  ['TINE_PORT', '65536', /an integer from 0 to 65535; got "65536"$/],
  ['TINE_PORT', '-1', /an integer/],
  ['TINE_PORT', '1e3', /an integer/],
  ['TINE_PORT', '0x50', /an integer/],
  ['TINE_PORT', '80.5', /an integer/],
  ['TINE_CONTROL_PORT', '99999999999999999999', /an integer/],
  ['TINE_PERMITS', '0', /an integer from 1 to 65536/],
  ['TINE_EXECUTORS', '0', /an integer from 1 to 256/],
  ['TINE_EXECUTOR_RSS_MB', '1', /an integer from 64/],
  ['TINE_DRAIN_MS', '-5', /an integer from 0/],
  ['TINE_HOST', 'http://x', /an IP address or a host name/],
  ['TINE_HOST', '1.2.3.400', /an IP address or a host name/],
  ['TINE_HOST', 'x:80', /an IP address or a host name/],
  ['TINE_CONTROL_HOSTS', 'ok.example, bad host', /an IP address or a host name.*got "bad host"/],
  ['TINE_LAYER2', 'yes', /one of "auto", "demand", "off"; got "yes"$/],
  ['TINE_LOG_LEVEL', 'loud', /one of "trace"/],
  ['TINE_LOG_FORMAT', 'xml', /one of "auto", "json", "pretty"/],
  ['TINE_ALLOW_PRIVATE', '10.0.0/8', /a list of address blocks/],
  ['TINE_ALLOW_PRIVATE', '10.0.0.0/33', /a list of address blocks/],
  ['TINE_ALLOW_PRIVATE', '10.0.0.0/8/8', /a list of address blocks/],
  ['TINE_TRUSTED_PROXIES', 'proxy.local', /a list of address blocks/],
  ['TINE_ALLOW_PUBLIC_CONTROL', 'maybe', /1 or 0; got "maybe"$/],
  ['TINE_DEFAULT_PROGRAM', 'Hello_World', /a program name/],
];

for (const [env, text, wanted] of BAD) {
  test(`readSettings() refuses ${env}=${text} with its name, what is wanted and what was given`, (t) => {
    const error = refusal({ [env]: text });
    t.is(error?.code, 'invalid_config');
    t.true(error?.message.startsWith(`${env} must be `), error?.message);
    t.regex(error?.message ?? '', wanted);
    t.like(error?.details, { key: env, text: error?.message });
  });
}

test('readSettings() prefers the flag, and names it when it is wrong', (t) => {
  t.is(readSettings({ TINE_PORT: '1' }, { port: '2' }).port, 2);
  t.regex(refusal({ TINE_CONTROL_PORT: '1' }, { controlPort: 'x' })?.message ?? '', /^--control-port must be/);
});

test('readSettings() takes an empty variable for none, and an empty flag for a mistake', (t) => {
  t.is(readSettings({ TINE_PORT: '', TINE_TOKEN: '' }).port, 8787);
  t.is(readSettings({ TINE_TOKEN: '' }).token, undefined);
  t.is(refusal({}, { port: '' })?.code, 'invalid_config');
  t.is(refusal({}, { token: '' })?.code, 'invalid_config');
});

test('readSettings() never shows a token', (t) => {
  const error = refusal({ TINE_TOKEN: 'sécret word' });
  t.is(error?.code, 'invalid_config');
  t.false(JSON.stringify([error?.message, error?.details]).includes('cret'));
});

test('readSettings() refuses a public control host without consent', (t) => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'tine.example.com', '::ffff:10.0.0.1']) {
    t.regex(refusal({ TINE_CONTROL_HOST: host })?.message ?? '', /^TINE_CONTROL_HOST must be a loopback address/, host);
    t.is(readSettings({ TINE_CONTROL_HOST: host, TINE_ALLOW_PUBLIC_CONTROL: '1' }).controlHost, host);
    t.is(readSettings({ TINE_CONTROL_HOST: host }, { allowPublicControl: true }).controlHost, host);
  }
});

test('readSettings() refuses one port for both planes, but not 0 for both', (t) => {
  t.regex(
    refusal({ TINE_PORT: '9000', TINE_CONTROL_PORT: '9000' })?.message ?? '',
    /^TINE_CONTROL_PORT must be another port/,
  );
  t.is(readSettings({ TINE_PORT: '0', TINE_CONTROL_PORT: '0' }).controlPort, 0);
});

test('readSettings() refuses one token for both purposes', (t) => {
  t.regex(
    refusal({ TINE_TOKEN: 'same', TINE_DEBUG_TOKEN: 'same' })?.message ?? '',
    /^TINE_DEBUG_TOKEN must be another token/,
  );
});

test('readSettings() reads a ceiling for every limit', (t) => {
  const env = {
    TINE_MAX_CPU_MS: '100',
    TINE_MAX_WALL_MS: '5000',
    TINE_MAX_MEMORY_MB: '64',
    TINE_MAX_INIT_MS: '500',
    TINE_MAX_SUBREQUESTS: '10',
    TINE_MAX_BODY_BYTES: '1000',
    TINE_MAX_RESPONSE_BYTES: '2000',
    TINE_MAX_LOG_BYTES: '3000',
    TINE_MAX_PENDING_OPS: '4',
    TINE_MAX_TIMERS: '5',
  };
  t.deepEqual(readSettings({ ...env, TINE_PERMITS: '7' }).ceilings, {
    cpuMs: 100,
    wallMs: 5_000,
    memoryMb: 64,
    initMs: 500,
    subrequests: 10,
    bodyBytes: 1_000,
    responseBytes: 2_000,
    logBytes: 3_000,
    pendingOps: 4,
    timers: 5,
    permits: 7,
  });
  t.is(readSettings({}, { maxCpuMs: '9' }).ceilings.cpuMs, 9);
});

test('readSettings() refuses a ceiling beyond the range of its limit', (t) => {
  t.is(
    refusal({ TINE_MAX_CPU_MS: '300001' })?.message,
    'TINE_MAX_CPU_MS must be an integer from 1 to 300000; got "300001"',
  );
  t.is(refusal({ TINE_MAX_MEMORY_MB: '8' })?.message, 'TINE_MAX_MEMORY_MB must be an integer from 16 to 1024; got "8"');
});

test('readSettings() refuses a ceiling of wall time below the CPU time of an ordinary program', (t) => {
  t.regex(refusal({ TINE_MAX_WALL_MS: '40' })?.message ?? '', /^TINE_MAX_WALL_MS must be at least .*50.*got 40$/);
  t.is(readSettings({ TINE_MAX_WALL_MS: '40', TINE_MAX_CPU_MS: '40' }).ceilings.wallMs, 40);
});

test('every setting has a table row in these tests, so that none is without', (t) => {
  const tried = new Set(GOOD.map(([env]) => env));
  t.deepEqual(
    SETTINGS.map(({ env }) => env).filter((env) => !tried.has(env)),
    [],
  );
  t.is(CEILING_SETTINGS.length, 10);
});
