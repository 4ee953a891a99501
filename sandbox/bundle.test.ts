// The finished bundle in real isolates, in both modes: what a `node:vm` context cannot show. Code to run comes in a
// header, so that one template serves all tests.
import test from 'ava';
import { CALL, type Outbox } from '#runtime';
import { type GuestContext, GuestIsolate } from './executor/isolate.ts';
import { enterWith, program, templateOf } from './test-program.ts';

const RUN = `const code = request.headers.get('x-code');
  const run = Object.getPrototypeOf(async () => {}).constructor('kept', 'env', 'request', code);
  return Response.json((await run(kept, env, request)) ?? null);`;
/** What a program keeps of its top level; `hazards.md` 1.2 says what of it would kill a build without the bundle. */
const TOP = `const kept = {
    number: new Intl.NumberFormat('de-DE', { minimumFractionDigits: 2 }),
    date: new Intl.DateTimeFormat('en-GB', { dateStyle: 'short' }),
    collator: new Intl.Collator('sv'),
    segmenter: new Intl.Segmenter('en', { granularity: 'word' }),
    formatted: new Intl.NumberFormat('de-DE').format(1234.5),
    used: new Intl.NumberFormat('en-IN'),
    ref: new WeakRef({ alive: true }),
    registry: new FinalizationRegistry(() => { throw new Error('called') }),
    url: new URL('https://a.example/b'),
    headers: new Headers({ a: 'b' }),
    buffer: new ArrayBuffer(8, { maxByteLength: 16 }),
    error: new DOMException('m', 'AbortError'),
    proxy: new Proxy({}, {}),
    list: [],
  };
  kept.used.format(1);
  kept.registry.register({}, 1);
  function tag(strings) { return strings; }
  kept.template = () => tag\`a\`;`;

const MODES = ['snapshot', 'script'] as const;
const templates = {
  snapshot: await templateOf(program(RUN, TOP)),
  script: await templateOf(program(RUN, TOP), { mode: 'script' }),
};

function collected(context: GuestContext): Outbox {
  const text = String(context.host.applySync(undefined, [CALL.collect, 4_000_000], { timeout: 5_000 }));
  return JSON.parse(text.slice(2)) as Outbox;
}

/** What the body of an async function gives in that context, as JSON. */
function ask(context: GuestContext, code: string): unknown {
  const head = { headers: ['x-code', code] };
  context.host.applySync(undefined, enterWith(++context.entered, head), { timeout: 5_000 });
  const { answer, thrown } = collected(context);
  if (answer?.body.kind !== 'text') throw new Error(`no answer: ${JSON.stringify(thrown)}`);
  return JSON.parse(answer.body.text);
}

for (const mode of MODES) {
  const inside = (title: string, code: string, expected: unknown) =>
    test(`mode ${mode}: ${title}`, (t) => {
      const isolate = new GuestIsolate(templates[mode]);
      t.teardown(() => isolate.dispose());
      for (let i = 0; i < 2; i++) t.deepEqual(ask(isolate.fork(), code), expected);
    });

  inside(
    'names that V8 adds late are there, natively',
    `const found = [Promise.try, RegExp.escape, Error.isError, Math.f16round, Atomics.pause, Iterator.prototype[Symbol.dispose], DataView.prototype.getFloat16, DataView.prototype.setFloat16];
     return [found.every((f) => typeof f === 'function' && Function.prototype.toString.call(f).includes('[native code]')), typeof Error.stackTraceLimit, typeof new Error('x').stack, typeof SuppressedError, typeof Float16Array]`,
    [true, 'number', 'string', 'function', 'function'],
  );
  inside(
    'WebAssembly and SharedArrayBuffer are gone, as are resizable buffers',
    `const b = new ArrayBuffer(8, { maxByteLength: 16 });
     return [typeof WebAssembly, typeof SharedArrayBuffer, b.byteLength, b.resizable, 'resize' in b, 'transfer' in b, 'transferToFixedLength' in b, kept.buffer.resizable]`,
    ['undefined', 'undefined', 8, false, false, false, false, false],
  );
  inside(
    'Intl objects made at the top level work',
    `return [kept.number.format(1234.5), kept.formatted, kept.used.format(1234567), kept.date.format(new Date(0)), ['z', 'ö', 'a'].sort(kept.collator.compare).join(''), [...kept.segmenter.segment('a b')].length]`,
    ['1.234,50', '1.234,5', '12,34,567', '01/01/1970', 'azö', 3],
  );
  inside(
    'WeakRef holds on, FinalizationRegistry never calls',
    `kept.registry.register({}, 2);
     for (let i = 0; i < 30; i++) new Array(1e5).fill({});
     return [kept.ref.deref(), new WeakRef(kept).deref() === kept, kept.registry.unregister(kept)]`,
    [{ alive: true }, true, false],
  );
  inside(
    'objects of the platform made at the top level are of their classes',
    `let cloned; try { structuredClone(kept.proxy) } catch (e) { cloned = e.name }
     return [kept.url instanceof URL, kept.url.href, kept.headers instanceof Headers, kept.headers.get('a'), kept.error instanceof DOMException, kept.error.code, cloned, new Request(kept.url).url]`,
    [true, 'https://a.example/b', true, 'b', true, 20, 'DataCloneError', 'https://a.example/b'],
  );
  inside(
    'time is the given one everywhere',
    `return [Date.now(), new Date().getTime(), new Intl.DateTimeFormat('en-CA').format(), performance.timeOrigin, new Event('x').timeStamp, new File([], 'f').lastModified]`,
    [1_700_000_000_000, 1_700_000_000_000, '2023-11-14', 1_700_000_000_000, 0, 1_700_000_000_000],
  );
  inside('names and methods keep their names', namesCheck(), []);
  inside('nothing of the host can be reached from the global', reachable(), { odd: [], many: true });
  inside('the global has these names and no others', 'return Object.getOwnPropertyNames(globalThis).sort()', globals());
}

/** Interfaces, and members of the global, by their own `name`. */
function namesCheck(): string {
  return `const wrong = [];
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      const value = globalThis[name];
      if (typeof value === 'function' && value.name !== name) wrong.push([name, value.name]);
      if (typeof value !== 'function' || value.prototype === undefined) continue;
      for (const key of Object.getOwnPropertyNames(value.prototype)) {
        const { get, set, value: method } = Object.getOwnPropertyDescriptor(value.prototype, key);
        if (key === 'constructor' || key === '__proto__') continue;
        if (get !== undefined && get.name !== 'get ' + key) wrong.push([name, key, get.name]);
        if (set !== undefined && set.name !== 'set ' + key) wrong.push([name, key, set.name]);
        const aliases = ['trimLeft', 'trimRight', 'toGMTString'];
        if (typeof method === 'function' && method.name !== key && !aliases.includes(key)) wrong.push([name, key, method.name]);
      }
    }
    return wrong.filter(([name, key]) => name !== 'self' && key !== 'arguments' && key !== 'caller' && !(name === 'Set' && key === 'keys'))`;
}

/** Walks everything that can be reached by properties and prototypes, from the global and from what a handler is given. */
function reachable(): string {
  return `const seen = new Set(), odd = [], left = [[globalThis, 'globalThis'], [env, 'env'], [request, 'request'], [kept, 'kept'], [function () {}.constructor, 'Function']];
    const banned = /^(?:Reference|ExternalCopy|Isolate|Context|Callback|Session|Module|NativeModule|Transferable|process|require)$/;
    while (left.length > 0) {
      const [value, path] = left.pop();
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        const text = String(key);
        if (banned.test(text) || /tine_|isolated|ivm/.test(text)) odd.push(path + '.' + text);
        const found = Object.getOwnPropertyDescriptor(value, key);
        if (typeof found.value === 'function' && banned.test(found.value.name) && found.value.name !== 'Context') odd.push(path + '.' + text);
        for (const next of [found.value, found.get, found.set]) left.push([next, path + '.' + text]);
        if (found.get !== undefined && value === globalThis) left.push([globalThis[key], path + '.' + text]);
      }
      left.push([Object.getPrototypeOf(value), path + '.__proto__']);
    }
    return { odd, many: seen.size > 1000 }`;
}

function globals(): string[] {
  return `AbortController AbortSignal AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array
    BigUint64Array Blob Boolean ByteLengthQueuingStrategy CountQueuingStrategy Crypto CustomEvent DOMException DataView
    Date DisposableStack Error ErrorEvent EvalError Event EventTarget File FinalizationRegistry Float16Array Float32Array
    Float64Array FormData Function Headers Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math
    MessageChannel MessageEvent MessagePort NaN Navigator Number Object Performance Promise PromiseRejectionEvent Proxy
    RangeError ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
    ReadableStreamDefaultController ReadableStreamDefaultReader ReferenceError Reflect RegExp Request Response Set String
    SuppressedError Symbol SyntaxError TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream
    TransformStreamDefaultController TypeError URIError URL URLPattern URLSearchParams Uint16Array Uint32Array Uint8Array
    Uint8ClampedArray WeakMap WeakRef WeakSet WritableStream WritableStreamDefaultController WritableStreamDefaultWriter
    addEventListener atob btoa clearInterval clearTimeout console crypto decodeURI decodeURIComponent dispatchEvent
    encodeURI encodeURIComponent escape eval fetch globalThis isFinite isNaN navigator onerror onrejectionhandled
    onunhandledrejection parseFloat parseInt performance queueMicrotask removeEventListener reportError self setInterval
    setTimeout structuredClone undefined unescape`
    .split(/\s+/)
    .sort();
}

/** One context leaves something, another one looks: the value that it must not see. */
const CHANNELS: [name: string, leave: string, look: string][] = [
  ['a global', 'globalThis.leak = 1', 'globalThis.leak'],
  ['a global by a sloppy assignment', '(0, eval)("leak = 1")', 'typeof leak === "undefined" ? undefined : leak'],
  ['a var of a script', '(0, eval)("var leak = 1")', 'globalThis.leak'],
  ['a function of a script', '(0, eval)("function leak() {}")', 'globalThis.leak'],
  ['the top level of the program', 'kept.list.push(1); kept.leak = 1', 'kept.leak ?? kept.list[0]'],
  ['Object.prototype', 'Object.prototype.leak = 1', '({}).leak'],
  ['Array.prototype', 'Array.prototype.leak = 1', '[].leak'],
  ['Function.prototype', 'Function.prototype.leak = 1', '(() => {}).leak'],
  [
    'a replaced builtin',
    'JSON.stringify = () => "{}"; Array.prototype.push = null',
    'Array.prototype.push === null || undefined',
  ],
  ['Promise.prototype.then', 'Promise.prototype.then = 1', 'Promise.prototype.then === 1 || undefined'],
  ['the prototype of async functions', 'Object.getPrototypeOf(async () => {}).leak = 1', '(async () => {}).leak'],
  [
    'the prototype of generators',
    'Object.getPrototypeOf(function* () {}).prototype.leak = 1',
    '(function* () {})().leak',
  ],
  ['the prototype of iterators', 'Iterator.prototype.leak = 1', '[].values().leak'],
  [
    'Symbol.for',
    'globalThis[Symbol.for("leak")] = 1; Symbol.for("leak").constructor.leak = 1',
    'globalThis[Symbol.for("leak")] ?? Symbol.leak',
  ],
  [
    'a template object',
    'kept.template().constructor.leak = 1; try { kept.template().leak = 1 } catch {}',
    'kept.template().leak ?? Array.leak',
  ],
  ['statics of RegExp', '/lea(k)/.exec("leak")', 'RegExp.$1 === "" ? undefined : RegExp.$1'],
  ['RegExp.lastMatch', '/leak/.exec("leak"); RegExp.input = "leak"', 'RegExp.input === "leak" || undefined'],
  ['Error.prepareStackTrace', 'Error.prepareStackTrace = () => 1', 'Error.prepareStackTrace'],
  ['Error.stackTraceLimit', 'Error.stackTraceLimit = 77', 'Error.stackTraceLimit === 77 || undefined'],
  ['the console', 'console.leak = 1; console.time("leak")', 'console.leak'],
  ['a lazy interface', 'URL.leak = 1; URL.prototype.leak = 1', 'URL.leak ?? new URL("a:").leak'],
  ['an eager interface', 'Request.prototype.leak = 1; Response.leak = 1', 'request.leak ?? Response.leak'],
  [
    'private state of an object of the top level',
    'kept.headers.set("a", "leak"); kept.url.hash = "leak"',
    'kept.headers.get("a") === "b" && kept.url.hash === "" ? undefined : 1',
  ],
  ['env', 'env.leak = 1; Object.getPrototypeOf(env).leak2 = 1', 'env.leak ?? env.leak2'],
  [
    'listeners of the global',
    'addEventListener("leak", (e) => { e.seen = 1 })',
    '(() => { const e = new Event("leak"); dispatchEvent(e); return e.seen })()',
  ],
  ['onerror', 'globalThis.onerror = () => 1', 'globalThis.onerror ?? undefined'],
  [
    'a timer that is open',
    'setTimeout(() => { globalThis.leak = 1 }, 1); queueMicrotask(() => { globalThis.leak = 1 })',
    'globalThis.leak',
  ],
  ['a buffer', 'globalThis.u8 = new Uint8Array(kept.buffer); u8[0] = 7', 'new Uint8Array(kept.buffer)[0] || undefined'],
  [
    'Math.random and crypto',
    'Math.random(); crypto.randomUUID(); Math.leak = crypto.leak = 1',
    'Math.leak ?? crypto.leak',
  ],
  ['Atomics and Reflect', 'Atomics.leak = Reflect.leak = 1', 'Atomics.leak ?? Reflect.leak'],
  [
    'Intl',
    'Intl.leak = 1; Intl.NumberFormat.prototype.format = 1; kept.number.leak = 1',
    'Intl.leak ?? kept.number.leak',
  ],
  [
    'a frozen intrinsic',
    'Object.freeze(Array.prototype); Object.freeze(Object.prototype)',
    'Object.isFrozen(Array.prototype) || undefined',
  ],
];

for (const mode of MODES) {
  test(`mode ${mode}: no context sees what another one left (${CHANNELS.length} channels)`, (t) => {
    const isolate = new GuestIsolate(templates[mode]);
    t.teardown(() => isolate.dispose());
    const before = isolate.fork(); // made before anything was left
    for (const [name, leave, look] of CHANNELS) {
      const leaving = isolate.fork();
      // the answer may be lost with the builtins that the code takes away
      leaving.host.applySync(undefined, enterWith(1, { headers: ['x-code', leave] }), { timeout: 5_000 });
      collected(leaving);
      const after = isolate.fork();
      for (const other of [before, after]) t.is(ask(other, `return (${look}) ?? null`), null, name);
      isolate.release(leaving);
      isolate.release(after);
    }
  });

  test(`mode ${mode}: each of the ${CHANNELS.length} channels is one inside of a context`, (t) => {
    const isolate = new GuestIsolate(templates[mode]);
    t.teardown(() => isolate.dispose());
    const closed = [
      'Math.random and crypto',
      'a template object',
      'env',
      'a timer that is open',
      'Promise.prototype.then',
    ];
    for (const [name, leave, look] of CHANNELS) {
      if (closed.includes(name)) continue;
      const context = isolate.fork();
      t.not(
        ask(
          context,
          `const { stringify } = JSON, { push } = Array.prototype; ${leave};
        const seen = (${look}) ?? null; JSON.stringify = stringify; return seen === null ? null : 1`,
        ),
        null,
        name,
      );
      isolate.release(context);
    }
  });
}

const HELLO = program('return new Response("hello");').replace('async fetch', 'fetch');

function heapUsed({ isolate }: GuestIsolate): number {
  return isolate.getHeapStatisticsSync().used_heap_size;
}

test.serial('an idle context of a small program takes at most 220 KB of heap', async (t) => {
  const isolate = new GuestIsolate(await templateOf(HELLO));
  t.teardown(() => isolate.dispose());
  for (let i = 0; i < 10; i++) isolate.fork();
  const before = heapUsed(isolate);
  for (let i = 0; i < 100; i++) isolate.fork();
  const bytes = (heapUsed(isolate) - before) / 100;
  t.true(bytes <= 220_000, `${Math.round(bytes)} bytes`);
  t.true(bytes > 100_000, `${Math.round(bytes)} bytes: nothing was measured`);
});

test.serial('the snapshot of a small program is below 1.2 MB', async (t) => {
  const { snapshotBytes } = (await templateOf(HELLO)).figures;
  t.true(snapshotBytes < 1_200_000, `${snapshotBytes} bytes`);
});

test.serial('20,000 contexts are made, run and released with a flat RSS', async (t) => {
  const isolate = new GuestIsolate(await templateOf(HELLO));
  t.teardown(() => isolate.dispose());
  const rssMb: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    const context = isolate.fork();
    context.host.applySync(undefined, enterWith(1), { timeout: 5_000 });
    const state = String(context.host.applySync(undefined, [CALL.collect, 1_000_000], { timeout: 5_000 }));
    if (!state.startsWith('d')) t.fail(state);
    isolate.release(context);
    if (i % 5_000 === 4_999) rssMb.push(process.memoryUsage.rss() / 1e6);
  }
  t.is(isolate.live, 0);
  const grown = rssMb.at(-1)! - rssMb[0]!;
  t.true(grown < 40, `RSS after each 5,000: ${rssMb.map(Math.round).join(', ')} MB`);
  t.true(heapUsed(isolate) < 100_000_000, `${heapUsed(isolate)} bytes of heap`);
});
