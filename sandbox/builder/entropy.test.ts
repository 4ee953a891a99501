// Warnings about draws at the top level, through a real builder: file, line and column are the author's.
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { languages } from '#runtime';
import { NO_LAYER2 } from '../executor/confine.ts';
import type { BuildWarning } from '../template/template.ts';
import { type ConfigParts, uploadOf } from '../test-program.ts';
import { Builder } from './builder.ts';

const bundle = await languages.javascript.bundle();
const builder = new Builder({
  confine: { layer2: NO_LAYER2, entry: fileURLToPath(new URL('main.ts', import.meta.url)) },
});

test.after.always(() => builder.end());

const HANDLER = 'export default { fetch() { return new Response("x") } };';

async function warnings(source: string, config: ConfigParts = {}, modules: Record<string, string> = {}) {
  const upload = uploadOf(`${source}\n${HANDLER}`, config);
  const more = Object.entries(modules).map(([path, text]) => ({ path, text }));
  const { template } = await builder.build({ ...upload, modules: [...upload.modules, ...more] }, bundle);
  return template.warnings.filter(({ code }) => code === 'entropy_at_init');
}

const places = (found: BuildWarning[]) => found.map(({ file, line, column }) => [file, line, column]);

test.serial('Builder.build() says where Math.random() is drawn from at the top level', async (t) => {
  const [found, ...others] = await warnings('const id = Math.random();\nglobalThis.id = id;');
  t.deepEqual(others, []);
  const { code, text, file, line, column } = found!;
  t.deepEqual(
    { code, text, file, line, column },
    {
      code: 'entropy_at_init',
      text: 'Math.random() at the top level gives the same value in every request',
      file: 'index.js',
      line: 1,
      column: 17,
    },
  );
});

test.serial('Builder.build() says where each source of entropy is drawn from first', async (t) => {
  const found = await warnings(
    [
      'globalThis.a = new Date();',
      'globalThis.b = Date();',
      '  globalThis.c = Date.now();',
      'globalThis.d = crypto.getRandomValues(new Uint8Array(4));',
      'globalThis.e = performance.now();',
      'globalThis.f = [new Date(), Math.random()];',
    ].join('\n'),
  );
  t.deepEqual(
    found.map(({ text, line }) => [text.slice(0, text.indexOf(' at the')), line]),
    [
      ['new Date()', 1],
      ['Date()', 2],
      ['Date.now()', 3],
      ['crypto.getRandomValues()', 4],
      ['performance.now()', 5],
      ['Math.random()', 6],
    ],
  );
});

test.serial('Builder.build() names the module of the draw, and the place inside of a function', async (t) => {
  const found = await warnings(
    'import { id } from "./lib/id.ts";\nglobalThis.id = id;',
    {},
    {
      'lib/id.ts': 'function make(): string {\n  return String(Math.random());\n}\nexport const id: string = make();',
    },
  );
  t.deepEqual(
    found.map(({ file, line }) => [file, line]),
    [['lib/id.ts', 2]],
  );
});

test.serial('Builder.build() knows the place whatever the program makes of stacks', async (t) => {
  const spoilt = [
    'Error.stackTraceLimit = 0;',
    'Error.prepareStackTrace = () => "nothing";',
    'Error.prepareStackTrace = () => { throw 1 };',
    'Object.defineProperty(Object.prototype, "value", { value: 1, configurable: true, writable: true });',
  ];
  for (const top of spoilt) {
    const found = await warnings(`${top}\nglobalThis.a = Math.random();\ndelete Object.prototype.value;`);
    t.deepEqual(places(found), [['index.js', 2, 21]], top);
  }
});

test.serial('Builder.build() puts back what the program has made of stacks', async (t) => {
  const kept = await warnings(
    [
      'const mine = () => "mine";',
      'Error.stackTraceLimit = 3; Error.prepareStackTrace = mine;',
      'globalThis.a = Math.random();',
      'if (Error.stackTraceLimit !== 3 || Error.prepareStackTrace !== mine) throw new Error("not put back");',
      'delete Error.prepareStackTrace;',
    ].join('\n'),
  );
  t.is(kept.length, 1);
});

test.serial('Builder.build() knows the place in script mode, and at the end of long calls', async (t) => {
  const deep = 'const dive = (n) => (n === 0 ? Math.random() : dive(n - 1));\nglobalThis.a = dive(100);';
  t.deepEqual(places(await warnings(deep)), [['index.js', 1, 37]]);
  t.deepEqual(places(await warnings(deep, { snapshot: { mode: 'off' } })), [['index.js', 1, 37]]);
});

test.serial('Builder.build() with snapshot.entropy "error" refuses with the place', async (t) => {
  const upload = uploadOf(`\nconst id = Date.now();\nglobalThis.id = id;\n${HANDLER}`, {
    snapshot: { entropy: 'error' },
  });
  const error = await t.throwsAsync(builder.build(upload, bundle));
  const { details } = error as Error & { details: { file?: string; line?: number; column?: number } };
  t.deepEqual([details.file, details.line, details.column], ['index.js', 2, 17]);
});

test.serial('Builder.build() does not warn of draws in a handler, or in a function that nobody calls', async (t) => {
  t.deepEqual(await warnings('globalThis.later = () => Math.random() + Date.now();\nnew Date(5);'), []);
});
