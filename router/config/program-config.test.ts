import test from 'ava';
import { NO_EFFECT, REFUSED } from './answers.ts';
import { checkDocument } from './check.ts';
import { type Problem, parseDocument } from './document.ts';
import { INHERITABLE, NESTED_KEYS, NOT_INHERITABLE, TOP_ONLY } from './program-config.ts';

function problems(value: unknown): string[] {
  const document = parseDocument(typeof value === 'string' ? value : JSON.stringify(value));
  if (Array.isArray(document)) throw new Error(document[0]?.text);
  const result = checkDocument(document);
  return Array.isArray(result) ? (result as Problem[]).map(({ text }) => text) : [];
}

/** `{"a.b": 1}` → `{"a": {"b": 1}}`, beside a name. */
function withKey(key: string, value: unknown): Record<string, unknown> {
  const [group = key, ...rest] = key.split('.');
  return { name: 'a', [group]: rest.reduceRight((inner, part) => ({ [part]: inner }), value as unknown) };
}

// key, good values, [bad value, what is wanted] …
const VALUES: [string, unknown[], [unknown, string][]][] = [
  ['$schema', ['./x.json'], [[1, 'a string']]],
  ['name', ['a', '0-a', 'x'.repeat(63)], [[1, '1 to 63 of a-z, 0-9 and "-", beginning with a letter or digit']]],
  [
    'main',
    ['index.js', 'src/a.ts', '../a.ts', './a.js'],
    [
      ['/etc/passwd', 'a relative path with "/"'],
      ['C:\\a.js', 'a relative path with "/"'],
      ['', 'a relative path with "/"'],
    ],
  ],
  [
    'compatibility_date',
    ['2024-02-29'],
    [
      ['2023-02-29', 'a date such as "2026-11-20"'],
      ['2026-1-1', 'a date such as "2026-11-20"'],
      ['2026-13-01', 'a date such as "2026-11-20"'],
      [20_261_120, 'a date such as "2026-11-20"'],
    ],
  ],
  ['compatibility_flags', [[]], [['x', 'an array of strings']]],
  [
    'vars',
    [{}, { A: 'x', B: 1, C: null, D: { e: [true] } }],
    [
      ['A=1', 'an object'],
      [[], 'an object'],
    ],
  ],
  ['define', [{ A: '"x"' }], [[1, 'an object of strings']]],
  ['alias', [{ a: './b.ts' }], [[1, 'an object of strings']]],
  [
    'limits',
    [{}],
    [
      [5, 'an object'],
      [null, 'an object'],
      [[], 'an object'],
    ],
  ],
  ['pool', [{}], [['x', 'an object']]],
  [
    'isolation',
    ['request', 'program'],
    [
      ['none', '"request" or "program"'],
      [true, '"request" or "program"'],
    ],
  ],
  [
    'snapshot.mode',
    ['auto', 'off', 'require'],
    [
      ['on', '"auto" or "off" or "require"'],
      [false, '"auto" or "off" or "require"'],
    ],
  ],
  ['snapshot.entropy', ['warn', 'error'], [['off', '"warn" or "error"']]],
  [
    'snapshot.warmup',
    [[], ['/'], ['/a?b=c', { path: '/' }], Array(32).fill('/')],
    [
      ['/', 'an array of requests'],
      [Array(33).fill('/'), 'an array of at most 32 requests'],
    ],
  ],
  ['record.failures', [true, false], [['yes', 'true or false']]],
  ['record.bodies', [false], [[0, 'true or false']]],
  [
    'record.sample',
    [0, 0.5, 1],
    [
      [1.1, 'a number from 0 to 1'],
      [-0.1, 'a number from 0 to 1'],
      ['1', 'a number from 0 to 1'],
    ],
  ],
  ['namespace', ['default', 'team-a'], [[7, '1 to 63 of a-z, 0-9 and "-", beginning with a letter or digit']]],
  ['minify', [true], [['true', 'true or false']]],
  ['keep_names', [false], [[1, 'true or false']]],
  [
    'jsx_factory',
    ['h', 'React.createElement'],
    [
      ['a b', 'a name such as "React.createElement"'],
      ['a(', 'a name such as "React.createElement"'],
    ],
  ],
  ['jsx_fragment', ['Fragment'], [['<>', 'a name such as "React.Fragment"']]],
  ['upload_source_maps', [true], [['x', 'true or false']]],
  [
    'rules',
    [[], [{ type: 'Text', globs: ['**/*.md'] }], [{ type: 'Data', globs: [], fallthrough: true }]],
    [[{}, 'an array of rules']],
  ],
  [
    'route',
    ['a.b/*', { pattern: 'a.b/*' }, { pattern: 'a.b', custom_domain: true }],
    [[7, 'a string or an object with "pattern"']],
  ],
  ['routes', [[], ['a.b/*', { pattern: 'c.d/*', enabled: false }]], [['a.b/*', 'an array of routes']]],
  [
    'observability',
    [{ enabled: true }, { logs: { enabled: false, head_sampling_rate: 0.1 } }, { traces: { enabled: true } }],
    [
      [{}, 'an object with "enabled", "logs.enabled" or "traces.enabled"'],
      [{ head_sampling_rate: 1 }, 'an object with "enabled", "logs.enabled" or "traces.enabled"'],
    ],
  ],
  ['triggers', [{}, { crons: [] }], [[[], 'an object']]],
  ['triggers.crons', [[]], [['* * * * *', 'an array of strings']]],
  ['kv_namespaces', [[]], [[{}, 'an array of namespaces']]],
  ['services', [[]], [['x', 'an array of services']]],
  ['ratelimits', [[]], [[1, 'an array of rate limits']]],
  ['secrets', [{}, { required: [] }], [[['A'], 'an object']]],
  ['env', [{}, { staging: {} }], [[[], 'an object of environments']]],
  ['env.staging', [{}], [[7, 'an object']]],
  ['dev.ip', ['localhost'], [['', 'a string that is not empty']]],
  ['dev.local_protocol', ['http'], [['ftp', '"http" or "https"']]],
  ['account_id', ['x'], [[1, 'a string']]],
  ['workers_dev', [true], [['x', 'true or false']]],
  ['preview_urls', [true], [['x', 'true or false']]],
  ['placement', [{ mode: 'smart' }], [['smart', 'an object']]],
  ['logpush', [true], [['x', 'true or false']]],
  ['first_party_worker', [true], [['x', 'true or false']]],
  ['keep_vars', [true], [['x', 'true or false']]],
  ['send_metrics', [false], [['x', 'true or false']]],
  ['dependencies_instrumentation', [{ enabled: true }], [[true, 'an object']]],
  ['no_bundle', [false], [['x', 'true or false']]],
];

for (const [key, good, bad] of VALUES) {
  for (const value of good)
    test(`${key} may be ${JSON.stringify(value)}`, (t) => t.deepEqual(problems(withKey(key, value)), []));
  for (const [value, wanted] of bad) {
    test(`${key} must not be ${JSON.stringify(value)}`, (t) => {
      const json = JSON.stringify(value);
      const written = typeof value === 'string' ? json : json.replaceAll(':', ': ').replaceAll(',', ', ');
      const shown = written.length > 60 ? `${written.slice(0, 57)}...` : written;
      t.deepEqual(problems(withKey(key, value)), [`"${key}" (line 1) must be ${wanted}; got ${shown}.`]);
    });
  }
}

// What is wrong inside lists and unions: file, texts
const INSIDE: [string, unknown, string[]][] = [
  [
    'a rate that is no share',
    { observability: { enabled: true, head_sampling_rate: 2 } },
    ['"observability.head_sampling_rate" (line 1) must be a number from 0 to 1; got 2.'],
  ],
  [
    'a name that another system takes',
    { name: 'My_App' },
    [
      '"name" (line 1) must be 1 to 63 of a-z, 0-9 and "-", beginning with a letter or digit; got "My_App". "my-app" would do.',
    ],
  ],
  [
    'a route with a scheme',
    { routes: ['https://a.b/*'] },
    [
      '"routes[0]" (line 1) must be a route such as "example.com/api*" or "*.example.com/*", without scheme, port or query; got "https://a.b/*".',
    ],
  ],
  [
    'a route object with a bad pattern',
    { routes: [{ pattern: 'a.b' }] },
    [
      '"routes[0].pattern" (line 1) must be a route such as "example.com/api*" or "*.example.com/*", without scheme, port or query; got "a.b".',
    ],
  ],
  [
    'a custom domain with a path',
    { route: { pattern: 'a.b/*', custom_domain: true } },
    ['"route.pattern" (line 1) must be a host name without a path, as "custom_domain" is true; got "a.b/*".'],
  ],
  [
    'a route object without a pattern',
    { routes: [{ enabled: true }] },
    [
      '"routes[0].pattern" is missing: it must be a route such as "example.com/api*" or "*.example.com/*", without scheme, port or query.',
    ],
  ],
  [
    'an unknown key of a route',
    { routes: [{ pattern: 'a.b/*', patern: 1 }] },
    ['"routes[0].patern" (line 1) is not a configuration key. Did you mean "routes[0].pattern"?'],
  ],
  [
    'a warm-up path without a slash',
    { snapshot: { warmup: ['users'] } },
    ['"snapshot.warmup[0]" (line 1) must be a path with an optional query, such as "/users?page=1"; got "users".'],
  ],
  [
    'a warm-up body of a GET',
    { snapshot: { warmup: [{ path: '/', body: 'x' }] } },
    ['"snapshot.warmup[0].body" (line 1) must be absent where the method is GET; got "x".'],
  ],
  [
    'a warm-up method in lower case',
    { snapshot: { warmup: [{ path: '/', method: 'post' }] } },
    ['"snapshot.warmup[0].method" (line 1) must be a method in upper case; got "post".'],
  ],
  [
    'a warm-up method that fetch forbids',
    { snapshot: { warmup: [{ path: '/', method: 'TRACE' }] } },
    ['"snapshot.warmup[0].method" (line 1) must be a method that fetch allows; got "TRACE".'],
  ],
  [
    'a warm-up header name with a space',
    { snapshot: { warmup: [{ path: '/', headers: { 'a b': 'c' } }] } },
    ['"snapshot.warmup[0].headers.a b" (line 1) must be under a name that is a header name; got "c".'],
  ],
  [
    'a warm-up header value of two lines',
    { snapshot: { warmup: [{ path: '/', headers: { a: 'b\r\nc: d' } }] } },
    ['"snapshot.warmup[0].headers.a" (line 1) must be a string on one line; got "b\\r\\nc: d".'],
  ],
  ['a define that is no string', { define: { A: 1 } }, ['"define.A" (line 1) must be a string; got 1.']],
  [
    'a rule without globs',
    { rules: [{ type: 'Text' }] },
    ['"rules[0].globs" is missing: it must be an array of globs.'],
  ],
  [
    'a cron of four fields',
    { triggers: { crons: ['* * * *'] } },
    [
      '"triggers.crons" (line 1) is not supported: this version of tine has no cron. Let a cron of the machine call the program by HTTP.',
      '"triggers.crons[0]" (line 1) must be a cron expression of five fields; got "* * * *".',
    ],
  ],
  [
    'less wall than CPU time',
    { limits: { cpu_ms: 100, wall_ms: 99 } },
    ['"limits.wall_ms" (line 1) must be at least "limits.cpu_ms" (100); got 99.'],
  ],
  [
    'less wall than default CPU time',
    { limits: { wall_ms: 49 } },
    ['"limits.wall_ms" (line 1) must be at least "limits.cpu_ms" (50); got 49.'],
  ],
  [
    'more CPU than default wall time',
    { limits: { cpu_ms: 30_001 } },
    ['"limits.cpu_ms" (line 1) must be at most "limits.wall_ms" (30000); got 30001.'],
  ],
  [
    'a pool that is smaller than its start',
    { pool: { min: 10, max: 9 } },
    ['"pool.max" (line 1) must be at least "pool.min" (10); got 9.'],
  ],
  [
    'a value in an environment',
    { env: { staging: { limits: { cpu_ms: 0 } } } },
    ['"env.staging.limits.cpu_ms" (line 1) must be an integer from 1 to 300000; got 0.'],
  ],
  [
    'a rate limit of another period',
    { ratelimits: [{ name: 'R', namespace_id: '1', simple: { limit: 1, period: 30 } }] },
    [
      '"ratelimits" (line 1) is not supported: this version of tine has no rate limits. "pool.concurrency" bounds what runs at once.',
      '"ratelimits[0].simple.period" (line 1) must be 10 or 60; got 30.',
    ],
  ],
];

for (const [title, value, texts] of INSIDE) {
  test(`checkDocument() refuses ${title}`, (t) => t.deepEqual(problems({ name: 'a', ...(value as object) }), texts));
}

test('wrong values of every type never throw anything but problems', (t) => {
  const keys = [
    ...VALUES.map(([key]) => key),
    ...Object.keys(REFUSED),
    ...Object.keys(NO_EFFECT),
    'limits.cpu_ms',
    'pool.max',
  ].filter((key) => !key.includes('[]'));
  const values: unknown[] = [
    null,
    0,
    -1,
    1.5,
    1e9,
    '',
    'x',
    true,
    [],
    [null],
    [[]],
    {},
    { x: 1 },
    { constructor: 1 },
    ['x', 1, {}],
  ];
  for (const key of new Set(keys)) {
    for (const value of values) t.notThrows(() => problems(withKey(key, value)), `${key} ${JSON.stringify(value)}`);
  }
});

test('every key is inherited in one way only', (t) => {
  const keys = [...INHERITABLE, ...NOT_INHERITABLE, ...TOP_ONLY];
  t.is(new Set(keys).size, keys.length);
  t.true(
    NESTED_KEYS.includes('limits.cpu_ms') &&
      NESTED_KEYS.includes('pool.max') &&
      NESTED_KEYS.includes('snapshot.warmup'),
  );
});
