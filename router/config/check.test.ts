import test from 'ava';
import { checkDocument, eachPath, tableKey } from './check.ts';
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

test('tableKey() forgets environment and index', (t) => {
  t.is(tableKey(['env', 'e', 'routes', 3, 'zone_id']), 'routes[].zone_id');
  t.is(tableKey(['dev', 'host']), 'dev.host');
});

test("eachPath() visits every key and element, and not what is the author's own", (t) => {
  const seen: string[] = [];
  eachPath({ a: [{ b: 1 }], vars: { c: { d: 2 } } }, (path) => void seen.push(path.join('.')));
  t.deepEqual(seen, ['a', 'a.0', 'a.0.b', 'vars']);
});
