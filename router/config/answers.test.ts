import test from 'ava';
import { NO_EFFECT, PUT_OFF, REFUSED } from './answers.ts';
import { checkDocument } from './check.ts';
import { type Problem, parseDocument } from './document.ts';

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

for (const [key, reason] of Object.entries(REFUSED)) {
  test(`${key} is refused with what exists instead`, (t) => {
    const text = `" (line 1) is not supported: ${reason}`;
    t.deepEqual(problems(withKey(key, {})), [`"${key}${text}`]);
    if (!key.includes('.')) t.deepEqual(problems({ name: 'a', env: { e: { [key]: [] } } }), [`"env.e.${key}${text}`]);
  });
}

test('the refusal of Durable Objects is the documented text, with its line', (t) => {
  t.deepEqual(problems('{\n"name": "a",\n\n"durable_objects": {"bindings": []}}'), [
    '"durable_objects" (line 4) is not supported: tine has no Durable Objects. Keep state in a store that is reached over HTTP with fetch.',
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

test('tables of answers do not contradict each other', (t) => {
  const keys = [...Object.keys(REFUSED), ...Object.keys(PUT_OFF), ...Object.keys(NO_EFFECT)];
  t.is(new Set(keys).size, keys.length);
  for (const text of [...Object.values(REFUSED), ...Object.values(PUT_OFF)]) t.regex(text, /\.$/);
  for (const text of Object.values(NO_EFFECT)) t.notRegex(text, /\.$/);
});
