import test from 'ava';
import { Quarantine } from './quarantine.ts';

/** A quarantine whose clock is moved by hand. */
function start() {
  let now = 1_000_000;
  const quarantine = new Quarantine(() => now);
  const die = (program: string, times: number) => {
    let aside = 0;
    for (let i = 0; i < times; i++) aside = quarantine.add(program);
    return aside;
  };
  return { quarantine, die, pass: (ms: number) => (now += ms) };
}

test('Quarantine.add() puts a program aside at the tenth death within 10 s, for 2 s', (t) => {
  const { quarantine, die, pass } = start();
  t.is(die('a', 9), 0);
  t.false(quarantine.has('a'));
  t.is(die('a', 1), 2_000);
  t.true(quarantine.has('a'));
  t.false(quarantine.has('b'));
  pass(1_999);
  t.true(quarantine.has('a'));
  pass(1);
  t.false(quarantine.has('a'));
});

test('Quarantine.add() forgets deaths that are older than 10 s', (t) => {
  const { die, pass } = start();
  for (let i = 0; i < 30; i++) {
    t.is(die('a', 1), 0);
    pass(1_200);
  }
});

test('Quarantine.add() puts aside twice as long each time, up to a minute', (t) => {
  const { die, pass } = start();
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    times.push(die('a', 10));
    pass(times.at(-1)!);
  }
  t.deepEqual(times, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('Quarantine.has() begins anew after a minute without a death', (t) => {
  const { quarantine, die, pass } = start();
  die('a', 10);
  pass(2_000 + 60_000);
  t.false(quarantine.has('a'));
  t.is(die('a', 10), 4_000);
  pass(4_000 + 60_001);
  t.false(quarantine.has('a'));
  t.is(die('a', 10), 2_000);
});

test('Quarantine.forget() gives a program a new chance at once', (t) => {
  const { quarantine, die } = start();
  die('a', 10);
  quarantine.forget('a');
  t.false(quarantine.has('a'));
  t.is(die('a', 9), 0);
  t.is(die('a', 1), 2_000);
});

test('Quarantine counts each program by itself', (t) => {
  const { quarantine, die } = start();
  t.is(die('a', 9), 0);
  t.is(die('b', 9), 0);
  t.is(die('b', 1), 2_000);
  t.false(quarantine.has('a'));
});
