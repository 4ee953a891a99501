import { getEventListeners } from 'node:events';
import { mock } from 'node:test';
import test from 'ava';
import type { OwnOp } from './op.ts';
import { makeRun } from './test-run.ts';
import { timer } from './timer.ts';

const NO_BYTES = new Uint8Array();

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.afterEach.always(() => mock.timers.reset());

function start(ms: number) {
  const cancel = new AbortController();
  const own: OwnOp = { id: 1, signal: cancel.signal };
  let ended = false;
  const done = timer.perform({ ms }, makeRun(), NO_BYTES, own).then((result) => {
    ended = true;
    return result;
  });
  return { cancel, done, ended: () => Promise.resolve().then(() => ended) };
}

test.serial('timer ends after its time, and not before', async (t) => {
  const { done, ended } = start(50);
  mock.timers.tick(49);
  t.false(await ended());
  mock.timers.tick(1);
  t.deepEqual(await done, { value: null });
});

test.serial('timer takes at least a millisecond', async (t) => {
  const { done, ended } = start(0);
  mock.timers.tick(0);
  t.false(await ended());
  mock.timers.tick(1);
  await done;
});

test.serial('timer of a time beyond what setTimeout takes does not fire at once', async (t) => {
  const { ended } = start(1e300);
  mock.timers.tick(1_000_000);
  t.false(await ended());
});

test.serial('timer that is cancelled never ends', async (t) => {
  const { cancel, ended } = start(10);
  t.is(getEventListeners(cancel.signal, 'abort').length, 1);
  cancel.abort();
  mock.timers.tick(1_000);
  t.false(await ended());
});
