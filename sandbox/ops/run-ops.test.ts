import test, { type ExecutionContext } from 'ava';
import type { OpCall } from '#runtime';
import { ProtocolError } from '../executor/frames.ts';
import { type EndedOp, OpError, type OpResult, type OwnOp } from './op.ts';
import { makePerformers, type Performers, RunOps } from './run-ops.ts';
import { makeRun, type TestRun } from './test-run.ts';
import { serve } from './test-server.ts';

const NO_BYTES = new Uint8Array();
const call = (id: number, op: OpCall['op'] = 'read', more: Partial<OpCall> = {}): OpCall => ({
  id,
  op,
  arg: {},
  ...more,
});

interface Started {
  op: string;
  bytes: number[];
  own: OwnOp;
  resolve(result: OpResult): void;
  reject(error: unknown): void;
}

/** Performers that do nothing until they are told to. */
function stub() {
  const started = new Map<number, Started>();
  const perform =
    (op: string) =>
    (_arg: unknown, _run: unknown, bytes: Uint8Array, own: OwnOp): Promise<OpResult> => {
      const { promise, resolve, reject } = Promise.withResolvers<OpResult>();
      started.set(own.id, { op, bytes: [...bytes], own, resolve, reject });
      return promise;
    };
  const performers = Object.fromEntries(
    ['timer', 'fetch', 'read', 'discard', 'write', 'send'].map((op) => [op, perform(op)]),
  ) as unknown as Performers;
  const end = (id: number, result: OpResult = { value: id }) => started.get(id)?.resolve(result);
  return { performers, started, end, fail: (id: number, error: unknown) => started.get(id)?.reject(error) };
}

function setUp(t: ExecutionContext, options: Parameters<typeof makeRun>[0] = {}) {
  const run: TestRun = makeRun(options);
  const fake = stub();
  const ops = new RunOps(run, fake.performers);
  t.teardown(() => ops[Symbol.dispose]());
  return { run, ops, ...fake };
}

const turn = () => new Promise(setImmediate);
const idOf = async (ended: Promise<EndedOp>) => (await ended).id;

test('RunOps.next() hands over ended ops one at a time, in the order of their ends', async (t) => {
  const { ops, end } = setUp(t);
  ops.start([call(1), call(2), call(3)], NO_BYTES);
  t.is(ops.pending, 3);
  end(2);
  await turn();
  end(3);
  await turn();
  end(1);
  await turn();
  t.deepEqual([await idOf(ops.next()), await idOf(ops.next())], [2, 3]);
  t.is(ops.pending, 1);
  t.is(await idOf(ops.next()), 1);
  t.is(ops.pending, 0);
});

test('RunOps.next() waits for the op that ends first', async (t) => {
  const { ops, end } = setUp(t);
  ops.start([call(1), call(2)], NO_BYTES);
  const next = ops.next();
  t.is(ops.next(), next);
  end(2, { value: 'x', bytes: Uint8Array.of(1) });
  t.deepEqual(await next, { id: 2, ok: true, value: 'x', bytes: Uint8Array.of(1) });
  t.is(ops.pending, 1);
});

test('RunOps.start() cuts the bytes by op, in their order', (t) => {
  const { ops, started } = setUp(t);
  ops.start(
    [call(1, 'write', { bytes: 2 }), call(2, 'timer'), call(3, 'send', { bytes: 3 })],
    Uint8Array.of(1, 2, 3, 4, 5),
  );
  t.deepEqual(started.get(1)?.bytes, [1, 2]);
  t.deepEqual(started.get(2)?.bytes, []);
  t.deepEqual(started.get(3)?.bytes, [3, 4, 5]);
  for (const length of [1, 3]) {
    t.throws(() => ops.start([call(9, 'write', { bytes: 2 })], new Uint8Array(length)), { instanceOf: ProtocolError });
  }
});

test('RunOps.start() starts ops at once, in their order', (t) => {
  const { ops, started } = setUp(t);
  ops.start([call(3), call(1), call(2)], NO_BYTES);
  t.deepEqual([...started.keys()], [3, 1, 2]);
});

test('RunOps.next() gives the error that a guest may read', async (t) => {
  const { ops, fail } = setUp(t);
  ops.start([call(1)], NO_BYTES);
  fail(1, new OpError('RangeError', 'limit reached: 1 thing'));
  t.deepEqual(await ops.next(), { id: 1, ok: false, error: { name: 'RangeError', message: 'limit reached: 1 thing' } });
});

test('RunOps.next() hides a fault of ours from the guest, and tells the log', async (t) => {
  const { ops, run, fail } = setUp(t);
  ops.start([call(1), call(2)], NO_BYTES);
  fail(1, new Error('/etc/secret is not there'));
  fail(2, 'text');
  for (const id of [1, 2]) {
    const error = { name: 'Error', message: 'read: something went wrong inside tine' };
    t.deepEqual(await ops.next(), { id, ok: false, error });
  }
  t.deepEqual(
    run.warnings.map(({ code }) => code),
    ['internal', 'internal'],
  );
});

test('RunOps ends the op, and not the process, when a performer throws at once', async (t) => {
  const { performers, run } = setUp(t);
  const ops = new RunOps(run, {
    ...performers,
    read: () => {
      throw new OpError('TypeError', 'no');
    },
  });
  ops.start([call(1)], NO_BYTES);
  t.like(await ops.next(), { ok: false, error: { name: 'TypeError' } });
  ops[Symbol.dispose]();
});

test('RunOps.cancel() aborts the op, which is never handed over', async (t) => {
  const { ops, started, end } = setUp(t);
  ops.start([call(1), call(2)], NO_BYTES);
  const { signal } = started.get(1)!.own;
  ops.cancel([1, 77]);
  t.true(signal.aborted);
  t.is(ops.pending, 1);
  end(1);
  await turn();
  end(2);
  t.is(await idOf(ops.next()), 2);
});

test('RunOps.cancel() takes back an op that has ended and was not handed over', async (t) => {
  const { ops, end } = setUp(t);
  ops.start([call(1), call(2)], NO_BYTES);
  end(1);
  end(2);
  await turn();
  ops.cancel([1]);
  t.is(ops.pending, 1);
  t.is(await idOf(ops.next()), 2);
  t.is(ops.pending, 0);
});

test('RunOps.start() leaves out what was cancelled in the same slice, bytes and all', (t) => {
  const { ops, started } = setUp(t);
  ops.start([call(1, 'write', { bytes: 2 }), call(2, 'write', { bytes: 1 })], Uint8Array.of(1, 2, 3), [1]);
  t.deepEqual([...started.keys()], [2]);
  t.deepEqual(started.get(2)?.bytes, [3]);
  t.is(ops.pending, 1);
});

test('RunOps.start() makes room by what is cancelled before it counts: pendingOps', (t) => {
  const { ops, started } = setUp(t, { limits: { pendingOps: 2 } });
  ops.start([call(1), call(2)], NO_BYTES);
  ops.start([call(3), call(4)], NO_BYTES, [1, 2]);
  t.deepEqual([...started.keys()], [1, 2, 3, 4]);
  t.is(ops.pending, 2);
});

test('RunOps asks a run without ops for nothing', (t) => {
  const untouchable = new Proxy({} as TestRun, {
    get: (_, name) => t.fail(`touched ${String(name)}`),
  });
  new RunOps(untouchable, stub().performers)[Symbol.dispose]();
  t.pass();
});

test('RunOps closes the body of a fetch that was cancelled before it was handed over', async (t) => {
  const { ops, run, end } = setUp(t);
  ops.start([call(1, 'fetch'), call(2, 'fetch')], NO_BYTES);
  const [first, second] = [run.body(1, []), run.body(2, [])];
  end(1);
  await turn();
  ops.cancel([1, 2]);
  t.true(first.cancelled);
  t.true(second.cancelled);
  // One that comes later still, from a performer that did not look at its signal.
  const late = run.body(2, []);
  end(2);
  await turn();
  t.true(late.cancelled);
  t.is(run.bodies.size, 0);
});

test('RunOps.start() refuses more ops or timers than the guest may have: pendingOps, timers', async (t) => {
  const { ops, end } = setUp(t, { limits: { pendingOps: 3, timers: 2 } });
  ops.start([call(1), call(2), call(3), call(4, 'timer'), call(5, 'timer')], NO_BYTES);
  t.throws(() => ops.start([call(6)], NO_BYTES), { instanceOf: ProtocolError });
  t.throws(() => ops.start([call(7, 'timer')], NO_BYTES), { instanceOf: ProtocolError });
  // Not handed over yet: the guest cannot know, and still counts it.
  end(1);
  await turn();
  t.throws(() => ops.start([call(8)], NO_BYTES), { instanceOf: ProtocolError });
  await ops.next();
  ops.start([call(9)], NO_BYTES);
  ops.cancel([4]);
  ops.start([call(10, 'timer')], NO_BYTES);
  t.is(ops.pending, 5);
});

test('RunOps.start() refuses an id that is in use', (t) => {
  const { ops, run } = setUp(t);
  ops.start([call(1)], NO_BYTES);
  t.throws(() => ops.start([call(1)], NO_BYTES), { instanceOf: ProtocolError });
  run.body(5, []);
  t.throws(() => ops.start([call(5)], NO_BYTES), { instanceOf: ProtocolError });
});

test('RunOps[Symbol.dispose]() aborts everything, closes the bodies of fetches, and starts nothing more', async (t) => {
  const { ops, run, started, end } = setUp(t);
  const [request, response] = [run.body(0, []), run.body(8, [])];
  ops.start([call(1), call(2)], NO_BYTES);
  const { signal } = started.get(1)!.own;
  end(2);
  await turn();
  ops[Symbol.dispose]();
  ops[Symbol.dispose]();
  t.true(signal.aborted);
  t.true(response.cancelled);
  t.false(request.cancelled);
  t.is(ops.pending, 0);
  ops.start([call(3)], NO_BYTES);
  t.false(started.has(3));
  const next = await Promise.race([ops.next(), turn().then(() => 'nothing')]);
  t.is(next, 'nothing');
});

test('RunOps is disposed of when the signal of its run is aborted, before or after it began', (t) => {
  const { ops, run, started } = setUp(t);
  ops.start([call(1)], NO_BYTES);
  const { signal } = started.get(1)!.own;
  run.abort();
  t.true(signal.aborted);
  t.is(ops.pending, 0);
  const late = new RunOps(run, stub().performers);
  late.start([call(1)], NO_BYTES);
  t.is(late.pending, 0);
});

test('RunOps with real performers: timers end in the order of their times', async (t) => {
  const performers = makePerformers({ allowPrivate: [] });
  t.teardown(() => performers.close());
  using ops = new RunOps(makeRun(), performers);
  ops.start(
    [30, 1, 10_000, 15].map((ms, at) => call(at + 1, 'timer', { arg: { ms } })),
    NO_BYTES,
  );
  t.deepEqual([await idOf(ops.next()), await idOf(ops.next()), await idOf(ops.next())], [2, 4, 1]);
  t.is(ops.pending, 1);
});

test('RunOps with real performers: dispose closes the connection of every fetch, answered or not', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let open = 0;
  const server = await serve(t, (request, response) => {
    open += 1;
    if (open === 40) arrived.resolve();
    request.socket.on('close', () => {
      open -= 1;
      if (open === 0) closed.resolve();
    });
    // Half of them get a head and a body without end, half nothing at all.
    if (request.url === '/1') response.write(Buffer.alloc(100_000));
  });
  const performers = makePerformers({ allowPrivate: ['127.0.0.0/8'] });
  t.teardown(() => performers.close());
  const run = makeRun();
  const ops = new RunOps(run, performers);
  const arg = { method: 'GET', headers: [], redirect: 'follow', body: 'none' };
  ops.start(
    Array.from({ length: 40 }, (_, n) => call(n + 1, 'fetch', { arg: { ...arg, url: `${server.origin}/${n % 2}` } })),
    NO_BYTES,
  );
  await arrived.promise;
  const first = await ops.next();
  t.like(first, { ok: true, value: { status: 200, body: 'stream' } });
  ops[Symbol.dispose]();
  await closed.promise;
  t.is(run.bodies.size, 0);
});
