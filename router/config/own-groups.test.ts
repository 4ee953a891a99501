import test from 'ava';
import { checkDocument } from './check.ts';
import { type Problem, parseDocument } from './document.ts';
import { POOL } from './own-groups.ts';

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

test('POOL has defaults within their ranges', (t) => {
  for (const [name, range] of Object.entries(POOL)) {
    if ('default' in range) t.true(range.default >= range.min && range.default <= range.max, name);
  }
  t.true(POOL.max.default >= POOL.min.max);
});
