import test from 'ava';
import { LoadRatio, sliceTimeoutMs } from './load-ratio.ts';

test('LoadRatio begins at 1 and never falls below', (t) => {
  const load = new LoadRatio();
  t.is(load.value, 1);
  for (let i = 0; i < 100; i++) load.add(10_000, 20_000);
  t.is(load.value, 1);
});

test('LoadRatio rises fast and falls slowly', (t) => {
  const load = new LoadRatio();
  load.add(40_000, 10_000);
  t.is(load.value, 2.5);
  load.add(40_000, 10_000);
  t.is(load.value, 3.25);
  load.add(10_000, 10_000);
  t.true(load.value > 2.5 && load.value < 3.25);
  for (let i = 0; i < 100; i++) load.add(10_000, 10_000);
  t.true(load.value < 1.05);
});

test('LoadRatio joins stretches that are too short to say anything', (t) => {
  const load = new LoadRatio();
  load.add(5_000, 0);
  t.is(load.value, 1);
  load.add(5_000, 5_000);
  t.is(load.value, 1.5);
});

test('LoadRatio takes a stretch without any CPU time', (t) => {
  const load = new LoadRatio();
  load.add(10_000, 0);
  t.true(Number.isFinite(load.value));
});

test('sliceTimeoutMs() scales what is left of cpu_ms to the load, within bounds', (t) => {
  t.is(sliceTimeoutMs(50, 30_000, 1), 75);
  t.is(sliceTimeoutMs(50, 30_000, 0.5), 60);
  t.is(sliceTimeoutMs(50, 30_000, 3), 225);
  t.is(sliceTimeoutMs(50, 30_000, 1_000), 400);
});

test('sliceTimeoutMs() never gives more than is left of wall_ms', (t) => {
  t.is(sliceTimeoutMs(50, 20, 5), 20);
  t.is(sliceTimeoutMs(300_000, 900_000, 8), 900_000);
});

test('sliceTimeoutMs() is an integer of at least 1, whatever comes in', (t) => {
  for (const [cpu, wall, ratio] of [
    [0, 0, 1],
    [-5, 10, 1],
    [0.001, 30_000, 1],
    [50, -1, 1],
    [49.3, 17.2, 1.7],
    [1, 0.2, 8],
  ] as const) {
    const timeout = sliceTimeoutMs(cpu, wall, ratio);
    t.true(Number.isInteger(timeout) && timeout >= 1, `${cpu} ${wall} ${ratio}: ${timeout}`);
  }
  t.throws(() => sliceTimeoutMs(Number.NaN, 1, 1), { instanceOf: RangeError });
  t.throws(() => sliceTimeoutMs(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1), { instanceOf: RangeError });
});
