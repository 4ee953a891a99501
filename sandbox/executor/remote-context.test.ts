import test from 'ava';
import type { Executor, SliceReply } from './executor.ts';
import { SLICE } from './frames.ts';
import { RemoteContext } from './remote-context.ts';

/** An executor that only remembers what it was told. */
function fakeExecutor() {
  const told: string[] = [];
  const executor = {
    state: 'ready',
    outstanding: 0,
    runs: 0,
    enter: () => told.push('enter'),
    settle: () => told.push('settle'),
    abort: () => told.push('abort'),
    drop: () => told.push('drop'),
  };
  return { executor: executor as unknown as Executor, told };
}

const reply = (kind: SliceReply['kind']): SliceReply => ({
  kind,
  cpuUs: 1,
  wallUs: 1,
  forkUs: 0,
  text: '{}',
  bytes: undefined,
});

const TEMPLATE = { id: 1, isolation: 'request' } as const;

function open() {
  const { executor, told } = fakeExecutor();
  const closed: number[] = [];
  const context = new RemoteContext(executor, TEMPLATE, 4, (id) => closed.push(id));
  return { context, executor, told, closed };
}

test('RemoteContext counts its weight from the moment it is taken until its slice is back', async (t) => {
  const { context, executor, closed } = open();
  t.is(executor.outstanding, 4);
  const slice = context.enter('{}', undefined, 100);
  context.reply!(reply(SLICE.waiting));
  t.is((await slice).kind, SLICE.waiting);
  t.is(executor.outstanding, 0);
  const next = context.settle('{}', undefined, 100);
  t.is(executor.outstanding, 4);
  context.reply!(reply(SLICE.done));
  await next;
  t.is(executor.outstanding, 0);
  t.deepEqual(closed, [context.id], 'closed once, by its last slice');
  t.true(context.closed);
});

test('RemoteContext.drop() of one that was never entered tells nobody and frees its weight', async (t) => {
  const { context, executor, told, closed } = open();
  await context.drop();
  t.deepEqual(told, []);
  t.is(executor.outstanding, 0);
  t.deepEqual(closed, [context.id]);
});

test('RemoteContext.drop() resolves when the executor says that it is gone', async (t) => {
  const { context, told, closed } = open();
  const slice = context.enter('{}', undefined, 100);
  context.reply!(reply(SLICE.waiting));
  await slice;
  let isGone = false;
  const dropped = context.drop().then(() => {
    isGone = true;
  });
  await Promise.resolve();
  t.false(isGone);
  t.deepEqual(told, ['enter', 'drop']);
  context.gone!('');
  await dropped;
  t.deepEqual(closed, [context.id]);
  await context.drop();
  t.deepEqual(told, ['enter', 'drop'], 'a second time is nothing');
});

test('RemoteContext.settle() after the executor died answers died, without a culprit', async (t) => {
  const { context, closed } = open();
  const slice = context.enter('{}', undefined, 100);
  context.reply!(reply(SLICE.waiting));
  await slice;
  const lost: string[] = [];
  context.onLost((reason) => lost.push(reason));
  context.lost!('outside');
  t.deepEqual(lost, ['outside']);
  const late = await context.settle('{}', undefined, 100);
  t.is(late.kind, 'died');
  t.false(late.culprit);
  t.deepEqual(closed, [context.id]);
});

test('RemoteContext ids differ', (t) => {
  t.not(open().context.id, open().context.id);
});
