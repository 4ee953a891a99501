// The builder, with real children.
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { languages } from '#runtime';
import type { Details, TineError } from '../errors.ts';
import { NO_LAYER2, probeLayer2 } from '../executor/confine.ts';
import { GuestIsolate } from '../executor/isolate.ts';
import { decodeTemplate } from '../template/template.ts';
import { type ConfigParts, uploadOf } from '../test-program.ts';
import { Builder, type BuilderOptions, type Built } from './builder.ts';

const ENTRY = fileURLToPath(new URL('main.ts', import.meta.url));
const bundle = await languages.javascript.bundle();
// With its limit on address space: what exhausts memory would otherwise be the machine's trouble.
const layer2 = { ...probeLayer2(), namespaces: false };
const shared = new Builder({ confine: { layer2, entry: ENTRY } });

test.after.always(() => shared.end());

const HANDLER = 'export default { fetch() { return new Response("x") } };';

function build(top: string, config: ConfigParts = {}): Promise<Built> {
  return shared.build(uploadOf(`${top}\n${HANDLER}`, config), bundle);
}

async function refusal(t: ExecutionContext, building: Promise<unknown>): Promise<TineError & { details: Details }> {
  return (await t.throwsAsync(building)) as TineError & { details: Details };
}

test.serial('Builder.build() gives a template that can be forked, with its figures', async (t) => {
  const { bytes, template } = await build('const n = 1;');
  t.is(template.mode, 'snapshot');
  t.deepEqual(template.warnings, []);
  const { snapshotBytes, contextUs, contextBytes, buildMs } = template.figures;
  t.true(snapshotBytes > 100_000 && contextUs > 50 && contextBytes >= 50_000 && buildMs > 0);
  const guests = new GuestIsolate(decodeTemplate(bytes));
  t.notThrows(() => guests.fork());
  guests.dispose();
});

test.serial('Builder.build() compiles TypeScript of several modules', async (t) => {
  const upload = uploadOf(
    'import { text } from "./text"; export default { fetch(): Response { return new Response(text as string) } }',
    {},
    'index.ts',
  );
  const modules = [...upload.modules, { path: 'text.ts', text: 'export const text: string = "x";' }];
  t.is((await shared.build({ ...upload, modules }, bundle)).template.mode, 'snapshot');
});

const REFUSED: [title: string, source: string, code: string, details: Details, config?: ConfigParts][] = [
  ['a syntax error', 'const a = 1;\nlet let = 2;', 'compile_error', { file: 'index.js', line: 2 }],
  [
    'an import that is not there',
    'import x from "./nowhere";\nexport default { fetch() {} };',
    'unresolved_import',
    { file: 'index.js', line: 1 },
  ],
  [
    'an import of Node',
    'import fs from "node:fs";\nexport default { fetch() { return fs } };',
    'unresolved_import',
    { file: 'index.js', line: 1 },
  ],
  [
    'a throw at the top level',
    `const a = 1;\n  throw new TypeError("own text");\n${HANDLER}`,
    'init_threw',
    { file: 'index.js', line: 2, column: 9, text: 'TypeError: own text' },
  ],
  ['a throw of a string', `throw "own text";\n${HANDLER}`, 'init_threw', { text: 'own text' }],
  [
    'a call of what is not there',
    `nothing();\n${HANDLER}`,
    'init_threw',
    { line: 1, text: 'ReferenceError: nothing is not defined' },
  ],
  [
    'an op at the top level',
    `await_(fetch("http://a.example/")); function await_() {}\n${HANDLER}`,
    'init_threw',
    { line: 1 },
  ],
  ['no handler', 'export default {};', 'no_handler', {}],
  ['no export', 'const a = 1;', 'no_handler', {}],
  ['two forms of handlers', `addEventListener("fetch", () => {});\n${HANDLER}`, 'two_handler_forms', {}],
  [
    'a loop',
    `const a = 1;\nfor (;;);\n${HANDLER}`,
    'build_timeout',
    { line: 2, construct: 'for (;;)' },
    { limits: { initMs: 200 } },
  ],
  [
    'a loop of microtasks',
    `const again = () => queueMicrotask(again); again();\n${HANDLER}`,
    'build_timeout',
    {},
    { limits: { initMs: 200 } },
  ],
  [
    'a throw of a Proxy whose getters loop',
    `throw new Proxy({}, { get() { while (true); } });\n${HANDLER}`,
    'build_timeout',
    {},
    { limits: { initMs: 200 } },
  ],
  [
    'entropy that is forbidden',
    `const a = 1;\nconst id = Math.random();\n${HANDLER.replace('"x"', 'id')}`,
    'entropy_at_init',
    { line: 2 },
    { snapshot: { entropy: 'error' } },
  ],
  [
    'a poison, where a snapshot is required',
    `Object.freeze(Math);\n${HANDLER}`,
    'unloadable_template',
    { line: 1, construct: 'Object.freeze(Math)' },
    { snapshot: { mode: 'require' } },
  ],
];

for (const [title, source, code, details, config] of REFUSED) {
  test.serial(`Builder.build() refuses ${title}: ${code}`, async (t) => {
    const since = performance.now();
    const error = await refusal(t, shared.build(uploadOf(source, config), bundle));
    t.is(error.code, code as never);
    if (Object.keys(details).length > 0) t.like(error.details, details);
    t.true(performance.now() - since < 5_000);
    t.false(JSON.stringify(error.details).includes('/work/'), 'no path of ours');
    await t.notThrowsAsync(build(''), 'the next one is built');
  });
}

test.serial('Builder.build() of a heap that is larger than memory_mb is refused, and the parent lives', async (t) => {
  const top = 'const a = []; for (let i = 0; i < 1e8; i++) a.push({ i, x: [i] });';
  const error = await refusal(t, build(top, { limits: { memoryMb: 16, initMs: 5_000 } }));
  t.true(
    ['build_crashed', 'build_timeout', 'unloadable_template', 'template_too_large', 'init_threw'].includes(error.code),
    error.code,
  );
});

const POISONS: [title: string, top: string, line: number][] = [
  ...['globalThis', 'Math', 'Promise', 'Error', 'RegExp', 'Atomics', 'Iterator.prototype'].map(
    (name): [string, string, number] => [`Object.freeze(${name})`, `const a = 1;\nObject.freeze(${name});`, 2],
  ),
  ['Object.seal(globalThis)', 'Object.seal(globalThis);', 1],
  ['Object.preventExtensions(globalThis)', 'Object.preventExtensions(globalThis);', 1],
  ['delete globalThis.Atomics', 'delete globalThis.Atomics;', 1],
];

for (const [construct, top, line] of POISONS) {
  test.serial(`D03 Builder.build() serves ${construct} without a snapshot, and names it`, async (t) => {
    const { template, bytes } = await build(top);
    t.is(template.mode, 'script');
    t.like(template.warnings[0], { code: 'no_snapshot', file: 'index.js', line });
    t.regex(template.warnings[0]?.text ?? '', /^served without a snapshot: /);
    const guests = new GuestIsolate(decodeTemplate(bytes));
    t.notThrows(() => guests.fork());
    guests.dispose();
  });
}

const LATE: [name: string, code: string][] = [
  ['Promise.try', 'Promise.try ??= () => 1;'],
  ['RegExp.escape', 'RegExp.escape ??= () => 1;'],
  ['Error.isError', 'Error.isError ??= () => 1;'],
  ['Error.stackTraceLimit', 'Error.stackTraceLimit = 50;'],
  ['Math.f16round', 'Math.f16round ??= () => 1;'],
  ['Atomics.pause', 'if (globalThis.Atomics) Atomics.pause ??= () => 1;'],
  ['Iterator.prototype[Symbol.dispose]', 'Iterator.prototype[Symbol.dispose ?? Symbol.for("x")] ??= function () {};'],
  ['DataView.prototype.getFloat16', 'DataView.prototype.getFloat16 ??= () => 1;'],
  ['DataView.prototype.setFloat16', 'DataView.prototype.setFloat16 ??= () => 1;'],
];

test.serial('D03 Builder.build() takes a polyfill of each late name into a snapshot', async (t) => {
  const { template } = await build(LATE.map(([, code]) => code).join('\n'));
  t.is(template.mode, 'snapshot');
});

for (const [name] of LATE.filter(([late]) => !late.includes('['))) {
  test.serial(`D03 Builder.build() serves a fixed ${name} in one of the two modes`, async (t) => {
    const at = name.lastIndexOf('.');
    const top = `Object.defineProperty(${name.slice(0, at)}, '${name.slice(at + 1)}', { value: () => 1, configurable: false });`;
    const { template } = await build(top);
    t.true(template.mode === 'script' ? template.warnings[0]?.code === 'no_snapshot' : template.warnings.length === 0);
  });
}

test.serial('D14 Builder.build() warns of each source of entropy once, with its line', async (t) => {
  const { template } = await build(
    'globalThis.a = Math.random();\nglobalThis.b = Math.random();\nglobalThis.c = Date.now();\nglobalThis.d = crypto.randomUUID();',
  );
  const found = template.warnings
    .filter(({ code }) => code === 'entropy_at_init')
    .map(({ text, line }) => [text.split(' ')[0], line]);
  t.deepEqual(found, [
    ['Math.random()', 1],
    ['Date.now()', 3],
    ['crypto.randomUUID()', 4],
  ]);
});

test.serial('Builder.build() warns of handlers that are never called', async (t) => {
  const { template } = await shared.build(uploadOf('export default { fetch() {}, scheduled() {} };'), bundle);
  t.deepEqual(
    template.warnings.map(({ code, text }) => [code, text]),
    [['unknown_handler', 'handler "scheduled" is never called']],
  );
});

test.serial('Builder.build() mode off makes no snapshot', async (t) => {
  const { template, bytes } = await build('', { snapshot: { mode: 'off' } });
  t.is(template.mode, 'script');
  t.deepEqual(template.warnings, []);
  const { scripts, snapshot } = decodeTemplate(bytes);
  t.is(snapshot, undefined);
  t.deepEqual(
    scripts.map(({ filename }) => filename),
    ['bundle.js', 'program.js', 'adopt.js'],
  );
  t.true(scripts[0]!.cachedData!.length > 1_000);
});

test.serial('Builder.build() sends warm-up requests, and says which failed', async (t) => {
  const source =
    'let warm = 0; export default { fetch(request) { if (request.url.includes("bad")) throw new Error("own"); return new Response(String(++warm)); } };';
  const warmup = ['/one', '/bad'].map((path) => ({ method: 'GET', path, headers: {} }));
  const { template } = await shared.build(uploadOf(source, { snapshot: { warmup } }), bundle);
  t.deepEqual(
    template.warnings.map(({ code }) => code),
    ['warmup_failed'],
  );
  t.regex(template.warnings[0]!.text, /^snapshot\.warmup\[1\] failed: .*own/);
});

function ownBuilder(t: ExecutionContext, options: Partial<BuilderOptions> = {}): Builder {
  const builder = new Builder({ confine: { layer2: NO_LAYER2, entry: ENTRY }, ...options });
  t.teardown(() => builder.end());
  return builder;
}

test.serial('Builder.build() builds many at once, so many at a time', async (t) => {
  const builder = ownBuilder(t, { concurrency: 2 });
  const all = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => builder.build(uploadOf(`const n = ${n};\n${HANDLER}`), bundle)),
  );
  t.deepEqual(
    all.map(({ template }) => template.mode),
    Array(5).fill('snapshot'),
  );
});

/** A child that says what a test wants, frame after frame, when it gets its job. */
const fake = (frames: string) =>
  `data:text/javascript,${encodeURIComponent(`
  import { Socket } from 'node:net';
  const socket = new Socket({ fd: 3, readable: true, writable: true });
  const frame = (type, text) => { const b = Buffer.alloc(32 + text.length); b.writeUInt32LE(28 + text.length, 0);
    b[4] = type; b.writeUInt32LE(text.length, 12); b.write(text, 32); return b; };
  socket.on('data', () => { for (const piece of ${frames}) socket.write(piece); });
  socket.on('end', () => process.exit(0)); setInterval(() => {}, 1e6);`)}`;

const BROKEN: Record<string, string> = {
  'an unknown frame': '[frame(99, "")]',
  'a template without bytes': '[frame(50, "")]',
  'a failure that is no JSON': '[frame(51, "{")]',
  'a failure of an unknown code': '[frame(51, JSON.stringify({ code: "constructor", details: {}, retry: false }))]',
  'a failure without details': '[frame(51, JSON.stringify({ code: "init_threw", retry: false }))]',
  'an unknown phase': '[frame(49, "party")]',
  'a phase twice': '[frame(49, "compile"), frame(49, "compile")]',
  'phases in the wrong order': '[frame(49, "compile"), frame(49, "trial")]',
  'a frame of 4 GB': '[Buffer.from([255, 255, 255, 255, 0])]',
  'a frame without a head': '[Buffer.from([1, 0, 0, 0, 0])]',
};

for (const [title, frames] of Object.entries(BROKEN)) {
  test.serial(`Builder.build() ends a child that sends ${title} as build_crashed`, async (t) => {
    const broken = ownBuilder(t, { confine: { layer2: NO_LAYER2, entry: `--import=${fake(frames)}` } });
    const error = await refusal(t, broken.build(uploadOf(HANDLER, { snapshot: { mode: 'require' } }), bundle));
    t.is(error.code, 'build_crashed', error.message);
    t.regex(error.details.text ?? '', /^the builder died of a broken protocol/);
  });
}

test.serial('Builder.end() refuses what is built, what waits, and what comes later', async (t) => {
  const builder = ownBuilder(t, { concurrency: 1 });
  const all = [1, 2, 3].map((n) => builder.build(uploadOf(`const n = ${n}; for (;;);`), bundle));
  const settled = Promise.allSettled(all);
  builder.end();
  for (const result of await settled) t.is((result as PromiseRejectedResult).reason.code, 'draining');
  t.is((await refusal(t, builder.build(uploadOf(HANDLER), bundle))).code, 'draining');
});
