import test from 'ava';
import { growths } from './watch-memory.ts';

/** Samples of the executors' memory, in megabytes. */
function samples(...megabytes: number[]) {
  return megabytes.map((mb) => new Map([['executor' as const, mb * 1e6]]));
}

const executor = (...megabytes: number[]) => growths(samples(...megabytes)).find(({ role }) => role === 'executor')!;

test('growths() compares the second quarter with the last, so that warming up is no growth', (t) => {
  const { earlyBytes, lateBytes, maxBytes, flat } = executor(10, 60, 100, 100, 102, 101, 103, 102);
  t.is(earlyBytes, 100e6);
  t.is(lateBytes, 103e6);
  t.is(maxBytes, 103e6);
  t.true(flat);
});

test('growths() finds a leak, and takes one peak for none', (t) => {
  t.false(executor(100, 120, 140, 160, 180, 200, 220, 240).flat);
  t.true(executor(100, 100, 100, 100, 100, 400, 100, 100, 100, 100, 100, 100).flat);
});

test('growths() of a role that was never seen is nothing, and flat', (t) => {
  t.deepEqual(growths([])[0], { role: 'supervisor', earlyBytes: 0, lateBytes: 0, maxBytes: 0, flat: true });
});
