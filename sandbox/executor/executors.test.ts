// Sets of real executors.
import test, { type ExecutionContext } from 'ava';
import type { TineError } from '../errors.ts';
import { served, startExecutors } from '../test-executors.ts';
import { headOf } from '../test-program.ts';
import { probeLayer2 } from './confine.ts';
import type { ExecutorsOptions, Runnable } from './executors.ts';
import { SLICE } from './frames.ts';
import type { RemoteContext } from './remote-context.ts';

function start(t: ExecutionContext, options: Partial<ExecutorsOptions> = {}) {
  const set = startExecutors(options);
  t.teardown(() => set.executors.end());
  const take = async (runnable: Runnable, signal = new AbortController().signal) =>
    set.executors.take(runnable, { signal });
  return { ...set, take };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const enter = (context: RemoteContext) => context.enter(headOf(), undefined, 30_000);
const OK = (await served('return new Response("x")')).runnable;
const WAITING = (
  await served('await new Promise((r) => setTimeout(r, 60_000)); return new Response("x")', { name: 'test' })
).runnable;

const again = (runnable: Runnable, more: Partial<Runnable> = {}): Runnable => ({
  ...runnable,
  id: runnable.id + 10_000,
  ...more,
});

test.serial('Executors.take() waits until an executor is ready, loads the template once, and runs', async (t) => {
  let fetched = 0;
  const { take, executors } = start(t);
  const template = () => {
    fetched += 1;
    return OK.template();
  };
  const runnable = again(OK, { template });
  for (let i = 0; i < 3; i++) t.is((await enter(await take(runnable))).kind, SLICE.done);
  t.is(fetched, 1);
  t.is(executors.waiting, 0);
  t.is(
    [...executors.all].reduce((sum, { outstanding }) => sum + outstanding, 0),
    0,
  );
});

test.serial('Executors.take() spreads requests over the executors, and bounds what it hands to one', async (t) => {
  const { take, executors } = start(t, { executors: 2 });
  executors.prepare(WAITING.namespace);
  await until(() => [...executors.all].filter(({ state }) => state === 'ready').length === 3);
  const first = await take(WAITING);
  const second = await take(WAITING);
  t.not(first.executor.pid, second.executor.pid);
  const more = Array.from({ length: 30 }, () => take(WAITING));
  for (let i = 0; i < 50; i++) await turn();
  for (const { outstanding } of executors.all) t.true(outstanding <= 16, `${outstanding}`);
  t.is(executors.waiting, 30 + 2 - 16);
  await first.drop();
  await second.drop();
  executors.end();
  const rest = await Promise.allSettled(more);
  t.is(rest.filter(({ status }) => status === 'rejected').length, 16);
});

test.serial('Executors.take() keeps quick requests of a kept context together, and spreads slow ones', async (t) => {
  const { take, executors } = start(t, { executors: 2 });
  executors.prepare(OK.namespace);
  await until(() => [...executors.all].filter(({ state }) => state === 'ready').length === 3);
  const pidsOf = async (sliceUs: number) => {
    const kept = again(OK, { id: OK.id + 20_000 + sliceUs, isolation: 'program', pace: { sliceUs } });
    const taken = await Promise.all(Array.from({ length: 8 }, () => take(kept)));
    await Promise.all(taken.map((context) => context.drop()));
    return new Set(taken.map(({ executor }) => executor.pid)).size;
  };
  t.is(await pidsOf(20), 1);
  t.is(await pidsOf(2_000), 2);
});

test.serial(
  'Executors.take() a burst while the template is fetched is spread and bounded like any other',
  async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { take, executors } = start(t, { executors: 2 });
    await (await take(OK)).drop();
    const slow = again(OK, { template: () => promise.then(() => OK.template()) });
    const all = Array.from({ length: 30 }, () => take(slow));
    resolve();
    await until(() => executors.waiting > 0);
    for (const { outstanding } of executors.all) t.true(outstanding <= 16, `${outstanding}`);
    const replies = all.map(async (taken) => enter(await taken));
    t.true((await Promise.all(replies)).every(({ kind }) => kind === SLICE.done));
  },
);

test.serial('Executors.take() gives a program no more contexts per executor than pool.max', async (t) => {
  const { take, executors } = start(t);
  const runnable = again(WAITING, { contextsMax: 2 });
  const open = [await take(runnable), await take(runnable)];
  for (const context of open) t.is((await enter(context)).kind, SLICE.waiting);
  const third = take(runnable);
  t.is((await enter(await take(OK))).kind, SLICE.done, 'another program passes those that wait');
  t.is(executors.waiting, 1);
  await open[0]!.drop();
  // a frame comes in, and the next one is looked for
  const context = await third;
  t.is(executors.waiting, 0);
  await context.drop();
  await open[1]!.drop();
});

test.serial('Executors.take() leaves the queue when its signal is aborted, before or while it waits', async (t) => {
  const { take, executors } = start(t);
  const ending = new AbortController();
  const waiting = take(OK, ending.signal);
  t.is(executors.waiting, 1);
  ending.abort();
  t.is(((await t.throwsAsync(waiting)) as TineError).code, 'cancelled');
  t.is(((await t.throwsAsync(take(OK, ending.signal))) as TineError).code, 'cancelled');
  t.is(executors.waiting, 0);
  t.is((await enter(await take(OK))).kind, SLICE.done);
});

test.serial('Executors.take() rejects with what the template rejects with, and the next one may work', async (t) => {
  const { take } = start(t);
  let fails = true;
  const runnable = again(OK, {
    template: async () => (fails ? Promise.reject(new Error('no template')) : OK.template()),
  });
  await t.throwsAsync(take(runnable), { message: 'no template' });
  fails = false;
  t.is((await enter(await take(runnable))).kind, SLICE.done);
});

test.serial('Executors: who waits while all executors die is served by the next ones', async (t) => {
  const { take, executors, ended } = start(t);
  await (await take(OK)).drop();
  const busy = await Promise.all(Array.from({ length: 8 }, () => take(WAITING)));
  const waiting = take(OK);
  t.is(executors.waiting, 1);
  process.kill(busy[0]!.executor.pid, 'SIGKILL');
  t.is((await enter(await waiting)).kind, SLICE.done);
  t.deepEqual(
    ended.map(({ reason }) => reason),
    ['outside'],
  );
  t.is((await enter(busy[1]!)).kind, 'died');
});

test.serial(
  'Executors: the spare takes the place of an executor that dies, and another spare is started',
  async (t) => {
    const { take, executors, started } = start(t);
    const first = await take(OK);
    await first.drop();
    await until(() => [...executors.all].filter(({ state }) => state === 'ready').length === 2);
    const spare = [...executors.all].find(({ pid }) => pid !== first.executor.pid)!;
    process.kill(first.executor.pid, 'SIGKILL');
    await until(() => first.executor.state === 'ended');
    const next = await take(OK);
    t.is(next.executor.pid, spare.pid);
    await next.drop();
    t.is(started.length, 3);
  },
);

test.serial('Executors: a spare that was killed is replaced', async (t) => {
  const { take, executors, started } = start(t);
  const context = await take(OK);
  await context.drop();
  await until(() => [...executors.all].filter(({ state }) => state === 'ready').length === 2);
  process.kill([...executors.all].find(({ pid }) => pid !== context.executor.pid)!.pid, 'SIGKILL');
  await until(() => started.length === 3);
  await until(() => [...executors.all].filter(({ state }) => state === 'ready').length === 2);
  t.is(executors.all.size, 2);
});

test.serial('Executors: executors that die at their start are not started in a loop', async (t) => {
  const { ended, started, executors } = start(t, {
    confine: {
      layer2: { namespaces: false, rlimits: false, parentDeath: false, missing: [] },
      entry: '/nowhere/main.ts',
    },
  });
  executors.prepare('a');
  await until(() => ended.length >= 4);
  const since = performance.now();
  await until(() => ended.length >= 6);
  t.true(performance.now() - since > 90, 'there is a pause between attempts');
  t.true(started.length - ended.length <= 2);
});

test.serial('Executors: programs of different trust groups never share an executor', async (t) => {
  const { take } = start(t);
  const [a, b] = [again(WAITING, { namespace: 'a' }), again(OK, { namespace: 'b' })];
  const [one, two] = [await take(a), await take(b)];
  t.not(one.executor.pid, two.executor.pid);
  await one.drop();
  await two.drop();
  const [three, four] = [await take(b), await take(a)];
  t.deepEqual([three.executor.pid, four.executor.pid], [two.executor.pid, one.executor.pid]);
  await three.drop();
  await four.drop();
});

test.serial('Executors: an executor has room for a further trust group when an idle one ends', async (t) => {
  const { take, ended, executors } = start(t, { executorsMax: 1 });
  const one = await take(again(OK, { namespace: 'a' }));
  await one.drop();
  const two = await take(again(OK, { namespace: 'b' }));
  t.not(one.executor.pid, two.executor.pid);
  await until(() => ended.length > 0);
  t.deepEqual(
    ended.map(({ pid, reason }) => [pid, reason]),
    [[one.executor.pid, 'retired']],
  );
  t.is((await enter(two)).kind, SLICE.done);
  t.true(executors.all.size <= 2);
});

test.serial(
  'Executors.retire() unloads a version when its last context is gone, also when it is loaded late',
  async (t) => {
    const { take, executors } = start(t);
    const runnable = again(WAITING);
    const context = await take(runnable);
    t.is((await enter(context)).kind, SLICE.waiting);
    executors.retire(runnable);
    t.true(context.executor.has(runnable.id));
    await context.drop();
    t.false(context.executor.has(runnable.id));
    const late = await take(runnable);
    t.true(late.executor.has(runnable.id));
    await late.drop();
    t.false(late.executor.has(runnable.id));
  },
);

test.serial('Executors.retire() while the template is fetched leaves nothing loaded', async (t) => {
  const { take, executors } = start(t);
  await (await take(OK)).drop();
  const { promise, resolve } = Promise.withResolvers<void>();
  const runnable = again(OK, { template: () => promise.then(() => OK.template()) });
  const taking = take(runnable);
  executors.retire(runnable);
  resolve();
  const context = await taking;
  t.is((await enter(context)).kind, SLICE.done);
  t.false(context.executor.has(runnable.id));
});

test.serial(
  'Executors.take() of a template that cannot be loaded ends as lost, and is told to the observer',
  async (t) => {
    const { take, failed } = start(t);
    const runnable = again(OK, { template: async () => Buffer.from('ff000000', 'hex') });
    t.is((await enter(await take(runnable))).kind, SLICE.lost);
    t.regex(failed[0] ?? '', /^test: Cannot load template/);
  },
);

test.serial('RemoteContext: a context that was taken and never entered is left at once', async (t) => {
  const { take } = start(t);
  for (const leave of ['drop', 'abort'] as const) {
    const context = await take(OK);
    t.is(context.executor.outstanding, 2);
    await context[leave]();
    t.true(context.closed);
    await context[leave]();
    t.is(context.executor.outstanding, 0);
  }
});

test.serial("RemoteContext.enter() in an executor that has ended is answered as died, by nobody's fault", async (t) => {
  const { take } = start(t);
  const context = await take(OK);
  process.kill(context.executor.pid, 'SIGKILL');
  await until(() => context.executor.state === 'ended');
  const reply = await enter(context);
  t.deepEqual([reply.kind, reply.reason, reply.culprit], ['died', 'outside', false]);
  t.true(context.closed);
});

test.serial(
  'RemoteContext.onLost() tells of an executor that dies between two slices, late listeners too',
  async (t) => {
    const { take } = start(t);
    const context = await take(WAITING);
    await enter(context);
    process.kill(context.executor.pid, 'SIGKILL');
    const early = await new Promise((resolve) => context.onLost(resolve));
    t.is(early, 'outside');
    t.is(await new Promise((resolve) => context.onLost(resolve)), 'outside');
    t.is((await context.settle('{}', undefined, 1)).kind, 'died');
    t.is(await context.abort(), '');
  },
);

test.serial('Executors.end() ends all processes, and whoever waits', async (t) => {
  const { executors, ended, started, take } = start(t);
  const waiting = take(OK);
  executors.end();
  t.is(((await t.throwsAsync(waiting)) as TineError).code, 'draining');
  await until(() => ended.length === started.length);
  t.is(executors.all.size, 0);
  t.is(((await t.throwsAsync(take(OK))) as TineError).code, 'draining');
});

test.serial('Executors run under whatever layer 2 this machine has', async (t) => {
  const layer2 = probeLayer2();
  t.log(layer2.missing.length === 0 ? 'all of it' : layer2.missing);
  const { take } = start(t, { confine: { layer2, entry: new URL('main.ts', import.meta.url).pathname } });
  t.is((await enter(await take(OK))).kind, SLICE.done);
});
