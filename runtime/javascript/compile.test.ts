import vm from 'node:vm';
import test from 'ava';
import { compileContract } from '../compile.contract.ts';
import { CompileError, type CompileOptions } from '../language.ts';
import { compile } from './compile.ts';
import { javascript } from './language.ts';
import { SourceMapper } from './source-map.ts';

type Files = Record<string, string>;

const modulesOf = (files: Files) => Object.entries(files).map(([path, text]) => ({ path, text }));

/** Compiles and runs a program; gives the exports of its entry. */
async function run(files: Files, options: CompileOptions = {}, globals: object = {}) {
  const { code } = await compile(modulesOf(files), options);
  const context = vm.createContext({ ...globals });
  vm.runInContext(code, context, { filename: 'program.js' });
  return vm.runInContext('tine_program', context);
}

async function failure(files: Files, options: CompileOptions = {}): Promise<CompileError> {
  const error = await compile(modulesOf(files), options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CompileError) return error;
  throw new Error('wanted a CompileError', { cause: error });
}

compileContract(javascript, {
  smallest: [{ path: 'src/index.ts', text: 'export default { fetch(): number { return 1; } };\n' }],
  empty: [{ path: 'index.js', text: '' }],
  throws: {
    modules: modulesOf({
      'src/index.ts': 'import { fail } from "./fail";\n\nexport default fail("x");\n',
      'src/fail.ts': 'type A = string;\n\nexport function fail(a: A): never {\n  throw new Error(a);\n}\n',
    }),
    place: { file: 'src/fail.ts', line: 4, column: 9 },
  },
  broken: {
    modules: modulesOf({ 'a.ts': 'import "./b.ts";', 'b.ts': 'const é = "😀"; let y = ;\n' }),
    place: { file: 'b.ts', line: 1, column: 25 },
  },
  unresolved: {
    modules: modulesOf({ 'src/a.ts': 'const x: number = 1;\n\nimport "node:fs";\n' }),
    place: { file: 'src/a.ts', line: 3, column: 1 },
  },
});

test('compile() joins modules, texts, data and JSON', async (t) => {
  const { default: result } = await run({
    'src/a.ts': `
      import { b } from './b';
      import text from './x.txt';
      import data from '../d.bin';
      import json, { n } from './j.json';
      const c = require('./c.cjs');
      export default [b, text, new Uint8Array(data).length, json.n, n, c.d];`,
    'src/b.ts': 'export const b: string = "b"',
    'src/x.txt': 'line "one"\nline two',
    'd.bin': 'abc',
    'src/j.json': '{"n": 5}',
    'src/c.cjs': 'exports.d = 7',
  });
  t.deepEqual([...result], ['b', 'line "one"\nline two', 3, 5, 5, 7]);
});

test('compile() goes by rules for other files', async (t) => {
  const rules = [{ type: 'Text', globs: ['**/*.css'] }] as const;
  const { default: css } = await run(
    { 'a.ts': 'import css from "./x.css"; export default css', 'x.css': 'b {}' },
    { rules },
  );
  t.is(css, 'b {}');
});

test('compile() understands a CommonJS entry, and runs it with the script', async (t) => {
  const seen: string[] = [];
  const program = await run({ 'a.js': 'seen.push("top"); module.exports = { fetch() { return 1 } }' }, {}, { seen });
  t.deepEqual(seen, ['top']);
  t.is(program.default.fetch(), 1);
});

test('compile() keeps the names of exports, and their bindings alive', async (t) => {
  const program = await run({
    'a.ts': 'export let n = 1; export function inc() { n += 1 } export class A {} export default 5',
  });
  program.inc();
  t.is(program.n, 2);
  t.is(program.A.name, 'A');
  t.is(program.default, 5);
});

test('compile() makes strict code, also of a script without exports', async (t) => {
  const { default: strict } = await run({
    'a.ts': 'export default (function (this: unknown) { return this === undefined })()',
  });
  t.true(strict);
  const seen: unknown[] = [];
  await run({ 'a.js': 'seen.push((function () { return this === undefined })())' }, {}, { seen });
  t.deepEqual(seen, [true]);
});

test('compile() bundles import() of a module of the program', async (t) => {
  const program = await run({ 'a.ts': 'export default () => import("./b.ts")', 'b.ts': 'export const q = 3' });
  t.is((await program.default()).q, 3);
});

test('compile() lowers what V8 has not: types, enums, legacy decorators, using', async (t) => {
  const { E, A, closed } = await run({
    'a.ts': `
      export enum E { one = 1 }
      function mark(target: { marked?: boolean }): void { target.marked = true }
      @mark export class A { declare x: string; constructor(readonly y: number) {} }
      export const closed: string[] = [];
      function scope(): void { using door = { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { closed.push('door') } }; closed.push('in') }
      scope();`,
  });
  t.is(E.one, 1);
  t.true(A.marked);
  t.is(new A(4).y, 4);
  t.deepEqual([...closed], ['in', 'door']);
});

test('compile() warns that decorators are those of TypeScript', async (t) => {
  const { warnings } = await compile(
    modulesOf({ 'a.ts': 'function d(x: unknown) {}\n@d class A {}\nexport { A }' }),
    {},
  );
  t.deepEqual(
    warnings.map(({ code }) => code),
    ['legacy_decorators'],
  );
});

const JSX = { 'a.jsx': 'const h = (...a) => a; const Part = "part"; export default <b id="1"><>x</></b>' };

test('compile() makes JSX into calls of jsx_factory and jsx_fragment', async (t) => {
  const { default: made } = await run(JSX, { jsxFactory: 'h', jsxFragment: 'Part' });
  t.is(JSON.stringify(made), '["b",{"id":"1"},["part",null,"x"]]');
});

test('compile() makes JSX into calls of React when nothing else is said', async (t) => {
  const React = { createElement: (...a: unknown[]) => a, Fragment: 'f' };
  const { default: made } = await run(JSX, {}, { React });
  t.is(JSON.stringify(made), '["b",{"id":"1"},["f",null,"x"]]');
});

test('compile() puts in what `define` says', async (t) => {
  const define = { VERSION: '"1.2"', 'process.env.NODE_ENV': '"production"' };
  const { default: values } = await run({ 'a.ts': 'export default [VERSION, process.env.NODE_ENV]' }, { define });
  t.deepEqual([...values], ['1.2', 'production']);
});

test('compile() answers process.env.NODE_ENV, which packages ask, unless `define` does', async (t) => {
  const files = { 'a.js': 'export default process.env.NODE_ENV' };
  t.is((await run(files)).default, 'production');
  t.is((await run(files, { define: { 'process.env.NODE_ENV': '"test"' } })).default, 'test');
});

test('compile() says that a value of `define` is no constant', async (t) => {
  const { code, message } = await failure({ 'a.ts': 'export default X' }, { define: { X: 'a b' } });
  t.is(code, 'compile_error');
  t.regex(message, /"define"/);
});

test('compile() follows `alias`', async (t) => {
  const alias = { '@/greet': './lib/greet.ts' };
  const { default: value } = await run(
    { 'src/a.ts': 'import g from "@/greet"; export default g', 'lib/greet.ts': 'export default "hi"' },
    { alias },
  );
  t.is(value, 'hi');
});

test('compile() minifies, and keeps the names of functions unless told otherwise', async (t) => {
  const files = {
    'a.ts':
      'function longName(text: string) { return text + text }\nexport default { fetch: longName, again: (x: string) => longName(longName(x)) };',
  };
  const plain = await compile(modulesOf(files), {});
  const small = await compile(modulesOf(files), { minify: true, keepNames: false });
  t.true(small.code.length < plain.code.length);
  t.false(small.code.includes('longName'));
  t.is((await run(files, { minify: true })).default.fetch.name, 'longName');
});

test('compile() leaves out what nobody uses', async (t) => {
  const { code } = await compile(
    modulesOf({
      'a.ts': 'import * as all from "./b.ts"; export default all.used',
      'b.ts': 'export const used = 1, unused = "gone"',
    }),
    {},
  );
  t.false(code.includes('gone'));
});

for (const [what, files, code, message, place] of [
  [
    'top-level await',
    { 'a.ts': 'export const x = 1;\n\n  await x;' },
    'compile_error',
    /^top-level await is not available/,
    { file: 'a.ts', line: 3, column: 3 },
  ],
  [
    'a missing export',
    { 'a.ts': '\nimport { nope } from "./b.ts";\nexport default nope', 'b.ts': 'export const q = 1' },
    'compile_error',
    /"nope" is not exported by "b.ts"/,
    { file: 'a.ts', line: 2, column: 10 },
  ],
  [
    'a name declared twice',
    { 'a.ts': 'let a = 1;\nlet a = 2;' },
    'compile_error',
    /`a` has already been declared/,
    { file: 'a.ts', line: 1, column: 5 },
  ],
  [
    'a name exported twice',
    { 'a.ts': 'import "./b.ts"', 'b.ts': 'const a = 1;\nexport { a };\nexport { a };' },
    'compile_error',
    /"a" is exported twice/,
    { file: 'b.ts', line: 3, column: 10 },
  ],
  [
    'a constant assigned to',
    { 'a.js': 'const a = 1;\na = 2;\nexport default a' },
    'compile_error',
    /const variable `a`/,
    { file: 'a.js', line: 2, column: 1 },
  ],
  [
    'import() of a variable',
    { 'src/a.ts': 'export default {\n  fetch: (n: string) => import(n) };' },
    'compile_error',
    /import\(\) needs a constant string/,
    { file: 'src/a.ts', line: 2, column: 25 },
  ],
  [
    'JSON that is none',
    { 'a.ts': 'import j from "./j.json"; export default j', 'j.json': '{\n  "a": }' },
    'compile_error',
    /./,
    { file: 'j.json', line: 2, column: 8 },
  ],
  [
    'a package',
    { 'a.ts': 'import a from "lodash/fp"; export default a' },
    'unresolved_import',
    /"lodash\/fp": packages are not part of an upload; `tine deploy`/,
    { file: 'a.ts', line: 1, column: 1 },
  ],
  [
    'a module that is not there',
    { 'src/a.ts': 'export * from "./gone"' },
    'unresolved_import',
    /there is no such module in the program/,
    { file: 'src/a.ts', line: 1, column: 1 },
  ],
  [
    'require() of a built-in',
    { 'a.js': 'exports.x = 1;\nconst fs = require("fs");\nexports.fs = fs' },
    'unresolved_import',
    /no Node.js built-ins/,
    { file: 'a.js', line: 2, column: 12 },
  ],
  [
    'a file of no known kind',
    { 'a.ts': 'import w from "./x.wasm"; export default w', 'x.wasm': '' },
    'unresolved_import',
    /WebAssembly is not available/,
    { file: 'a.ts', line: 1, column: 1 },
  ],
  ['an entry of no known kind', { 'a.css': 'b {}' }, 'compile_error', /no rule says/, { file: 'a.css' }],
] as const) {
  test(`compile() refuses ${what}: ${code}, with its place`, async (t) => {
    const error = await failure(files as Files);
    t.is(error.code, code);
    t.regex(error.message, message);
    t.like(error.place, place);
    if ('line' in place) t.true(error.place.frame?.includes('^'), 'a frame with a caret');
  });
}

test('compile() never looks at a disk: what exists there is as unresolved as anything', async (t) => {
  for (const specifier of [
    'zod',
    `${import.meta.dirname}/compile.ts`,
    '/etc/hostname',
    '../../../../../../etc/hostname',
    './compile.ts',
    '@oxc-project/runtime/../../etc/hostname',
    '@oxc-project/runtime/package.json',
    '\0rolldown/other.js',
    '\0/etc/hostname',
  ]) {
    t.is(
      (await failure({ 'a.ts': `import x from ${JSON.stringify(specifier)}; export default x` })).code,
      'unresolved_import',
    );
  }
});

test('compile() leads errors through the map that an uploaded module carries', async (t) => {
  const map = {
    version: 3,
    sources: ['deep/b.ts'],
    sourcesContent: ['1\n2\n3\n4\n  await 5'],
    names: [],
    mappings: 'AAIE',
  };
  const text = `await 5;\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}\n`;
  const { place } = await failure({ 'src/a.js': text });
  t.like(place, { file: 'src/deep/b.ts', line: 5, column: 3 });
  t.true(place.frame?.includes('> 5 |   await 5'));
});

test('compile() composes its map with the one that an uploaded module carries', async (t) => {
  const first = await compile(
    modulesOf({ 'src/a.ts': 'type T = 1;\n\nexport function f() {\n  throw new Error("x");\n}\nf();' }),
    {},
  );
  const inline = Buffer.from(JSON.stringify({ ...JSON.parse(first.map), sources: ['a.ts'] })).toString('base64');
  const text = `${first.code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
  const { code, map } = await compile([{ path: 'src/main.js', text }], { minify: true });
  const before = code.slice(0, code.indexOf('throw')).split('\n');
  t.like(new SourceMapper(map).place(before.length, (before.at(-1) ?? '').length + 1), { file: 'src/a.ts', line: 4 });
});

const FAIL = 'function fail() {\n  throw new Error("x");\n}\nfail();';

for (const [what, text, line] of [
  ['surrogate pairs', 'go("😀é", fail());\nfunction fail() { go("😀😀"); throw new Error("x"); }', 2],
  ['CR LF', `type A = 1;\r\n${FAIL.replaceAll('\n', '\r\n')}`, 3],
  ['CR alone', `type A = 1;\r${FAIL.replaceAll('\n', '\r')}`, 3],
  ['U+2028 in a text', `go("a\u2028b");\n${FAIL}`, 4],
  ['a text of many lines', `go(\`a\n\n\nb\`);\n${FAIL}`, 6],
] as const) {
  for (const minify of [false, true]) {
    test(`compile() keeps places beside ${what} (minify: ${minify})`, async (t) => {
      const { code, map } = await compile([{ path: 'a.ts', text }], { minify });
      const context = vm.createContext({ go: () => undefined });
      const error = t.throws(() => vm.runInContext(code, context, { filename: 'program.js' }), { any: true });
      // Node puts the line of the script before the stack.
      const frames = /^ +at [\s\S]*/m.exec((error as Error).stack ?? '')?.[0] ?? '';
      const place = new SourceMapper(map).first(frames);
      t.is(place?.line, line);
      const written = text.split(/\r\n|[\n\r\u2028]/)[line - 1] ?? '';
      t.regex(written.slice((place?.column ?? 0) - 1), /^(?:new )?Error\("x"\)/);
    });
  }
}

test('compile() does without a map that is damaged, and says so', async (t) => {
  for (const map of ['nonsense', '{}', '{"version":3,"sources":["a"],"names":[],"mappings":"AOAA"}']) {
    const inline = Buffer.from(map).toString('base64');
    const text = `export default 1;\n//# sourceMappingURL=data:application/json;base64,${inline}`;
    const { warnings } = await compile([{ path: 'a.js', text }], {});
    t.like(warnings, { 0: { code: 'damaged_source_map', file: 'a.js' }, length: 1 });
  }
});
