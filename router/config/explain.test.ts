import test from 'ava';
import { type Explained, formatExplained } from './explain.ts';
import { type ResolveOptions, resolveProgramConfig } from './resolve.ts';

const TEXT = `{
  "name": "a",
  "limits": { "cpu_ms": 10 },
  "vars": { "A": 1, "B": "x" },
  "alias": { "x": "y" },
  "env": {
    "staging": {
      "limits": { "wall_ms": 100 },
      "route": "a.b/*"
    }
  }
}`;

function origins(options: Partial<ResolveOptions> = {}): Record<string, string> {
  const { explain } = resolveProgramConfig(TEXT, { file: 'w.json', ...options });
  return Object.fromEntries(explain.map(({ key, origin }) => [key, origin]));
}

test('explain gives the line of what the file says and "default" for the rest', (t) => {
  t.like(origins(), {
    name: 'line 2',
    'limits.cpu_ms': 'line 3',
    'limits.wall_ms': 'default',
    'vars.A': 'line 4',
    'vars.B': 'line 4',
    alias: 'line 5',
    isolation: 'default',
    routes: 'default',
    compatibility_date: 'not set',
    'pool.concurrency': 'default: half of the permits',
  });
});

test('explain marks what an environment gives, and what it does not inherit', (t) => {
  t.like(origins({ env: 'staging' }), {
    name: 'line 2, for env.staging',
    'limits.cpu_ms': 'default (line 3 is not inherited by env.staging)',
    'limits.wall_ms': 'env.staging, line 8',
    routes: 'env.staging, line 9',
    vars: 'default (line 4 is not inherited by env.staging)',
    alias: 'line 5',
  });
});

test('explain marks what the caller gives', (t) => {
  t.is(origins({ given: { name: 'b' } })['name'], 'given');
});

test('explain lists every value that a program is built and run with', (t) => {
  const { explain, config } = resolveProgramConfig(TEXT, { file: 'w.json' });
  const keys = explain.map(({ key }) => key);
  t.is(new Set(keys).size, keys.length);
  for (const group of ['limits', 'pool', 'snapshot'] as const) {
    t.is(keys.filter((key) => key.startsWith(`${group}.`)).length, Object.keys(config[group]).length, group);
  }
  const values = Object.fromEntries(explain.map(({ key, value }: Explained) => [key, value]));
  t.like(values, { name: 'a', 'limits.cpu_ms': 10, 'pool.concurrency': null, 'vars.B': 'x', keep_names: true });
});

test('formatExplained() writes three columns', (t) => {
  const rows = [
    { key: 'a', value: 1, origin: 'default' },
    { key: 'longer.key', value: 'text', origin: 'line 2' },
  ];
  t.is(formatExplained(rows), 'a           1       default\nlonger.key  "text"  line 2');
  t.is(formatExplained([]), '');
});
