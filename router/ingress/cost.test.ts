import test from 'ava';
import type { Finished } from '#sandbox';
import { costHeaders } from './cost.ts';

const finished: Finished = {
  outcome: 'ok',
  code: undefined,
  thrown: undefined,
  cpuUs: 2_345,
  forkUs: 678,
  queuedMs: 1.239,
  wallMs: 0,
  opsMs: 20,
  slices: 3,
  ops: 2,
};

test('costHeaders() gives names and values in turn: times in ms, counts as they are', (t) => {
  t.deepEqual(costHeaders(finished), [
    'server-timing',
    'queue;dur=1.24, fork;dur=0.68, cpu;dur=2.35, ops;dur=20.00',
    'x-tine-cost',
    'cpu=2.35ms wait=1.24ms slices=3 ops=2',
  ]);
});

test('costHeaders() says the wall time when the run is over', (t) => {
  t.is(costHeaders({ ...finished, wallMs: 31.5 })[3], 'cpu=2.35ms wait=1.24ms wall=31.50ms slices=3 ops=2');
});

test('costHeaders() tells nothing of the guest: not its error, not its outcome', (t) => {
  const thrown = { name: 'canary', message: 'canary', stack: 'canary' };
  t.notRegex(costHeaders({ ...finished, outcome: 'threw', code: 'threw', thrown }).join(), /canary|threw/);
});

test('costHeaders() are headers that can be sent, also for a run that has done nothing', (t) => {
  const nothing = { ...finished, cpuUs: 0, forkUs: 0, queuedMs: 0, opsMs: 0, slices: 0, ops: 0 };
  const [name, value, other, cost] = costHeaders(nothing);
  t.notThrows(
    () =>
      new Headers([
        [name!, value!],
        [other!, cost!],
      ]),
  );
  t.is(cost, 'cpu=0.00ms wait=0.00ms slices=0 ops=0');
});
