import test, { type ExecutionContext } from 'ava';
import ivm from 'isolated-vm';
import { program, type TemplateParts, templateOf } from '../test-program.ts';
import { forkMsMax, GuestIsolate, transferable } from './isolate.ts';

async function start(t: ExecutionContext, compiled: string, parts: TemplateParts = {}): Promise<GuestIsolate> {
  const guests = new GuestIsolate(await templateOf(compiled, parts));
  t.teardown(() => guests.dispose());
  return guests;
}

const HELLO = program('return new Response("x")');
const MODES = ['snapshot', 'script'] as const;

/** Runs code in a fresh context, as a late part of the program would. */
function evaluate(guests: GuestIsolate, code: string): unknown {
  const guest = guests.fork();
  try {
    return guests.isolate.compileScriptSync(code).runSync(guest.context, { timeout: 5_000, copy: true });
  } finally {
    guests.release(guest);
  }
}

for (const mode of MODES) {
  test.serial(`GuestIsolate.fork() and release() count, mode ${mode}`, async (t) => {
    const guests = await start(t, HELLO, { mode });
    const made = [guests.fork(), guests.fork(), guests.fork()];
    t.is(guests.live, 3);
    guests.release(made[1]!);
    guests.release(made[1]!);
    t.is(guests.live, 2);
    guests.dispose();
    t.is(guests.live, 0);
    t.true(guests.isolate.isDisposed);
    guests.release(made[0]!);
    guests.dispose();
    t.is(guests.live, 0);
  });

  test.serial(`GuestIsolate.fork() gives contexts whose globals are apart, mode ${mode}`, async (t) => {
    const guests = await start(t, program('', 'globalThis.list = [1];'), { mode });
    t.is(evaluate(guests, 'list.push(2); Array.prototype.leak = 1; Object.prototype.leak = 1; list.length'), 2);
    t.is(evaluate(guests, 'list.length + (([]).leak ?? 0)'), 1);
  });

  const SHADOWS: Record<string, string> = {
    nothing: '',
    'an assignment': 'globalThis.NAME = 1;',
    'a configurable property': 'Object.defineProperty(globalThis, "NAME", { value: 1, configurable: true });',
    'a getter': 'Object.defineProperty(globalThis, "NAME", { get() { return 1; }, configurable: true });',
    'a setter': 'Object.defineProperty(globalThis, "NAME", { set() {}, configurable: true });',
    'a deleted property': 'globalThis.NAME = 1; delete globalThis.NAME;',
    'a property of the prototype': 'Object.prototype.NAME = 1;',
    'a fixed property': 'Object.defineProperty(globalThis, "NAME", { value: 1, configurable: false });',
  };
  for (const [title, code] of Object.entries(SHADOWS)) {
    test.serial(`D15 no context has WebAssembly or SharedArrayBuffer behind ${title}, mode ${mode}`, async (t) => {
      const top = ['WebAssembly', 'SharedArrayBuffer'].map((name) => code.replaceAll('NAME', name)).join('\n');
      const guests = await start(t, program('', top), { mode });
      for (const name of ['WebAssembly', 'SharedArrayBuffer']) {
        const kinds = evaluate(
          guests,
          `[typeof this.${name}, typeof this.${name}?.Memory, typeof this.${name}?.prototype]`,
        );
        t.true(['undefined', 'number'].includes((kinds as string[])[0]!), `${name}: ${kinds}`);
        t.is(evaluate(guests, `typeof Object.getOwnPropertyDescriptor(this, '${name}')?.value?.Memory`), 'undefined');
      }
    });
  }

  test.serial(
    `GuestIsolate: nothing of isolated-vm, no host function is reachable from a guest, mode ${mode}`,
    async (t) => {
      const guests = await start(t, HELLO, { mode });
      const found = evaluate(guests, WALK) as { seen: number; bad: string[] };
      t.true(found.seen > 500, `${found.seen} objects`);
      t.deepEqual(found.bad, []);
    },
  );

  test.serial(
    `GuestIsolate: the name of the host function is not to be found in a context, mode ${mode}`,
    async (t) => {
      const guests = await start(t, HELLO, { mode });
      const names = evaluate(guests, 'Reflect.ownKeys(globalThis).map(String)') as string[];
      t.deepEqual(
        names.filter((name) => name.startsWith('tine')),
        [],
      );
      t.is(evaluate(guests, 'String(typeof tine_program)'), 'object');
      t.is(evaluate(guests, 'typeof process + typeof require + typeof global + typeof Buffer'), 'undefined'.repeat(4));
    },
  );
}

/** Every object that can be reached from the global by properties, prototypes and accessors. */
const WALK = `(() => {
  const seen = new Set(); const bad = []; const queue = [[globalThis, 'globalThis']];
  const ivmNames = /^(Isolate|Context|Reference|ExternalCopy|Module|Script|Callback|NativeModule|Session)$/;
  while (queue.length > 0) {
    const [value, path] = queue.pop();
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    const name = typeof value === 'function' ? value.name : value.constructor && value.constructor.name;
    if (ivmNames.test(String(name))) bad.push(path + ': ' + name);
    for (const method of ['applySync', 'copyInto', 'derefInto', 'compileScriptSync', 'createContextSync']) {
      let has = false; try { has = method in value; } catch {}
      if (has) bad.push(path + '.' + method);
    }
    let keys = []; try { keys = Reflect.ownKeys(value); } catch {}
    for (const key of keys) {
      let descriptor; try { descriptor = Reflect.getOwnPropertyDescriptor(value, key); } catch {}
      if (!descriptor) continue;
      const at = path + '.' + String(key);
      queue.push([descriptor.value, at], [descriptor.get, at], [descriptor.set, at]);
      if (descriptor.get && path === 'globalThis') { let got; try { got = value[key]; } catch {} queue.push([got, at]); }
    }
    let above = null; try { above = Object.getPrototypeOf(value); } catch {}
    queue.push([above, path + '.__proto__']);
  }
  return { seen: seen.size, bad };
})()`;

test.serial('GuestIsolate.fork() late names come back natively in a context', async (t) => {
  const top = 'Promise.try = () => 1; RegExp.escape = () => 1; Error.isError = () => 1; Math.f16round = () => 1;';
  const guests = await start(t, program('', top));
  const natives = evaluate(
    guests,
    '[Promise.try, RegExp.escape, Error.isError, Math.f16round].map((f) => Function.prototype.toString.call(f).includes("native code"))',
  );
  t.deepEqual(natives, [true, true, true, true]);
});

test.serial('GuestIsolate.fork() throws when the top level does in no-snapshot mode, and keeps nothing', async (t) => {
  const template = await templateOf(HELLO, { mode: 'script' });
  const scripts = template.scripts.map(({ code, filename }) => ({ code, filename }));
  scripts[1] = { code: 'throw new Error("own")', filename: 'program.js' };
  const guests = new GuestIsolate({ ...template, scripts });
  t.teardown(() => guests.dispose());
  for (let i = 0; i < 300; i++) t.throws(() => guests.fork(), { message: /own/ });
  t.is(guests.live, 0);
});

test.serial(
  'GuestIsolate.fork() in no-snapshot mode takes a program whose last value cannot be handed over',
  async (t) => {
    for (const last of [
      'globalThis.kept = {};',
      '(() => {});',
      'Promise.resolve();',
      'Symbol();',
      'new Proxy({}, {});',
    ]) {
      const guests = await start(t, `${HELLO}\n${last}`, { mode: 'script' });
      t.notThrows(() => guests.fork(), last);
    }
  },
);

test.serial('GuestIsolate disposes its isolate when a script of the template does not compile', async (t) => {
  const template = await templateOf(HELLO, { mode: 'script' });
  t.throws(() => new GuestIsolate({ ...template, scripts: [{ code: 'let let', filename: 'program.js' }] }));
});

test.serial('GuestIsolate survives 2,000 cycles of fork and release with a flat heap', async (t) => {
  const guests = await start(t, HELLO, { limits: { memoryMb: 64 } });
  const cycle = (times: number) => {
    for (let i = 0; i < times; i++) guests.release(guests.fork());
  };
  cycle(200);
  const before = guests.isolate.getHeapStatisticsSync().used_heap_size;
  cycle(2_000);
  const grown = guests.isolate.getHeapStatisticsSync().used_heap_size - before;
  // What is forgotten costs 150 KB each: 300 MB here.
  t.true(grown < 45_000_000, `${grown} bytes`);
});

test('forkMsMax() bounds a fork: our own script, or the top level', async (t) => {
  const snapshot = await templateOf(HELLO);
  t.is(forkMsMax(snapshot), 2_000);
  t.is(
    forkMsMax({
      ...snapshot,
      initMs: 500,
      scripts: [
        { code: '', filename: 'a' },
        { code: '', filename: 'b' },
      ],
    }),
    5_000,
  );
});

test.serial('transferable() gives the guest bytes of its own', (t) => {
  const isolate = new ivm.Isolate({ memoryLimit: 16 });
  t.teardown(() => isolate.dispose());
  const context = isolate.createContextSync();
  const pool = Buffer.from('....secret').subarray(0, 4);
  const read = isolate
    .compileScriptSync('(buffer) => { const bytes = new Uint8Array(buffer); bytes[0] = 0; return buffer.byteLength; }')
    .runSync(context, { reference: true });
  t.is(read.applySync(undefined, [transferable(pool)]), 4);
  t.is(pool.toString(), '....');
});
