import test from 'ava';
import { isName, nearestName, snake } from './name.ts';

test('isName() takes labels of 1 to 63 of a-z, 0-9 and "-", not beginning with "-"', (t) => {
  for (const name of ['a', '0', 'a-b', 'a--b', 'a-', 'x'.repeat(63)]) t.true(isName(name), name);
  for (const name of ['', '-a', 'A', 'a_b', 'a.b', 'ä', 'a\n', 'x'.repeat(64)]) t.false(isName(name), name);
});

for (const [text, name] of [
  ['my_app', 'my-app'],
  ['My App!', 'my-app'],
  ['__x__', 'x'],
  ['-a-', 'a'],
  ['x'.repeat(70), 'x'.repeat(63)],
  ['___', undefined],
  ['', undefined],
] as const) {
  test(`nearestName() makes ${name} of "${text}"`, (t) => t.is(nearestName(text), name));
}

test('snake() spells names of the code as the file does', (t) => {
  t.is(snake('cpuMs'), 'cpu_ms');
  t.is(snake('queueTimeoutMs'), 'queue_timeout_ms');
  t.is(snake('timers'), 'timers');
});
