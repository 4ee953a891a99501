// One executor as the ingress sees it, against children that say whatever a test wants them to say.
import test, { type ExecutionContext } from 'ava';
import { type EndReason, Executor, type ExecutorOptions, type RemoteRun, type SliceReply } from './executor.ts';
import { FRAME, type Frame, FrameWriter, SLICE } from './frames.ts';
import { monotonicMs } from './register.ts';

/** Writes the first piece at once and one more for each chunk that comes in. `register` is written before a piece. */
const FAKE = `
const { Socket } = require('node:net'); const fs = require('node:fs');
const script = JSON.parse(process.env.SCRIPT); const socket = new Socket({ fd: 3, readable: true, writable: true });
const next = () => { const step = script.shift(); if (!step) return;
  if (step.register) fs.writeSync(4, Buffer.from(step.register, 'base64'), 0, 32, 0);
  if (step.stderr) fs.writeSync(2, step.stderr);
  if (step.exit !== undefined) process.exit(step.exit);
  if (step.signal) process.kill(process.pid, step.signal);
  if (step.write) socket.write(Buffer.from(step.write, 'base64')); };
next(); socket.on('data', next); socket.on('end', () => process.exit(0)); setInterval(() => {}, 1e6);
`;

interface Step {
  write?: Buffer;
  register?: { enteredMs: number; timeoutMs: number; run: number; slice: number };
  stderr?: string;
  exit?: number;
  signal?: string;
}

function frames(...all: [type: number, fields?: Partial<Frame>][]): Buffer {
  const writer = new FrameWriter();
  for (const [type, fields = {}] of all) writer.add(type, fields);
  return Buffer.from(writer.take());
}

const READY = frames([FRAME.ready]);

interface Bench {
  executor: Executor;
  ready: Promise<void>;
  ended: Promise<{ reason: EndReason; culprit: number | undefined }>;
  loadFailed: string[];
}

function start(t: ExecutionContext, steps: Step[], options: Partial<ExecutorOptions> = {}): Bench {
  const script = steps.map(({ write, register, ...rest }) => {
    const bytes = Buffer.alloc(32);
    bytes.writeDoubleLE(register?.enteredMs ?? 0, 0);
    bytes.writeDoubleLE(register?.timeoutMs ?? 0, 8);
    bytes.writeUInt32LE(register?.run ?? 0, 16);
    bytes.writeUInt32LE(register?.slice ?? 0, 20);
    const registered = register === undefined ? {} : { register: bytes.toString('base64') };
    return { ...rest, ...registered, ...(write === undefined ? {} : { write: write.toString('base64') }) };
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<{ reason: EndReason; culprit: number | undefined }>();
  const loadFailed: string[] = [];
  const executor = new Executor({
    command: { command: process.execPath, args: ['-e', FAKE] },
    env: { SCRIPT: JSON.stringify(script) },
    rssBytesMax: () => 1_000_000_000,
    onReady: () => ready.resolve(),
    onProgress: () => {},
    onEnd: (_executor, reason, culprit) => ended.resolve({ reason, culprit }),
    onLoadFailed: (_executor, template, reason) => loadFailed.push(`${template}: ${reason}`),
    ...options,
  });
  t.teardown(async () => {
    executor.kill('retired');
    await ended.promise;
  });
  return { executor, ready: ready.promise, ended: ended.promise, loadFailed };
}

interface TestRun extends RemoteRun {
  replies: SliceReply[];
  told: Promise<string>;
}

/** A run that notes what it is told; `told` resolves with the first of it. */
function runOf(id: number, options: { slice?: boolean; leaving?: boolean; shared?: boolean } = {}): TestRun {
  const told = Promise.withResolvers<string>();
  const replies: SliceReply[] = [];
  const reply = (got: SliceReply) => {
    replies.push(got);
    told.resolve(`slice ${got.kind} ${got.reason ?? ''} ${got.culprit ?? ''}`.trim());
  };
  return {
    id,
    reply: options.slice === false ? undefined : reply,
    unasked: options.shared ? (got) => told.resolve(`unasked ${got.kind}`) : undefined,
    lost: (reason) => told.resolve(`lost ${reason}`),
    gone: options.leaving ? (text) => told.resolve(`gone ${text}`) : undefined,
    replies,
    told: told.promise,
  };
}

const slice = (id: number, flag: number, more: Partial<Frame> = {}): [number, Partial<Frame>] => [
  FRAME.slice,
  { id, flag, text: '{}', ...more },
];

async function entered(bench: Bench, run: RemoteRun): Promise<void> {
  await bench.ready;
  bench.executor.enter(run, 1, 1_000, '{}', undefined);
}

test.serial('Executor hands the frame of a slice to its run', async (t) => {
  const bytes = Uint8Array.from([1, 2]);
  const bench = start(t, [
    { write: READY },
    { write: frames(slice(5, SLICE.done, { a: 1, b: 2, c: 3, text: '{"x":1}', bytes })) },
  ]);
  const run = runOf(5);
  await entered(bench, run);
  t.is(await run.told, `slice ${SLICE.done}`);
  const [reply] = run.replies;
  t.deepEqual(
    { ...reply, bytes: [...reply!.bytes!] },
    { kind: SLICE.done, cpuUs: 1, wallUs: 2, forkUs: 3, text: '{"x":1}', bytes: [1, 2] },
  );
  t.is(bench.executor.runs, 0);
});

const BROKEN: Record<string, Buffer> = {
  'an unknown type': frames([99]),
  'a type that only the ingress sends': frames([FRAME.enter, { id: 5 }]),
  'a slice of a run that is not here': frames(slice(6, SLICE.done)),
  'a slice of kind 0': frames(slice(5, 0)),
  'a slice of an unknown kind': frames(slice(5, 9)),
  'two answers to one slice': frames(slice(5, SLICE.waiting), slice(5, SLICE.waiting)),
  'gone for a run that is not being left': frames([FRAME.gone, { id: 5 }]),
  'gone for an unknown run': frames([FRAME.gone, { id: 6 }]),
  'stats that are no JSON': frames([FRAME.stats, { text: '{' }]),
  'stats that are null': frames([FRAME.stats, { text: 'null' }]),
  'stats that are no numbers': frames([
    FRAME.stats,
    { text: '{"contexts":"1","warm":1,"isolates":1,"runs":1,"loadRatio":1}' },
  ]),
  'a frame of 4 GB': Buffer.from([0xff, 0xff, 0xff, 0xff]),
  'a frame without a head': Buffer.from([1, 0, 0, 0, 1]),
  'random bytes': Buffer.from('the quick brown fox jumps over the lazy dog, twice'),
};

for (const [title, write] of Object.entries(BROKEN)) {
  test.serial(`R26 Executor kills a child that sends ${title}, and accuses nobody`, async (t) => {
    const register = { enteredMs: monotonicMs(), timeoutMs: 60_000, run: 5, slice: 1 };
    const bench = start(t, [{ write: READY }, { register, write }]);
    const run = runOf(5);
    await entered(bench, run);
    t.deepEqual(await bench.ended, { reason: 'protocol', culprit: undefined });
    await run.told;
    const { kind, reason, culprit } = run.replies.at(-1)!;
    if (title !== 'two answers to one slice') t.deepEqual([kind, reason, culprit], ['died', 'protocol', false]);
    t.is(bench.executor.runs, 0);
    t.is(bench.executor.outstanding, 0);
  });
}

test.serial('Executor takes nothing more from a child that broke the protocol', async (t) => {
  const bench = start(t, [{ write: READY }, { write: Buffer.concat([frames([99]), frames(slice(5, SLICE.done))]) }]);
  const run = runOf(5);
  await entered(bench, run);
  t.is(await run.told, 'slice died protocol false');
});

const STATS = frames([FRAME.stats, { text: '{"contexts":1,"warm":0,"isolates":0,"runs":0,"loadRatio":1}' }]);

/** Resolves when the child has said `STATS`, and so has written its register. */
async function untilRegistered({ executor }: Bench): Promise<void> {
  while (executor.stats.contexts === 0) await new Promise<void>((resolve) => setImmediate(resolve));
}

test.serial('Executor kills a slice that misses its deadline, and accuses its run', async (t) => {
  const register = { enteredMs: monotonicMs(), timeoutMs: 10, run: 5, slice: 1 };
  const bench = start(t, [{ write: READY }, { register, write: STATS }]);
  const [run, other] = [runOf(5), runOf(6)];
  await entered(bench, run);
  bench.executor.enter(other, 1, 1_000, '{}', undefined);
  await untilRegistered(bench);
  bench.executor.watch(register.enteredMs + 10 + 199);
  t.not(bench.executor.state, 'ended');
  bench.executor.watch(register.enteredMs + 10 + 201);
  t.deepEqual(await bench.ended, { reason: 'slice_deadline', culprit: 5 });
  t.is(await run.told, 'slice died slice_deadline true');
  t.is(await other.told, 'slice died slice_deadline false');
});

const REGISTERS = {
  'a time that is no number': { enteredMs: Number.NaN, timeoutMs: 10, run: 5, slice: 1 },
  'a timeout that is no number': { enteredMs: 0, timeoutMs: Number.NaN, run: 5, slice: 1 },
  'an endless timeout': { enteredMs: 0, timeoutMs: Number.POSITIVE_INFINITY, run: 5, slice: 1 },
  'a time in the future': { enteredMs: 1e15, timeoutMs: 10, run: 5, slice: 1 },
};

for (const [title, register] of Object.entries(REGISTERS)) {
  test.serial(`Executor.watch() is not kept off by ${title} in the register`, async (t) => {
    const bench = start(t, [{ write: READY }, { register, write: STATS }]);
    await entered(bench, runOf(5));
    await untilRegistered(bench);
    bench.executor.watch(monotonicMs() + 1_000_000);
    t.is((await bench.ended).reason, 'slice_deadline');
  });
}

test.serial('Executor accuses no run of another executor, whatever its register says', async (t) => {
  const register = { enteredMs: 0, timeoutMs: 10, run: 999, slice: 1 };
  const bench = start(t, [{ write: READY }, { register, write: STATS }]);
  await entered(bench, runOf(5));
  await untilRegistered(bench);
  bench.executor.watch(monotonicMs());
  t.deepEqual(await bench.ended, { reason: 'slice_deadline', culprit: undefined });
});

test.serial('Executor.watch() leaves a slice alone that has been answered', async (t) => {
  const register = { enteredMs: 0, timeoutMs: 10, run: 5, slice: 3 };
  const bench = start(t, [{ write: READY }, { register, write: frames(slice(5, SLICE.waiting, { d: 3 })) }]);
  const run = runOf(5);
  await entered(bench, run);
  await run.told;
  bench.executor.watch(monotonicMs());
  bench.executor.watch(monotonicMs() + 1_000_000);
  t.is(bench.executor.state, 'ready', 'no slice is under way, and nothing was asked for');
});

test.serial('Executor.watch() kills a child that owes an answer and makes no progress', async (t) => {
  const bench = start(t, [{ write: READY }]);
  const leaving = runOf(5, { slice: false, leaving: true });
  await entered(bench, leaving);
  bench.executor.watch(monotonicMs() + 14_000);
  bench.executor.watch(monotonicMs() + 16_000);
  t.is((await bench.ended).reason, 'hung');
  t.is(await leaving.told, 'gone ');
});

test.serial('Executor.watch() kills a child that has grown past its ceiling', async (t) => {
  const bench = start(t, [{ write: READY }], { rssBytesMax: () => 1_000_000 });
  await bench.ready;
  bench.executor.watch(monotonicMs());
  t.is((await bench.ended).reason, 'rss');
  t.true(bench.executor.rssBytes > 1_000_000);
});

const ENDS: [title: string, step: Step, reason: EndReason, culprit: number | undefined][] = [
  ['SIGKILL from outside', { signal: 'SIGKILL' }, 'outside', undefined],
  ['SIGTERM', { signal: 'SIGTERM' }, 'outside', undefined],
  ['SIGSEGV', { signal: 'SIGSEGV' }, 'fault', 5],
  ['SIGTRAP', { signal: 'SIGTRAP' }, 'fault', 5],
  ['an exit code', { exit: 3 }, 'fault', 5],
  [
    'the last words of V8',
    { stderr: 'FATAL ERROR: JavaScript heap out of memory', signal: 'SIGABRT' },
    'out_of_memory',
    5,
  ],
];

for (const [title, step, reason, culprit] of ENDS) {
  test.serial(`Executor tells ${title} as ${reason}`, async (t) => {
    const register = { enteredMs: monotonicMs(), timeoutMs: 60_000, run: 5, slice: 1 };
    const bench = start(t, [{ write: READY }, { register, ...step }]);
    const run = runOf(5);
    await entered(bench, run);
    t.deepEqual(await bench.ended, { reason, culprit });
    t.is(await run.told, `slice died ${reason} ${culprit === 5}`);
    if (step.stderr !== undefined) t.is(bench.executor.lastWords, step.stderr);
  });
}

test.serial('Executor tells a run between two slices that it is lost', async (t) => {
  const bench = start(t, [{ write: READY }, { signal: 'SIGKILL' }]);
  const run = runOf(5, { slice: false });
  await entered(bench, run);
  t.is(await run.told, 'lost outside');
});

test.serial('Executor tells a run that is lost through another one, with or without a slice of its own', async (t) => {
  const both = frames(slice(5, SLICE.lost), slice(6, SLICE.lost));
  const bench = start(t, [{ write: READY }, { write: both }]);
  const [asking, waiting] = [runOf(5), runOf(6, { slice: false })];
  await entered(bench, asking);
  bench.executor.enter(waiting, 1, 1_000, '{}', undefined);
  t.is(await asking.told, `slice ${SLICE.lost}`);
  t.is(await waiting.told, 'lost out_of_memory');
  t.is(bench.executor.state, 'ready');
});

test.serial('Executor: a run that is lost while it is being left ends with gone', async (t) => {
  const bench = start(t, [
    { write: READY },
    { write: frames(slice(5, SLICE.lost), [FRAME.gone, { id: 5, text: 'bye' }]) },
  ]);
  const run = runOf(5, { slice: false, leaving: true });
  await entered(bench, run);
  t.is(await run.told, 'gone bye');
  t.is(bench.executor.state, 'ready');
  t.is(bench.executor.runs, 0);
});

test.serial('Executor hands over what nobody asked for only to runs that share a context', async (t) => {
  const write = frames(slice(5, SLICE.waiting));
  const shared = start(t, [{ write: READY }, { write }]);
  const run = runOf(5, { slice: false, shared: true });
  await entered(shared, run);
  t.is(await run.told, `unasked ${SLICE.waiting}`);
  t.is(shared.executor.runs, 1);
  const alone = start(t, [{ write: READY }, { write }]);
  await entered(alone, runOf(5, { slice: false }));
  t.is((await alone.ended).reason, 'protocol');
});

test.serial('Executor passes on that a template cannot be loaded', async (t) => {
  const bench = start(t, [
    { write: READY },
    { write: frames([FRAME.loaded, { id: 7, text: 'no' }], slice(5, SLICE.done)) },
  ]);
  const run = runOf(5);
  await entered(bench, run);
  await run.told;
  t.deepEqual(bench.loadFailed, ['7: no']);
});

test.serial('Executor knows whether it ever was ready', async (t) => {
  const never = start(t, [{ exit: 1 }]);
  await never.ended;
  t.false(never.executor.wasReady);
  const once = start(t, [{ write: READY }]);
  await once.ready;
  t.true(once.executor.wasReady);
});

test.serial('Executor: a program that cannot be started has ended', async (t) => {
  const bench = start(t, [], { command: { command: '/nowhere/node', args: [] } });
  t.is((await bench.ended).reason, 'fault');
  t.is(bench.executor.state, 'ended');
  t.notThrows(() => bench.executor.enter(runOf(5), 1, 1, '{}', undefined));
});
