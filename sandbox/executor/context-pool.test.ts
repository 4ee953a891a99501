import test, { type ExecutionContext } from 'ava';
import type { Template } from '../template/template.ts';
import { program, templateOf } from '../test-program.ts';
import { ContextPool, type PoolOptions } from './context-pool.ts';

const template = await templateOf(program('return new Response("x")'));

interface Pool {
  pool: ContextPool;
  lost: number[];
}

function start(t: ExecutionContext, options: Partial<PoolOptions> = {}, of: Template = template): Pool {
  const lost: number[] = [];
  const pool = new ContextPool(of, { isolation: 'request', min: 0, onLost: (run) => lost.push(run), ...options });
  t.teardown(() => pool.dispose());
  return { pool, lost };
}

/** A template of which one isolate takes only so many contexts. */
function roomFor(contexts: number): Template {
  const contextBytes = (template.memoryMb * 1_000_000 * 0.5) / contexts;
  return { ...template, figures: { ...template.figures, contextBytes } };
}

test('ContextPool.take() gives each run a context of its own, which is released after it', (t) => {
  const { pool } = start(t);
  const [a, b] = [pool.take(1), pool.take(2)];
  t.not(a, b);
  t.is(pool.live, 2);
  pool.giveBack(a, 1, 'fine');
  t.is(pool.live, 1);
  pool.giveBack(b, 2, 'tainted');
  t.is(pool.live, 0);
  t.is(pool.isolates, 1);
});

test('ContextPool.refill() makes contexts ahead, one at a time, up to min', (t) => {
  const { pool } = start(t, { min: 2 });
  t.false(pool.ready);
  t.deepEqual([pool.refill(), pool.refill(), pool.refill()], [true, true, false]);
  t.is(pool.warm, 2);
  t.true(pool.ready);
  pool.take(1);
  t.is(pool.warm, 1);
  t.true(pool.refill());
  t.is(pool.live, 3);
});

test('ContextPool opens another isolate when one is full, and closes those that are empty', (t) => {
  const { pool } = start(t, {}, roomFor(2));
  const taken = [1, 2, 3, 4, 5].map((run) => ({ run, context: pool.take(run) }));
  t.is(pool.isolates, 3);
  for (const { run, context } of taken) pool.giveBack(context, run, 'fine');
  t.is(pool.live, 0);
  t.is(pool.isolates, 1);
});

test('ContextPool.giveBack() lost: the isolate goes with all its contexts, and every other run in it is told', (t) => {
  const { pool, lost } = start(t, { min: 1 }, roomFor(3));
  const [a, b] = [pool.take(1), pool.take(2)];
  pool.refill();
  const other = pool.take(4);
  const elsewhere = pool.take(5);
  t.is(pool.isolates, 2);
  t.not(elsewhere.isolate, a.isolate);
  pool.giveBack(a, 1, 'lost');
  t.deepEqual(lost.sort(), [2, 4]);
  t.true(a.isolate.isolate.isDisposed);
  t.is(pool.isolates, 1);
  t.is(pool.live, 1);
  pool.giveBack(b, 2, 'tainted');
  pool.giveBack(other, 4, 'fine');
  t.is(pool.live, 1);
  pool.giveBack(elsewhere, 5, 'fine');
  t.is(pool.live, 0);
});

test('ContextPool.giveBack() lost: warm contexts of that isolate are not handed out', (t) => {
  const { pool } = start(t, { min: 3 });
  const context = pool.take(1);
  while (pool.refill());
  t.is(pool.warm, 3);
  pool.giveBack(context, 1, 'lost');
  t.is(pool.warm, 0);
  t.is(pool.live, 0);
  t.false(pool.take(2).isolate.isolate.isDisposed);
});

test('ContextPool.take() a fork that fails loses its isolate, tells the runs in it, and tries a new one', (t) => {
  const { pool, lost } = start(t);
  const first = pool.take(1);
  first.isolate.isolate.dispose();
  const second = pool.take(2);
  t.not(second.isolate, first.isolate);
  t.deepEqual(lost, [1]);
  t.is(pool.isolates, 1);
  pool.giveBack(first, 1, 'fine');
  t.is(pool.live, 1);
});

test('ContextPool.take() throws when no context can be made, and keeps no isolate', (t) => {
  const { pool, lost } = start(t, {}, { ...template, hostName: 'tine_unknown' });
  for (let i = 0; i < 5; i++) t.throws(() => pool.take(i));
  t.is(pool.isolates, 0);
  t.deepEqual(lost, []);
});

test('ContextPool isolation program: one context takes many runs, at the same time too', (t) => {
  const { pool } = start(t, { isolation: 'program', min: 1 });
  t.true(pool.refill());
  t.false(pool.refill());
  t.true(pool.ready);
  const [a, b] = [pool.take(1), pool.take(2)];
  t.is(a, b);
  pool.giveBack(a, 1, 'fine');
  pool.giveBack(b, 2, 'fine');
  t.is(pool.take(3), a);
  t.is(a.entered, 3);
  t.is(pool.live, 1);
});

test('ContextPool isolation program: a tainted context takes no more runs, and goes with its last one', (t) => {
  const { pool } = start(t, { isolation: 'program' });
  const context = pool.take(1);
  t.is(pool.take(2), context);
  pool.giveBack(context, 1, 'tainted');
  t.false(pool.ready);
  const next = pool.take(3);
  t.not(next, context);
  t.is(pool.live, 2);
  pool.giveBack(context, 2, 'fine');
  t.is(pool.live, 1);
  t.is(pool.take(4), next);
});

test('ContextPool isolation program: a context is replaced after 100,000 runs', (t) => {
  const { pool } = start(t, { isolation: 'program' });
  const first = pool.take(0);
  first.entered = 99_999;
  pool.giveBack(first, 0, 'fine');
  t.is(pool.take(1), first);
  pool.giveBack(first, 1, 'fine');
  t.not(pool.take(2), first);
  t.is(pool.live, 1);
});

test('ContextPool isolation program: a lost isolate takes the kept context with it', (t) => {
  const { pool, lost } = start(t, { isolation: 'program' });
  const context = pool.take(1);
  pool.take(2);
  pool.giveBack(context, 1, 'lost');
  t.deepEqual(lost, [2]);
  t.false(pool.ready);
  t.not(pool.take(3), context);
});

test('ContextPool.forkMsMax covers a second try', (t) => {
  t.is(start(t).pool.forkMsMax, 4_000);
});

test('ContextPool.dispose() leaves nothing', (t) => {
  const { pool } = start(t, { min: 2 });
  const context = pool.take(1);
  pool.refill();
  pool.dispose();
  t.is(pool.live + pool.warm + pool.isolates, 0);
  t.true(context.isolate.isolate.isDisposed);
  t.notThrows(() => pool.giveBack(context, 1, 'fine'));
});
