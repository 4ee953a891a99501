import test from 'ava';
import { LIMITS } from '#sandbox';
import { type Resolved, type ResolveOptions, resolveProgramConfig } from './resolve.ts';

interface Failure {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

function resolved(value: unknown, options: Partial<ResolveOptions> = {}): Resolved {
  return resolveProgramConfig(typeof value === 'string' ? value : JSON.stringify(value), {
    file: 'w.json',
    ...options,
  });
}

function refusal(value: unknown, options: Partial<ResolveOptions> = {}): Failure {
  try {
    resolved(value, options);
  } catch (error) {
    return error as Failure;
  }
  throw new Error('it was accepted');
}

test('resolveProgramConfig() gives the documented defaults', (t) => {
  const { config, main, warnings, dev } = resolved({ name: 'a' });
  t.deepEqual(config, {
    name: 'a',
    namespace: 'default',
    limits: {
      cpuMs: 50,
      wallMs: 30_000,
      memoryMb: 128,
      initMs: 1_000,
      subrequests: 50,
      bodyBytes: 100_000_000,
      responseBytes: 100_000_000,
      logBytes: 65_536,
      pendingOps: 100,
      timers: 100,
    },
    isolation: 'request',
    pool: { min: 1, max: 256, concurrency: undefined, queueMax: 256, queueTimeoutMs: 1_000 },
    snapshot: { mode: 'auto', warmup: [], entropy: 'warn' },
    vars: {},
    routes: [],
    compile: {
      minify: false,
      keepNames: true,
      rules: [],
    },
    compatibilityDate: undefined,
  });
  t.is(main, undefined);
  t.deepEqual(warnings, []);
  t.deepEqual(dev, {});
});

test('resolveProgramConfig() takes every key into its place', (t) => {
  const { config, main, dev, warnings } = resolved({
    $schema: './s.json',
    name: 'a',
    main: 'src/index.ts',
    compatibility_date: '2026-01-02',
    compatibility_flags: [],
    routes: [
      'A.example/x*',
      { pattern: 'b.example', custom_domain: true },
      { pattern: 'c.example/*', enabled: false },
      'a.example/x*',
    ],
    vars: { A: 'x', B: { c: [1, null] } },
    define: { D: '1' },
    alias: { x: './y.ts' },
    limits: {
      cpu_ms: 1,
      wall_ms: 2,
      memory_mb: 16,
      init_ms: 10,
      subrequests: 0,
      body_bytes: 3,
      response_bytes: 4,
      log_bytes: 5,
      pending_ops: 6,
      timers: 7,
    },
    isolation: 'program',
    pool: { min: 0, max: 2, concurrency: 3, queue_max: 4, queue_timeout_ms: 5 },
    snapshot: {
      mode: 'require',
      warmup: ['/a', { path: '/b', method: 'POST', headers: { x: 'y' }, body: 'z' }],
      entropy: 'error',
    },
    namespace: 'team',
    minify: true,
    keep_names: false,
    jsx_factory: 'h',
    jsx_fragment: 'F',
    rules: [{ type: 'Text', globs: ['**/*.md'], fallthrough: true }],
    dev: { ip: '127.0.0.1', port: 9 },
  });
  t.deepEqual(config, {
    name: 'a',
    namespace: 'team',
    limits: {
      cpuMs: 1,
      wallMs: 2,
      memoryMb: 16,
      initMs: 10,
      subrequests: 0,
      bodyBytes: 3,
      responseBytes: 4,
      logBytes: 5,
      pendingOps: 6,
      timers: 7,
    },
    isolation: 'program',
    pool: { min: 0, max: 2, concurrency: 3, queueMax: 4, queueTimeoutMs: 5 },
    snapshot: {
      mode: 'require',
      warmup: [
        { method: 'GET', path: '/a', headers: {} },
        { method: 'POST', path: '/b', headers: { x: 'y' }, body: 'z' },
      ],
      entropy: 'error',
    },
    vars: { A: 'x', B: { c: [1, null] } },
    routes: ['a.example/x*', 'b.example/*'],
    compile: {
      define: { D: '1' },
      alias: { x: './y.ts' },
      minify: true,
      keepNames: false,
      jsxFactory: 'h',
      jsxFragment: 'F',
      rules: [{ type: 'Text', globs: ['**/*.md'] }],
    },
    compatibilityDate: '2026-01-02',
  });
  t.is(main, 'src/index.ts');
  t.deepEqual(dev, { ip: '127.0.0.1', port: 9 });
  t.deepEqual(warnings, []);
});

test('resolveProgramConfig() throws invalid_config with text, file, place, key and all problems', (t) => {
  const error = refusal('{\n  "name": "a",\n  "triggerz": {},\n  "limits": {"cpu_ms": "50"}\n}');
  t.is(error.code, 'invalid_config');
  t.like(error.details, { file: 'w.json', line: 3, column: 3, key: 'triggerz' });
  t.is(
    error.details['text'],
    '"triggerz" (line 3) is not a configuration key. Did you mean "triggers"?\n"limits.cpu_ms" (line 4) must be an integer from 1 to 300000; got "50".',
  );
  t.is((error.details['problems'] as unknown[]).length, 2);
  t.is(error.details['text'], error.message);
});

test('resolveProgramConfig() refuses text that is no JSON with its place', (t) => {
  t.like(refusal('{"name": }').details, { file: 'w.json', line: 1, column: 10 });
  t.regex(refusal('x'.repeat(1_000_001)).message, /must have at most 1000000 characters; got 1000001/);
});

test('name is required, from the file or from the caller', (t) => {
  t.regex(refusal({}).message, /^"name" is missing/);
  t.is(resolved({}, { given: { name: 'b' } }).config.name, 'b');
  t.is(resolved({ name: 'a' }, { given: { name: 'b', main: 'x.js' } }).config.name, 'b');
  t.is(resolved({ name: 'a', main: 'y.js' }, { given: { main: 'x.js' } }).main, 'x.js');
  t.regex(
    refusal({ name: 'a' }, { given: { name: 'B_c' } }).message,
    /^The name must be .* got "B_c"\. "b-c" would do\.$/,
  );
});

// --- environments

const FILE = {
  name: 'a',
  main: 'top.js',
  limits: { cpu_ms: 10, memory_mb: 32 },
  isolation: 'program',
  vars: { A: 'top' },
  define: { D: '1' },
  alias: { x: 'y' },
  routes: ['top.example/*'],
  env: {
    staging: { limits: { cpu_ms: 20 }, vars: { A: 'staging' } },
    bare: {},
    named: { name: 'other', route: 'env.example/*' },
  },
};

test('without an environment only the top level counts', (t) => {
  const { config, warnings } = resolved(FILE);
  t.like(config, { name: 'a', vars: { A: 'top' }, routes: ['top.example/*'] });
  t.is(config.limits.cpuMs, 10);
  t.deepEqual(warnings, []);
});

test('an inheritable key of an environment replaces the whole value, member by member it does not', (t) => {
  const { limits } = resolved(FILE, { env: 'staging' }).config;
  t.is(limits.cpuMs, 20);
  t.is(limits.memoryMb, LIMITS.memoryMb.default);
});

test('an inheritable key that the environment lacks comes from the top', (t) => {
  const { config, main } = resolved(FILE, { env: 'bare' });
  t.is(config.limits.memoryMb, 32);
  t.is(config.isolation, 'program');
  t.is(main, 'top.js');
  t.deepEqual(config.compile.alias, { x: 'y' });
});

test('name under an environment is <name>-<environment> unless the environment has its own', (t) => {
  t.is(resolved(FILE, { env: 'staging' }).config.name, 'a-staging');
  t.is(resolved(FILE, { env: 'named' }).config.name, 'other');
  t.is(resolved(FILE, { env: 'staging', given: { name: 'x' } }).config.name, 'x');
});

test('an environment whose name makes no program name must name its program', (t) => {
  const error = refusal({ name: 'a', env: { 'Prod.1': {} } }, { env: 'Prod.1' });
  t.regex(error.message, /needs a "name" of its own, as "a-Prod\.1" is not the name of a program\.$/);
});

test('a key that is not inherited falls to its default, with a warning', (t) => {
  const { config, warnings } = resolved(FILE, { env: 'bare' });
  t.deepEqual(config.vars, {});
  t.is(config.compile.define, undefined);
  t.deepEqual(
    warnings.map(({ code, key, file }) => [code, key, file]),
    [
      ['config_not_inherited', 'vars', 'w.json'],
      ['config_not_inherited', 'define', 'w.json'],
    ],
  );
  t.is(warnings[0]?.text, '"vars" (line 1) is not inherited by the environment "bare": repeat it in "env.bare".');
});

test('--strict makes an error of a key that is not inherited', (t) => {
  t.regex(refusal(FILE, { env: 'bare', strict: true }).message, /^"vars" .*is not inherited/);
  t.is(resolved(FILE, { strict: true }).config.name, 'a');
  t.is(refusal(FILE, { env: 'staging', strict: true }).details['key'], 'define');
});

test('an environment that is not in env is an error, with a guess', (t) => {
  t.is(
    refusal(FILE, { env: 'stagign' }).message,
    'The environment "stagign" is not in the configuration: there is "staging", "bare", "named". Did you mean "staging"?',
  );
  t.regex(refusal({ name: 'a' }, { env: 'x' }).message, /there is no "env"\.$/);
  t.is(refusal(FILE, { env: 'constructor' }).code, 'invalid_config');
});

test('route and routes are one key: both are refused, and those of an environment hide those of the top', (t) => {
  t.regex(
    refusal({ name: 'a', route: 'a.b/*', routes: [] }).message,
    /^"route" \(line 1\) and "routes" cannot both be given\.$/,
  );
  t.deepEqual(resolved(FILE, { env: 'named' }).config.routes, ['env.example/*']);
  t.regex(refusal({ name: 'a', env: { e: { route: 'a.b/*', routes: [] } } }, { env: 'e' }).message, /^"env\.e\.route"/);
});

test('mistakes in an environment that is not chosen are mistakes', (t) => {
  t.is(refusal({ name: 'a', env: { e: { limits: { cpu_ms: 0 } } } }).details['key'], 'env.e.limits.cpu_ms');
});

// --- what has no effect

test('keys without effect are warnings, of the sections in force only', (t) => {
  const file = {
    name: 'a',
    workers_dev: true,
    record: { sample: 0.5 },
    observability: { enabled: true },
    routes: [{ pattern: 'a.b/*', zone_id: 'x' }],
    rules: [{ type: 'Text', globs: ['*'], fallthrough: false }],
    dev: { port: 1, host: 'x' },
    env: { one: { workers_dev: false, logpush: true }, two: { preview_urls: true } },
  };
  const keys = (env?: string): string[] => resolved(file, { env }).warnings.map(({ key }) => key);
  const top = ['record', 'observability', 'routes[0].zone_id', 'rules[0].fallthrough', 'dev.host'];
  t.deepEqual(keys(), ['workers_dev', ...top]);
  t.deepEqual(keys('one'), [...top, 'env.one.workers_dev', 'env.one.logpush']);
  t.true(resolved(file).warnings.every(({ code }) => code === 'config_no_effect'));
  t.is(
    resolved(file).warnings[0]?.text,
    '"workers_dev" (line 1) has no effect here: it is a setting of the hosted service.',
  );
});

test('lists that are empty ask for nothing', (t) => {
  t.is(
    resolved({
      name: 'a',
      kv_namespaces: [],
      services: [],
      ratelimits: [],
      triggers: { crons: [] },
      secrets: { required: [] },
    }).config.name,
    'a',
  );
});

// --- dates

test('compatibility_date must not be in the future, wherever on earth the author is', (t) => {
  const now = Date.UTC(2026, 10, 20, 9, 59);
  t.is(resolved({ name: 'a', compatibility_date: '2026-11-20' }, { now }).config.compatibilityDate, '2026-11-20');
  t.regex(
    refusal({ name: 'a', compatibility_date: '2026-11-21' }, { now }).message,
    /must not be in the future; got "2026-11-21"\.$/,
  );
  t.is(
    resolved({ name: 'a', compatibility_date: '2026-11-21' }, { now: now + 60_000 }).config.compatibilityDate,
    '2026-11-21',
  );
});

// --- ceilings

for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
  const key = name.replace(/[A-Z]/g, '_$&').toLowerCase();
  test(`limit_above_ceiling: limits.${key} beyond the operator's ceiling names both numbers`, (t) => {
    const ceiling = LIMITS[name].min + 1;
    // The others as small as they may be, so that nothing else is in the way.
    const asking = { name: 'a', limits: { cpu_ms: 1, [key]: ceiling + 1 } };
    const error = refusal(asking, { ceilings: { [name]: ceiling } });
    t.is(error.code, 'limit_above_ceiling');
    t.is(error.message, `"limits.${key}" (line 1) asks for ${ceiling + 1}, the operator allows at most ${ceiling}.`);
    t.like(error.details, { key: `limits.${key}`, line: 1, asked: ceiling + 1, ceiling });
    t.is(
      resolved({ name: 'a', limits: { cpu_ms: 1, [key]: ceiling } }, { ceilings: { [name]: ceiling } }).config.limits[
        name
      ],
      ceiling,
    );
  });
}

test('a default gives way to the ceiling, as nobody has asked for it', (t) => {
  const { config, explain } = resolved({ name: 'a' }, { ceilings: { cpuMs: 20, memoryMb: 64 } });
  t.like(config.limits, { cpuMs: 20, memoryMb: 64, wallMs: 30_000 });
  t.is(explain.find(({ key }) => key === 'limits.cpu_ms')?.origin, "default, lowered to the operator's ceiling");
});

test('the ceiling of wall time holds for CPU time too', (t) => {
  const ceilings = { wallMs: 40, cpuMs: 100 };
  t.is(resolved({ name: 'a' }, { ceilings }).config.limits.cpuMs, 40);
  t.like(refusal({ name: 'a', limits: { cpu_ms: 60 } }, { ceilings }), {
    code: 'limit_above_ceiling',
    details: { asked: 60, ceiling: 40 },
  });
});

test('pool.concurrency is at most the permits of the operator', (t) => {
  t.is(resolved({ name: 'a', pool: { concurrency: 8 } }, { ceilings: { permits: 8 } }).config.pool.concurrency, 8);
  t.like(refusal({ name: 'a', pool: { concurrency: 9 } }, { ceilings: { permits: 8 } }), {
    code: 'limit_above_ceiling',
    details: { key: 'pool.concurrency', asked: 9, ceiling: 8 },
  });
});

test('a ceiling is held against the environment that is deployed', (t) => {
  const file = { name: 'a', limits: { cpu_ms: 100 }, env: { small: { limits: { cpu_ms: 5 } } } };
  t.is(resolved(file, { env: 'small', ceilings: { cpuMs: 10 } }).config.limits.cpuMs, 5);
  t.is(refusal(file, { ceilings: { cpuMs: 10 } }).code, 'limit_above_ceiling');
});

// --- the flat file

test('the flat file resolves to the same configuration, without environments', (t) => {
  for (const env of [undefined, 'staging', 'bare', 'named']) {
    const { config, flat } = resolved(FILE, { env });
    t.false('env' in flat);
    t.deepEqual(resolved(flat).config, config);
  }
});

test('the configuration of this version is one that the sandbox takes', async (t) => {
  const { assertLimits } = await import('#sandbox');
  t.notThrows(() => assertLimits(resolved(FILE, { env: 'staging' }).config.limits));
});
