import test from 'ava';
import { suggest } from './unknown-keys.ts';

const KNOWN = ['triggers', 'limits', 'routes', 'route', 'vars', 'cpu_ms', 'wall_ms', 'compatibility_date', 'pool'];

for (const [word, meant] of [
  ['triggerz', 'triggers'],
  ['trigger', 'triggers'],
  ['limit', 'limits'],
  ['lmiits', 'limits'],
  ['Routes', 'routes'],
  ['cpuMs', 'cpu_ms'],
  ['cpu-ms', 'cpu_ms'],
  ['wallms', 'wall_ms'],
  ['cpu', 'cpu_ms'],
  ['compatibilityDate', 'compatibility_date'],
  ['compat', 'compatibility_date'],
  ['vras', 'vars'],
  ['var', 'vars'],
] as const) {
  test(`suggest() takes ${word} for ${meant}`, (t) => t.is(suggest(word, KNOWN), meant));
}

for (const word of ['', 'x', 'durable_objects', 'zzzz', 'constructor', 'co', '__proto__']) {
  test(`suggest() has nothing for "${word}"`, (t) => t.is(suggest(word, KNOWN), undefined));
}

test('suggest() prefers the nearest', (t) => {
  t.is(suggest('routs', ['route', 'routes', 'roots']), 'route');
  t.is(suggest('routess', ['route', 'routes']), 'routes');
});

test('suggest() counts a swap of neighbours as one edit', (t) => {
  t.is(suggest('opol', ['pool']), 'pool');
  t.is(suggest('loop', ['pool']), undefined);
});

test('suggest() is quick with a key of a megabyte', (t) => {
  t.is(suggest('x'.repeat(1_000_000), KNOWN), undefined);
});
