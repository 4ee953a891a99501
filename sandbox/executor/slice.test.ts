// Real isolates in this process. What fills the heap, or cannot be stopped, is in `invoke.test.ts`: it needs a process
// that can be killed.
import { closeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import ivm from 'isolated-vm';
import { CALL, type Outbox } from '#runtime';
import { enterWith, program, type TemplateParts, templateOf } from '../test-program.ts';
import { SLICE } from './frames.ts';
import { type GuestContext, GuestIsolate } from './isolate.ts';
import { LoadRatio } from './load-ratio.ts';
import { openRegister, RegisterReader, RegisterWriter } from './register.ts';
import { collectOther, type HostArgument, runSlice, type SliceBudget, type SliceResult } from './slice.ts';

interface Bench {
  guests: GuestIsolate;
  reader: RegisterReader;
  load: LoadRatio;
  slice(context: GuestContext, args: HostArgument[], budget?: Partial<SliceBudget>): SliceResult;
}

async function start(
  t: ExecutionContext,
  body: string,
  { top = '', ...parts }: TemplateParts & { top?: string } = {},
): Promise<Bench> {
  const guests = new GuestIsolate(await templateOf(program(body, top), parts));
  const fd = openRegister();
  const register = new RegisterWriter(fd);
  const load = new LoadRatio();
  t.teardown(() => {
    guests.dispose();
    closeSync(fd);
  });
  const slice = ({ host }: GuestContext, args: HostArgument[], budget: Partial<SliceBudget> = {}) =>
    runSlice(
      guests.isolate,
      host,
      args,
      { run: 1, cpuLeftUs: 40_000, wallLeftMs: 30_000, ...budget },
      { register, load },
    );
  return { guests, reader: new RegisterReader(fd), load, slice };
}

const outboxOf = ({ text }: SliceResult) => JSON.parse(text) as Outbox;

function settle(id: number): HostArgument[] {
  return [CALL.settle, 1, JSON.stringify({ id, now: 1_700_000_000_001, ok: true, value: null })];
}

test.serial('runSlice() gives answer, state and bytes, and charges CPU and wall time', async (t) => {
  const { guests, slice } = await start(t, 'return new Response(new Uint8Array([1, 2, 3]))');
  const result = slice(guests.fork(), enterWith(1));
  t.is(result.kind, SLICE.done);
  t.deepEqual(outboxOf(result).answer?.body, { kind: 'bytes', length: 3 });
  t.deepEqual([...result.bytes!], [1, 2, 3]);
  t.true(result.cpuUs > 0 && result.wallUs > 0);
  t.is(result.stray, undefined);
  t.false(result.isolateLost);
});

test.serial('runSlice() writes run, time and timeout into the register before it enters', async (t) => {
  const { guests, slice, reader } = await start(t, 'return new Response("x")');
  slice(guests.fork(), enterWith(1), { run: 77, cpuLeftUs: 40_000 });
  const { run, slice: serial, timeoutMs } = reader.read();
  t.deepEqual([run, serial, timeoutMs], [77, 1, 60]);
});

test.serial('runSlice() tells waiting, done and stuck apart', async (t) => {
  const waiting = await start(t, 'await new Promise((r) => setTimeout(r, 5)); return new Response("x")');
  const context = waiting.guests.fork();
  const first = waiting.slice(context, enterWith(1));
  t.is(first.kind, SLICE.waiting);
  t.is(outboxOf(first).ops?.[0]?.op, 'timer');
  t.is(waiting.slice(context, settle(outboxOf(first).ops![0]!.id)).kind, SLICE.done);
  const stuck = await start(t, 'await new Promise(() => {})');
  t.is(stuck.slice(stuck.guests.fork(), enterWith(1)).kind, SLICE.stuck);
});

const STOPPED = {
  loop: 'for (;;);',
  'a loop that catches': 'for (;;) try { for (;;); } catch {} finally { for (;;); }',
  'a loop of microtasks':
    'const again = () => Promise.resolve().then(again).then(again); again(); return new Response("x")',
  'a loop after await null': 'await null; for (;;);',
  recursion: 'const f = () => { try { f(); } finally { f(); } }; f();',
  'a regular expression': '/^(a+)+$/.test("a".repeat(40) + "b")',
  'a generator': 'function* g() { for (;;) yield 1; } for (const x of g());',
  'a loop in a getter of the answer': 'return { get status() { for (;;); } }; ',
  'a loop in toString of what is thrown': 'throw { toString() { for (;;); }, get message() { for (;;); } }',
  'a loop in console': 'console.log({ get [Symbol.toStringTag]() { for (;;); } }); for (;;);',
};

for (const [title, body] of Object.entries(STOPPED)) {
  test.serial(`runSlice() stops ${title} as cpu_limit, and the isolate is clean afterwards`, async (t) => {
    const top = 'globalThis.bad = () => {};';
    const { guests, slice } = await start(
      t,
      `if (request.url.endsWith("/good")) return new Response("good"); ${body}`,
      { top },
    );
    const context = guests.fork();
    const result = slice(context, enterWith(1), { cpuLeftUs: 20_000 });
    t.true(
      result.kind === SLICE.cpuLimit || result.kind === SLICE.starved || title.includes('getter'),
      `${result.kind}`,
    );
    t.true(result.wallUs < 1_500_000, `${result.wallUs}`);
    if (result.isolateLost) return;
    guests.release(context);
    const good = slice(guests.fork(), enterWith(2, { url: 'http://test.localhost/good' }), { cpuLeftUs: 500_000 });
    t.is(good.kind, SLICE.done);
    t.is(good.stray, undefined);
    t.deepEqual(outboxOf(good).answer?.body, { kind: 'text', text: 'good' });
  });
}

const LEFTOVERS = {
  'a microtask that loops': 'Promise.resolve().then(() => { for (;;); }); for (;;);',
  'a rejection': 'Promise.reject(new Error("canary")); for (;;);',
  'many rejections': 'for (let i = 0; i < 20; i++) Promise.reject(new Error("canary")); for (;;);',
  'a microtask that rejects and loops':
    'Promise.resolve().then(() => { Promise.reject(new Error("canary")); for (;;); }); for (;;);',
  'a chain of microtasks':
    'let n = 0; const again = () => { if (n++ < 1e9) Promise.resolve().then(again); }; again(); for (;;);',
};

/** Everything that the host does with an isolate between two slices. */
const OPERATIONS: Record<string, (guests: GuestIsolate, context: GuestContext) => unknown> = {
  'createContextSync()': ({ isolate }) => isolate.createContextSync().release(),
  'compileScriptSync()': ({ isolate }) => isolate.compileScriptSync('1'),
  'Script.runSync()': ({ isolate }, { context }) => isolate.compileScriptSync('1').runSync(context),
  'global.getSync()': (_guests, { context }) => context.global.getSync('undefined'),
  'global.setSync()': (_guests, { context }) => context.global.setSync('x', 1),
  'getHeapStatisticsSync()': ({ isolate }) => isolate.getHeapStatisticsSync(),
  'applySync() without a timeout': (_guests, { host }) => host.applySync(undefined, [CALL.report]),
  'evalSync()': (_guests, { context }) => context.evalSync('1'),
  'fork()': (guests) => guests.release(guests.fork()),
  'release()': (guests, context) => guests.release(context),
  'a slice of another run': (guests) => {
    const args = enterWith(9, { url: 'http://test.localhost/good' });
    return guests.fork().host.applySync(undefined, args, { timeout: 500 });
  },
};

for (const [leftover, body] of Object.entries(LEFTOVERS)) {
  test.serial(`R04 runSlice() leaves nothing of ${leftover} to any later operation`, async (t) => {
    const { guests, slice } = await start(
      t,
      `if (request.url.endsWith("/good")) return new Response("x"); ${body}`,
      {},
    );
    let lost = 0;
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      if (guests.isolate.isDisposed) break;
      const context = guests.fork();
      const result = slice(context, enterWith(1), { cpuLeftUs: 3_000 });
      t.not(result.kind, SLICE.done);
      t.false(JSON.stringify(result).includes('canary'), 'its text is in no result');
      if (result.isolateLost) {
        lost += 1;
        break;
      }
      const since = performance.now();
      t.notThrows(() => operation(guests, context), name);
      t.true(performance.now() - since < 1_000, name);
    }
    t.true(lost <= 1);
  });
}

test.serial('R03 runSlice() gives a stray rejection to the run that made it, and to no other', async (t) => {
  const body = `if (request.url.endsWith('/b')) return new Response('b');
    for (const text of ['canary-1', 'canary-2', 'canary-3']) Promise.reject(new Error(text)); return new Response('a')`;
  const { guests, slice } = await start(t, body);
  const a = slice(guests.fork(), enterWith(1));
  t.is(a.kind, SLICE.done);
  t.is(a.stray, 'canary-1');
  for (let i = 0; i < 5; i++) {
    const b = slice(guests.fork(), enterWith(2, { url: 'http://test.localhost/b' }));
    t.is(b.stray, undefined);
    t.is(b.kind, SLICE.done);
    t.false(JSON.stringify(b).includes('canary'));
  }
});

test.serial('runSlice() takes the text of isolated-vm from a guest for what it is', async (t) => {
  const thrown = await start(t, 'throw new Error("Script execution timed out.")');
  const first = thrown.slice(thrown.guests.fork(), enterWith(1));
  t.is(first.kind, SLICE.done);
  t.is(outboxOf(first).thrown?.message, 'Script execution timed out.');
  const texts = ['Script execution timed out.', 'Isolate was disposed during execution due to memory limit'];
  for (const text of texts) {
    const stray = await start(t, `Promise.reject(new Error(${JSON.stringify(text)})); return new Response("x")`);
    const second = stray.slice(stray.guests.fork(), enterWith(1));
    t.is(second.kind, SLICE.done);
    t.is(second.stray, text);
    t.false(second.isolateLost);
  }
});

test.serial('runSlice() bounds the text of a stray rejection', async (t) => {
  const { guests, slice } = await start(t, 'Promise.reject(new Error("x".repeat(1e6))); return new Response("x")');
  t.is(slice(guests.fork(), enterWith(1)).stray?.length, 1_000);
});

test.serial('runSlice() calls a slice cpu_limit that comes back above its budget', async (t) => {
  const { guests, slice } = await start(
    t,
    'let s = 0; for (let i = 0; i < 2e6; i++) s += i; return new Response(String(s))',
  );
  const result = slice(guests.fork(), enterWith(1), { cpuLeftUs: 1 });
  t.is(result.kind, SLICE.cpuLimit);
});

test.serial('runSlice() calls it wall_limit when the time of the run was up first', async (t) => {
  const { guests, slice } = await start(t, 'for (;;);');
  const result = slice(guests.fork(), enterWith(1), { cpuLeftUs: 10_000_000, wallLeftMs: 20 });
  t.is(result.kind, SLICE.wallLimit);
  t.false(result.isolateLost);
});

test.serial('runSlice() lets the load ratio see slices that were killed, too', async (t) => {
  const { guests, slice, load } = await start(t, 'for (;;);');
  const seen: number[] = [];
  load.add = (wallUs) => void seen.push(wallUs);
  slice(guests.fork(), enterWith(1), { cpuLeftUs: 5_000 });
  t.is(seen.length, 1);
});

test.serial('runSlice() sums up to the budget over many slices', async (t) => {
  const body =
    'for (;;) { const until = 400_000; let s = 0; for (let i = 0; i < until; i++) s += i % 7; await new Promise((r) => setTimeout(r, 1)); }';
  const { guests, slice } = await start(t, body);
  const context = guests.fork();
  let cpuLeftUs = 30_000;
  let result = slice(context, enterWith(1), { cpuLeftUs });
  let slices = 1;
  while (result.kind === SLICE.waiting) {
    cpuLeftUs -= result.cpuUs;
    result = slice(context, settle(outboxOf(result).ops![0]!.id), { cpuLeftUs: Math.max(1, cpuLeftUs) });
    slices += 1;
  }
  t.true(result.kind === SLICE.cpuLimit || result.kind === SLICE.starved, `${result.kind}`);
  t.true(slices > 2);
  t.true(cpuLeftUs - result.cpuUs > -80_000, `${cpuLeftUs - result.cpuUs}`);
});

test.serial('runSlice() keeps the log of a killed slice, and nothing else of it', async (t) => {
  const { guests, slice } = await start(t, 'console.log("last words"); setTimeout(() => {}, 5); for (;;);');
  const result = slice(guests.fork(), enterWith(1), { cpuLeftUs: 5_000 });
  t.deepEqual(
    outboxOf(result).log?.map(({ text }) => text),
    ['last words'],
  );
});

test.serial('runSlice() says memory_limit when the isolate is gone', async (t) => {
  const { guests, slice } = await start(t, 'return new Response("x")');
  const context = guests.fork();
  guests.isolate.dispose();
  const result = slice(context, enterWith(1));
  t.is(result.kind, SLICE.memoryLimit);
  t.true(result.isolateLost);
});

test.serial('runSlice() loses the isolate when collecting fails', async (t) => {
  const { guests, slice } = await start(t, 'return new Response("x")');
  const context = guests.fork();
  const isolate = guests.isolate;
  const host = isolate
    .compileScriptSync('(call) => { if (call === 6) throw new Error("no"); }')
    .runSync(context.context, { reference: true });
  const result = slice({ ...context, host: host as never }, enterWith(1));
  t.is(result.kind, SLICE.memoryLimit);
  t.true(result.isolateLost);
  t.is(result.text, '{}');
});

test.serial(
  'runSlice() cuts out the other runs that got something, and leaves texts that look like it alone',
  async (t) => {
    const { guests, slice } = await start(t, 'return new Response("x")');
    const { context, ...rest } = guests.fork();
    const giving = (collected: string) => {
      const code = `(call) => call === 6 ? ${JSON.stringify(collected)} : undefined`;
      const host = guests.isolate.compileScriptSync(code).runSync(context, { reference: true }) as never;
      const { text, others } = slice({ ...rest, context, host }, enterWith(1));
      return { text, others };
    };
    t.deepEqual(giving('w0{"dropped":1,"others":[4,5]}'), { text: '{"dropped":1}', others: [4, 5] });
    t.deepEqual(giving('w0{"others":[4]}'), { text: '{}', others: [4] });
    t.deepEqual(giving('w0{"log":[]}'), { text: '{"log":[]}', others: [] });
    const text = JSON.stringify({ log: [{ level: 'log', text: '{"others":[7]}' }] });
    t.deepEqual(giving(`w0${text}`), { text, others: [] });
  },
);

test.serial('collectOther() gives what another run of the context got', async (t) => {
  const body = `globalThis.shared ??= new Promise((r) => setTimeout(() => r('both'), 30)); return new Response(await shared)`;
  const { guests, slice } = await start(t, body, { isolation: 'program' });
  const context = guests.fork();
  const first = slice(context, enterWith(1));
  t.is(slice(context, enterWith(2)).kind, SLICE.waiting);
  const settled = slice(context, settle(outboxOf(first).ops![0]!.id));
  t.is(settled.kind, SLICE.done);
  t.deepEqual(settled.others, [2]);
  t.false(settled.text.includes('others'));
  const other = collectOther(guests.isolate, context.host, 2);
  t.is(other.kind, SLICE.done);
  t.deepEqual(outboxOf(other).answer?.body, { kind: 'text', text: 'both' });
});

test.serial('isolated-vm takes a timeout of 0 for none: pinned, as sliceTimeoutMs() never gives it', (t) => {
  const isolate = new ivm.Isolate({ memoryLimit: 16 });
  const context = isolate.createContextSync();
  const script = isolate.compileScriptSync('const end = Date.now() + 30; while (Date.now() < end); 1');
  t.is(script.runSync(context, { timeout: 0 }), 1);
  isolate.dispose();
});
