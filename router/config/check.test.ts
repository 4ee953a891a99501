import test from 'ava';
import { NO_EFFECT, PUT_OFF, REFUSED } from './answers.ts';
import { checkDocument, tableKey } from './check.ts';
import { type Problem, parseDocument } from './document.ts';

function check(value: unknown): ReturnType<typeof checkDocument> {
  const document = parseDocument(typeof value === 'string' ? value : JSON.stringify(value));
  if (Array.isArray(document)) throw new Error(document[0]?.text);
  return checkDocument(document);
}

function problems(value: unknown): string[] {
  const result = check(value);
  return Array.isArray(result) ? (result as Problem[]).map(({ text }) => text) : [];
}

/** `{"a.b": 1}` → `{"a": {"b": 1}}`, beside a name. */
function withKey(key: string, value: unknown): Record<string, unknown> {
  const [group = key, ...rest] = key.split('.');
  return { name: 'a', [group]: rest.reduceRight((inner, part) => ({ [part]: inner }), value as unknown) };
}

// key, smallest, largest
const INTEGERS: [string, number, number][] = [
  ['limits.cpu_ms', 1, 300_000],
  ['limits.wall_ms', 1, 900_000],
  ['limits.memory_mb', 16, 1_024],
  ['limits.init_ms', 10, 10_000],
  ['limits.subrequests', 0, 10_000],
  ['limits.body_bytes', 0, 1_000_000_000],
  ['limits.response_bytes', 0, 1_000_000_000],
  ['limits.log_bytes', 0, 1_048_576],
  ['limits.pending_ops', 1, 1_000],
  ['limits.timers', 1, 1_000],
  ['pool.min', 0, 64],
  ['pool.max', 1, 1_024],
  ['pool.concurrency', 1, 65_536],
  ['pool.queue_max', 0, 10_000],
  ['pool.queue_timeout_ms', 0, 10_000],
  ['record.max_bytes', 1_024, 67_108_864],
  ['record.keep', 1, 100_000],
  ['dev.port', 0, 65_535],
  ['dev.inspector_port', 0, 65_535],
];

/** What must stand beside a key at the edge of its range. */
const BESIDE: Readonly<Record<string, Record<string, number>>> = {
  'limits.cpu_ms 300000': { wall_ms: 900_000 },
  'limits.wall_ms 1': { cpu_ms: 1 },
};

for (const [key, min, max] of INTEGERS) {
  const [group = '', name = ''] = key.split('.');
  const text = `"${key}" (line 1) must be an integer from ${min} to ${max}; got `;

  for (const value of [min, max]) {
    test(`${key} may be ${value}`, (t) =>
      t.deepEqual(problems({ name: 'a', [group]: { [name]: value, ...BESIDE[`${key} ${value}`] } }), []));
  }
  for (const value of new Set([min - 1, max + 1, -1, 1e9 + 1, min + 0.5, String(min), true, null, [], {}])) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) continue;
    test(`${key} must not be ${JSON.stringify(value)}`, (t) =>
      t.deepEqual(problems(withKey(key, value)), [`${text}${JSON.stringify(value)}.`]));
  }
  test(`${key} must not be beyond what numbers can say`, (t) => {
    t.deepEqual(problems(`{"name": "a", "${group}": {"${name}": 1e400}}`), [`${text}1e400.`]);
  });
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

for (const [key, meant] of [
  ['triggerz', 'triggers'],
  ['limit', 'limits'],
  ['var', 'vars'],
  ['Name', 'name'],
  ['compatibilityDate', 'compatibility_date'],
  ['cpu_ms', 'limits.cpu_ms'],
  ['memoryMb', 'limits.memory_mb'],
  ['warmup', 'snapshot.warmup'],
  ['limits.cpu', 'limits.cpu_ms'],
  ['limits.memory', 'limits.memory_mb'],
  ['pool.size', undefined],
  ['zzzzzz', undefined],
  ['constructor', undefined],
  ['limits.toString', undefined],
  ['env.staging.limitz', 'env.staging.limits'],
  ['env.staging.cpu_ms', 'limits.cpu_ms'],
] as const) {
  test(`an unknown key "${key}" is refused, ${meant === undefined ? 'without a guess' : `with "${meant}"`}`, (t) => {
    const guess = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    t.deepEqual(problems(withKey(key, {})), [`"${key}" (line 1) is not a configuration key.${guess}`]);
  });
}

for (const [key, reason] of Object.entries(REFUSED)) {
  test(`${key} is refused with what exists instead`, (t) => {
    const text = `" (line 1) is not supported: ${reason}`;
    t.deepEqual(problems(withKey(key, {})), [`"${key}${text}`]);
    if (!key.includes('.')) t.deepEqual(problems({ name: 'a', env: { e: { [key]: [] } } }), [`"env.e.${key}${text}`]);
  });
}

test('the refusal of Durable Objects is the documented text, with its line', (t) => {
  t.deepEqual(problems('{\n"name": "a",\n\n"durable_objects": {"bindings": []}}'), [
    '"durable_objects" (line 4) is not supported: tine has no Durable Objects. Keep live state in a sandbox, shared state in KV.',
  ]);
});

// What asks for something that this version does not do.
const ASKING: Readonly<Record<string, unknown>> = {
  secrets: { required: ['KEY'] },
  kv_namespaces: [{ binding: 'KV', id: 'x' }],
  services: [{ binding: 'OTHER', service: 'other' }],
  ratelimits: [{ name: 'R', namespace_id: '1', simple: { limit: 10, period: 60 } }],
  version_metadata: { binding: 'V' },
  'triggers.crons': ['*/5 * * * *'],
};

for (const [key, reason] of Object.entries(PUT_OFF)) {
  test(`${key} is refused where it asks for something`, (t) => {
    t.deepEqual(problems(withKey(key, ASKING[key])), [`"${key}" (line 1) is not supported: ${reason}`]);
  });
}

for (const [key, value, reason] of [
  ['no_bundle', true, 'run your own build first and point "main" at its output.'],
  [
    'compatibility_flags',
    ['nodejs_compat'],
    'Node.js built-ins are not available; use packages built for the Web platform.',
  ],
  ['compatibility_flags', ['webassembly'], 'this version of tine has no WebAssembly for programs.'],
  ['compatibility_flags', ['global_navigator'], 'programs behave the same whatever their flags.'],
  ['dev.local_protocol', 'https', 'tine dev speaks plain HTTP.'],
] as const) {
  test(`${key} cannot be ${JSON.stringify(value)}`, (t) => {
    const one = Array.isArray(value) ? value[0] : value;
    const path = Array.isArray(value) ? `${key}[0]` : key;
    t.deepEqual(problems(withKey(key, value)), [`"${path}" (line 1) cannot be ${JSON.stringify(one)}: ${reason}`]);
  });
}

test('rules cannot make modules that tine does not run', (t) => {
  const rules = ['CompiledWasm', 'PythonModule', 'PythonRequirement'].map((type) => ({ type, globs: ['**/*'] }));
  t.deepEqual(
    problems({ name: 'a', rules }).map((text) => text.slice(0, 40)),
    [
      '"rules[0].type" (line 1) cannot be "Comp',
      '"rules[1].type" (line 1) cannot be "Pyth',
      '"rules[2].type" (line 1) cannot be "Pyth',
    ],
  );
});

test('observability cannot send logs elsewhere', (t) => {
  const value = {
    name: 'a',
    observability: { enabled: true, logs: { destinations: ['x'] }, traces: { destinations: [] } },
  };
  t.deepEqual(problems(value), [
    '"observability.logs.destinations" (line 1) cannot be ["x"]: tine sends logs to no other program. They go to the log of the server.',
  ]);
});

test('keys of the top level are refused inside environments', (t) => {
  for (const key of ['alias', 'dev', 'keep_vars', 'send_metrics', '$schema', 'env', 'dependencies_instrumentation']) {
    t.deepEqual(problems({ name: 'a', env: { e: { [key]: {} } } }), [
      `"env.e.${key}" (line 1) belongs at the top level only, where it counts for every environment.`,
    ]);
  }
});

test('checkDocument() gives all problems in the order of the text', (t) => {
  const text =
    '{\n"name": "a_b",\n"workflows": [],\n"limits": {\n"cpu_ms": "x",\n"zzz": 1},\n"kv_namespaces": [{"binding": "K"}]\n}';
  t.deepEqual(
    problems(text).map((one) => one.slice(0, one.indexOf(')') + 1)),
    [
      '"name" (line 2)',
      '"workflows" (line 3)',
      '"limits.cpu_ms" (line 5)',
      '"limits.zzz" (line 6)',
      '"kv_namespaces" (line 7)',
    ],
  );
});

test("checkDocument() does not look for keys of ours in what is the author's own", (t) => {
  t.deepEqual(problems({ name: 'a', vars: { triggers: { crons: ['x'] }, no_bundle: true, durable_objects: 1 } }), []);
});

test('tables of answers do not contradict each other', (t) => {
  const keys = [...Object.keys(REFUSED), ...Object.keys(PUT_OFF), ...Object.keys(NO_EFFECT)];
  t.is(new Set(keys).size, keys.length);
  for (const text of [...Object.values(REFUSED), ...Object.values(PUT_OFF)]) t.regex(text, /\.$/);
  for (const text of Object.values(NO_EFFECT)) t.notRegex(text, /\.$/);
});

test('tableKey() forgets environment and index', (t) => {
  t.is(tableKey(['env', 'e', 'routes', 3, 'zone_id']), 'routes[].zone_id');
  t.is(tableKey(['dev', 'host']), 'dev.host');
});

test('wrong values of every type never throw anything but problems', (t) => {
  const keys = [
    ...INTEGERS.map(([key]) => key),
    ...VALUES.map(([key]) => key),
    ...Object.keys(REFUSED),
    ...Object.keys(NO_EFFECT),
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
