// The core, driven with frames and no socket.
import { closeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { Outbox } from '#runtime';
import { encodeTemplate } from '../template/template.ts';
import { headOf, program, SETUP, type TemplateParts, templateOf } from '../test-program.ts';
import { ExecutorCore, type ExecutorStats, type LoadHead } from './core.ts';
import { FRAME, type Frame, SLICE } from './frames.ts';
import { GuestIsolate } from './isolate.ts';
import { openRegister, RegisterReader, RegisterWriter } from './register.ts';
import type { HostArgument } from './slice.ts';

interface Bench {
  core: ExecutorCore;
  sent: Partial<Frame>[];
  reader: RegisterReader;
  flushes(): number;
  give(type: number, fields?: Partial<Frame>): Partial<Frame>[];
  stats(): ExecutorStats;
}

function start(t: ExecutionContext): Bench {
  const fd = openRegister();
  t.teardown(() => closeSync(fd));
  const sent: Partial<Frame>[] = [];
  let flushes = 0;
  const core = new ExecutorCore({
    register: new RegisterWriter(fd),
    send: (type, fields) => sent.push({ type, ...fields }),
    beforeSlice: () => {
      flushes += 1;
    },
  });
  t.teardown(() => {
    for (let id = 0; id < 10; id++) give(FRAME.unload, { id });
  });
  /** @returns what was sent because of it */
  const give = (type: number, fields: Partial<Frame> = {}) => {
    const from = sent.length;
    core.take({ type, flag: 0, id: 0, a: 0, b: 30_000, c: 0, d: 0, text: '', bytes: undefined, ...fields });
    return sent.slice(from);
  };
  const stats = () => {
    core.sendStats();
    return JSON.parse(sent.pop()!.text!) as ExecutorStats;
  };
  return { core, sent, reader: new RegisterReader(fd), flushes: () => flushes, give, stats };
}

async function load(
  { give }: Bench,
  id: number,
  body: string,
  { poolMin = 0, top = '', ...parts }: TemplateParts & { poolMin?: number; top?: string } = {},
) {
  const template = await templateOf(program(body, top), parts);
  const head: LoadHead = {
    isolation: parts.isolation ?? 'request',
    poolMin,
    cpuMs: parts.limits?.cpuMs ?? 40,
    setup: SETUP,
  };
  return give(FRAME.load, { id, text: JSON.stringify(head), bytes: encodeTemplate(template) });
}

const outboxOf = (frame: Partial<Frame> | undefined) => JSON.parse(frame!.text!) as Outbox;
const enter = { text: headOf() };
const WAIT = 'await new Promise((r) => setTimeout(r, 5)); return new Response("x")';
const settlement = (id: number) => JSON.stringify({ id, now: 1_700_000_000_001, ok: true, value: null });

test.serial('ExecutorCore.ready() says so', (t) => {
  const { core, sent } = start(t);
  core.ready();
  t.deepEqual(sent, [{ type: FRAME.ready }]);
});

test.serial('ExecutorCore load answers with loaded, and with the reason when it cannot', async (t) => {
  const bench = start(t);
  t.deepEqual(await load(bench, 1, WAIT), [{ type: FRAME.loaded, id: 1 }]);
  for (const bytes of [undefined, new Uint8Array(0), new Uint8Array(3), Buffer.from('ffffffff00', 'hex')]) {
    const [answer] = bench.give(FRAME.load, { id: 2, text: '{}', bytes });
    t.is(answer?.type, FRAME.loaded);
    t.regex(answer?.text ?? '', /^Cannot load template: /);
  }
  t.regex(
    bench.give(FRAME.load, { id: 2, text: 'no JSON', bytes: new Uint8Array(9) })[0]?.text ?? '',
    /^Cannot load template/,
  );
});

test.serial('ExecutorCore enter, settle: one slice frame for each, with figures', async (t) => {
  const bench = start(t);
  await load(bench, 1, WAIT);
  const [first, ...none] = bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  t.deepEqual(none, []);
  t.is(first?.flag, SLICE.waiting);
  t.true(first!.a! > 0 && first!.b! > 0 && first!.c! > 0);
  t.is(first?.d, bench.reader.read().slice);
  t.is(bench.stats().runs, 1);
  const [second] = bench.give(FRAME.settle, { id: 5, text: settlement(outboxOf(first).ops![0]!.id) });
  t.is(second?.flag, SLICE.done);
  t.is(second?.c, 0);
  t.is(bench.stats().runs, 0);
  t.is(bench.stats().contexts, 0);
});

test.serial('ExecutorCore enter for a template that is not there: lost', (t) => {
  const { give } = start(t);
  t.deepEqual(give(FRAME.enter, { id: 5, a: 9, ...enter }), [
    { type: FRAME.slice, id: 5, flag: SLICE.lost, text: '{}' },
  ]);
});

test.serial('ExecutorCore settle for a run that is gone says nothing', async (t) => {
  const bench = start(t);
  await load(bench, 1, 'return new Response("x")');
  bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  t.deepEqual(bench.give(FRAME.settle, { id: 5, text: settlement(1) }), []);
});

test.serial('ExecutorCore abort runs one last slice, drop none; both answer gone, also for unknown runs', async (t) => {
  const bench = start(t);
  await load(bench, 1, `request.signal.addEventListener('abort', () => console.log('told')); ${WAIT}`);
  bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  const [gone, ...none] = bench.give(FRAME.abort, { id: 5 });
  t.deepEqual(none, []);
  t.is(gone?.type, FRAME.gone);
  t.deepEqual(
    outboxOf(gone).log?.map(({ text }) => text),
    ['told'],
  );
  t.is(gone?.d, bench.reader.read().slice);
  bench.give(FRAME.enter, { id: 6, a: 1, ...enter });
  t.deepEqual(bench.give(FRAME.drop, { id: 6 }), [{ type: FRAME.gone, id: 6 }]);
  t.deepEqual(bench.give(FRAME.drop, { id: 6 }), [{ type: FRAME.gone, id: 6 }]);
  t.deepEqual(bench.give(FRAME.abort, { id: 7 }), [{ type: FRAME.gone, id: 7 }]);
  t.is(bench.stats().contexts, 0);
});

test.serial('ExecutorCore abort of a guest that loops in its listener ends it', async (t) => {
  const bench = start(t);
  await load(bench, 1, `request.signal.addEventListener('abort', () => { for (;;); }); ${WAIT}`, {
    limits: { cpuMs: 10 },
  });
  bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  t.is(bench.give(FRAME.abort, { id: 5 })[0]?.type, FRAME.gone);
  t.is(bench.stats().contexts, 0);
});

test.serial('ExecutorCore charges cpu_ms over all slices of a run, and each run by itself', async (t) => {
  const bench = start(t);
  await load(bench, 1, 'for (;;) { for (let i = 0; i < 3e6; i++); await new Promise((r) => setTimeout(r, 1)); }', {
    limits: { cpuMs: 25 },
  });
  for (const run of [5, 6]) {
    let [frame] = bench.give(FRAME.enter, { id: run, a: 1, ...enter });
    let slices = 1;
    while (frame?.flag === SLICE.waiting) {
      [frame] = bench.give(FRAME.settle, { id: run, text: settlement(outboxOf(frame).ops![0]!.id) });
      slices += 1;
    }
    t.true(frame?.flag === SLICE.cpuLimit || frame?.flag === SLICE.starved, `${frame?.flag}`);
    t.true(slices > 1);
  }
  t.is(bench.stats().runs, 0);
});

test.serial('ExecutorCore writes the run into the register before it forks in no-snapshot mode', async (t) => {
  const bench = start(t);
  await load(bench, 1, 'return new Response("x")', { mode: 'script' });
  const before = bench.reader.read().slice;
  const flushes = bench.flushes();
  const [frame] = bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  t.is(bench.reader.read().slice, before + 2, 'one for the fork, one for the slice');
  t.is(frame?.d, before + 2);
  t.is(bench.flushes(), flushes + 2, 'what was answered before goes out before the fork');
});

test.serial(
  'ExecutorCore a fork that fails is answered as memory_limit, with the serial number of the register',
  async (t) => {
    const bench = start(t);
    const template = await templateOf(program('return new Response("x")'));
    const head: LoadHead = { isolation: 'request', poolMin: 1, cpuMs: 40, setup: SETUP };
    bench.give(FRAME.load, {
      id: 1,
      text: JSON.stringify(head),
      bytes: encodeTemplate({ ...template, hostName: 'tine_gone' }),
    });
    const [frame] = bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
    t.is(frame?.flag, SLICE.memoryLimit);
    t.is(frame?.d, bench.reader.read().slice);
    t.false(bench.core.workAhead());
    t.is(bench.stats().runs, 0);
  },
);

test.serial('ExecutorCore adds a stray rejection to the log of its run', async (t) => {
  const bench = start(t);
  await load(bench, 1, 'console.log("own"); Promise.reject(new Error("stray")); return new Response("x")');
  const [frame] = bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  t.deepEqual(outboxOf(frame).log, [
    { level: 'log', text: 'own' },
    { level: 'warn', text: 'Unhandled rejection: stray' },
  ]);
});

test.serial('ExecutorCore.workAhead() makes contexts one at a time, for every template', async (t) => {
  const bench = start(t);
  await load(bench, 1, 'return new Response("x")', { poolMin: 2 });
  await load(bench, 2, 'return new Response("y")', { poolMin: 1 });
  let made = 0;
  while (bench.core.workAhead()) made += 1;
  t.is(made, 3);
  t.is(bench.stats().warm, 3);
  const [frame] = bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  t.is(frame?.flag, SLICE.done);
  t.is(bench.stats().warm, 2);
});

test.serial('ExecutorCore unload lets go of everything of a template, and only of it', async (t) => {
  const bench = start(t);
  await load(bench, 1, WAIT, { poolMin: 1 });
  await load(bench, 2, WAIT);
  bench.core.workAhead();
  bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  bench.give(FRAME.enter, { id: 6, a: 2, ...enter });
  bench.give(FRAME.unload, { id: 1 });
  t.deepEqual(bench.give(FRAME.unload, { id: 1 }), []);
  const { runs, contexts, warm, isolates } = bench.stats();
  t.deepEqual([runs, contexts, warm, isolates], [1, 1, 0, 1]);
});

test.serial(
  'ExecutorCore isolation program: a run that got something in the slice of another is sent as well',
  async (t) => {
    const bench = start(t);
    const body = `globalThis.shared ??= new Promise((r) => setTimeout(() => r('both'), 30)); return new Response(await shared)`;
    await load(bench, 1, body, { isolation: 'program' });
    const [first] = bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
    const [second] = bench.give(FRAME.enter, { id: 6, a: 1, ...enter });
    t.deepEqual([first?.flag, second?.flag], [SLICE.waiting, SLICE.waiting]);
    const frames = bench.give(FRAME.settle, { id: 5, text: settlement(outboxOf(first).ops![0]!.id) });
    t.deepEqual(
      frames.map(({ id, flag }) => [id, flag]),
      [
        [5, SLICE.done],
        [6, SLICE.done],
      ],
    );
    for (const frame of frames) t.deepEqual(outboxOf(frame).answer?.body, { kind: 'text', text: 'both' });
    t.is(bench.stats().runs, 0);
    t.is(bench.stats().contexts, 1, 'the context is kept');
  },
);

test.serial('ExecutorCore isolation program: a lost isolate is reported to its other runs, once each', async (t) => {
  const bench = start(t);
  // As isolated-vm does it when the heap is full, which no test can bring about in its own process and live.
  const { fork } = GuestIsolate.prototype;
  t.teardown(() => {
    GuestIsolate.prototype.fork = fork;
  });
  GuestIsolate.prototype.fork = function () {
    const guest = fork.call(this);
    const { host } = guest;
    const applySync = (receiver: undefined, args: HostArgument[], options: object) => {
      if (args[1] === 6) this.isolate.dispose();
      return host.applySync(receiver, args, options);
    };
    return Object.assign(guest, { host: { applySync, release: () => host.release() } });
  };
  await load(bench, 1, WAIT, { isolation: 'program' });
  bench.give(FRAME.enter, { id: 5, a: 1, ...enter });
  const [frame, ...others] = bench.give(FRAME.enter, { id: 6, a: 1, ...enter });
  t.deepEqual([frame?.id, frame?.flag], [6, SLICE.memoryLimit]);
  t.deepEqual(others, [{ type: FRAME.slice, id: 5, flag: SLICE.lost, text: '{}' }]);
  t.deepEqual(bench.give(FRAME.settle, { id: 5, text: settlement(1) }), []);
  const { runs, contexts, isolates } = bench.stats();
  t.deepEqual([runs, contexts, isolates], [0, 0, 0]);
});

test.serial('ExecutorCore: 300 runs in random order leave nothing behind', async (t) => {
  const bench = start(t);
  await load(
    bench,
    1,
    'await new Promise((r) => setTimeout(r, 5)); if (Math.random() < 0.5) throw new Error("x"); return new Response("x")',
    { poolMin: 2 },
  );
  const open = new Map<number, number>();
  for (let id = 1; id <= 300; id++) {
    const [frame] = bench.give(FRAME.enter, { id, a: 1, ...enter });
    open.set(id, outboxOf(frame).ops![0]!.id);
    if (open.size < 8) continue;
    const [run, op] = [...open][id % open.size]!;
    open.delete(run);
    const [type, fields] =
      id % 3 === 0 ? [FRAME.drop, {}] : id % 3 === 1 ? [FRAME.abort, {}] : [FRAME.settle, { text: settlement(op) }];
    t.is(bench.give(type, { id: run, ...fields }).length, 1);
    if (id % 20 === 0) bench.core.workAhead();
  }
  for (const run of open.keys()) bench.give(FRAME.drop, { id: run });
  const { runs, contexts, warm } = bench.stats();
  t.is(runs, 0);
  t.is(contexts, warm);
});
