import test from 'ava';
import { type Figure, round, table, verdict } from './figures.ts';
import { parseWrk } from './generator.ts';
import { median, percentile } from './statistics.ts';

const figure = (value: number, target?: Figure['target']): Figure => ({
  name: 'x',
  value,
  unit: 'ms',
  ...(target && { target }),
});

test('verdict() holds a figure against its bound from the right side, and says nothing without one', (t) => {
  t.is(verdict(figure(4, { bound: 'at most', value: 4 })), 'ok');
  t.is(verdict(figure(4.1, { bound: 'at most', value: 4 })), 'miss');
  t.is(verdict(figure(4, { bound: 'at least', value: 4 })), 'ok');
  t.is(verdict(figure(3.9, { bound: 'at least', value: 4 })), 'miss');
  t.is(verdict(figure(Number.NaN, { bound: 'at most', value: 4 })), 'miss');
  t.is(verdict(figure(1)), '');
});

test('table() has a line for each figure, with target and verdict in columns', (t) => {
  const lines = table([figure(1.2345), figure(12_345, { bound: 'at least', value: 100 })]).split('\n');
  t.is(lines.length, 3);
  t.is(lines[1], 'x       1.23 ms');
  t.regex(lines[2]!, /^x {7}12,345 ms {2}at least 100 {2}ok$/);
  t.is(round(0.0012345), '0.00123');
});

test('percentile() takes a value that is there, and NaN of nothing', (t) => {
  const values = [5, 1, 4, 2, 3];
  t.is(median(values), 3);
  t.is(percentile(values, 0.99), 5);
  t.is(percentile(values, 0), 1);
  t.deepEqual(values, [5, 1, 4, 2, 3], 'it leaves its argument as it was');
  t.true(Number.isNaN(median([])));
});

const WRK = `Running 2s test @ http://127.0.0.1:1/
  1 threads and 16 connections
  Latency Distribution
     50%  512.00us
     75%    0.80ms
     99%    1.50s
  9990 requests in 2.00s, 1.00MB read
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 7
Requests/sec:   4995.25
Transfer/sec:    512.00KB
`;

test('parseWrk() reads its units, and counts every kind of failure', (t) => {
  t.deepEqual(parseWrk(WRK), { perSecond: 4995.25, p50Ms: 0.512, p99Ms: 1500, failures: 13 });
});
