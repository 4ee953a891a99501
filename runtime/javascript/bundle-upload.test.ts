import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { CompileError, type CompileOptions } from '../language.ts';
import { bundleForUpload } from './bundle-upload.ts';
import { compile } from './compile.ts';
import { SourceMapper } from './source-map.ts';

type Files = Record<string, string>;

/** Writes a program to a folder of its own. */
function folder(t: ExecutionContext, files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'tine-bundle-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Bundles the first file. */
async function bundle(t: ExecutionContext, files: Files, options: CompileOptions = {}) {
  const root = folder(t, files);
  const [entry = ''] = Object.keys(files);
  return { root, ...(await bundleForUpload(join(root, entry), { resolveFrom: root, ...options })) };
}

/** Bundles, compiles and runs a program; gives the exports of its entry. */
async function run(t: ExecutionContext, files: Files, options: CompileOptions = {}, globals: object = {}) {
  const { modules } = await bundle(t, files, options);
  const { code } = await compile(modules, options);
  const context = vm.createContext({ ...globals });
  vm.runInContext(code, context, { filename: 'program.js' });
  return vm.runInContext('tine_program', context);
}

async function failure(t: ExecutionContext, files: Files): Promise<CompileError> {
  const error = await bundle(t, files).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CompileError) return error;
  throw new Error('wanted a CompileError', { cause: error });
}

const pkg = (fields: object): string => JSON.stringify({ name: 'p', version: '1.0.0', ...fields });

const APP: Files = {
  'src/index.ts':
    'import { help } from "p";\nimport { fail } from "./fail.ts";\n\nexport default { fetch: () => help(fail) };\n',
  'src/fail.ts': 'type A = string;\n\nexport function fail(a: A): never {\n  throw new Error(a);\n}\n',
  'node_modules/p/package.json': pkg({ module: './m.js' }),
  'node_modules/p/m.js': '// a package\nexport const help = (f) => f("boom");\nexport const unused = "gone";\n',
};

test('bundleForUpload() makes one module, named like the entry, with everything in it', async (t) => {
  const { modules, warnings } = await bundle(t, APP);
  t.deepEqual(
    modules.map(({ path }) => path),
    ['src/index.js'],
  );
  t.deepEqual(warnings, []);
  t.false(modules[0]?.text.includes('gone'));
});

test('bundleForUpload() carries a map that is relative to the module, without the sources of packages', async (t) => {
  const { modules, root } = await bundle(t, APP);
  const text = modules[0]?.text ?? '';
  const map = JSON.parse(Buffer.from(text.slice(text.indexOf('base64,') + 7), 'base64').toString());
  const contents = Object.fromEntries(
    map.sources.map((source: string, at: number) => [source, map.sourcesContent[at]]),
  );
  t.deepEqual(contents, {
    '../node_modules/p/m.js': null,
    'fail.ts': APP['src/fail.ts'],
    'index.ts': APP['src/index.ts'],
  });
  t.false(text.includes(root) || JSON.stringify(map).includes(root), 'no path of the machine');
});

for (const minify of ['minify', 'plain'] as const) {
  test(`bundleForUpload() and compile() together keep the author's places (${minify})`, async (t) => {
    const { modules } = await bundle(t, APP);
    const { code, map } = await compile(modules, { minify: minify === 'minify' });
    const context = vm.createContext({});
    vm.runInContext(code, context, { filename: 'program.js' });
    const caught = vm.runInContext('try { tine_program.default.fetch() } catch (error) { error.stack }', context);
    const mapper = new SourceMapper(map);
    const [, first = '', second = ''] = mapper.stack(caught).split('\n');
    t.regex(first, /\(src\/fail\.ts:4:\d+\)$/);
    t.regex(second, /node_modules\/p\/m\.js:2:\d+\)$/);
    t.true(mapper.frame({ file: 'src/fail.ts', line: 4, column: 3 })?.includes('>'));
  });
}

test("bundleForUpload() and compile() together refuse top-level await at the author's place", async (t) => {
  const { modules } = await bundle(t, { 'src/a.ts': 'type T = 1;\n\n  await 1;\nexport default 1' });
  const error = await t.throwsAsync(compile(modules, {}), { instanceOf: CompileError });
  t.like(error.place, { file: 'src/a.ts', line: 3, column: 3 });
  t.true(error.place.frame?.includes('> 3 |   await 1;'));
});

test('bundleForUpload() lists the files whose change makes a new bundle', async (t) => {
  const { root, files } = await bundle(t, APP);
  t.deepEqual(files.sort(), [join(root, 'src/fail.ts'), join(root, 'src/index.ts')]);
});

test('bundleForUpload() resolves packages for workerd, worker, browser, import, in the order of the package', async (t) => {
  const built = {
    'w.js': 'export default "workerd"',
    'i.js': 'export default "import"',
    'n.js': 'export default "node"',
  };
  const files = Object.fromEntries(Object.entries(built).map(([name, text]) => [`node_modules/p/${name}`, text]));
  const exports = { node: './n.js', workerd: './w.js', import: './i.js', default: './n.js' };
  const app = { 'a.ts': 'export { default } from "p"', ...files };
  t.is((await run(t, { ...app, 'node_modules/p/package.json': pkg({ exports }) })).default, 'workerd');
  const { workerd: _, ...fewer } = exports;
  t.is((await run(t, { ...app, 'node_modules/p/package.json': pkg({ exports: fewer }) })).default, 'import');
});

test('bundleForUpload() prefers what a package has for browsers to what needs Node.js', async (t) => {
  const files = {
    'a.ts': 'import p from "p"; export default p',
    'node_modules/p/package.json': pkg({ main: './m.js', browser: { './n.js': './b.js', fs: false } }),
    'node_modules/p/m.js': 'module.exports = [require("./n.js"), typeof require("fs").readFileSync]',
    'node_modules/p/n.js': 'module.exports = require("crypto")',
    'node_modules/p/b.js': 'module.exports = "browser"',
  };
  t.deepEqual([...(await run(t, files)).default], ['browser', 'undefined']);
  const exports = { browser: './b.js', default: './n.js' };
  t.is((await run(t, { ...files, 'node_modules/p/package.json': pkg({ exports }) })).default, 'browser');
});

test('bundleForUpload() takes CommonJS packages', async (t) => {
  const files = {
    'a.ts': 'import p, { q } from "p"; export default [p.q, q]',
    'node_modules/p/package.json': pkg({ main: './m.js' }),
    'node_modules/p/m.js': 'exports.q = require("./n.js")',
    'node_modules/p/n.js': 'module.exports = 4',
  };
  t.deepEqual([...(await run(t, files)).default], [4, 4]);
});

test('bundleForUpload() takes texts and data by rules, relative to the program', async (t) => {
  const rules = [
    { type: 'Text', globs: ['pages/*.css'] },
    { type: 'ESModule', globs: ['**/*.es6'] },
  ] as const;
  const program = await run(
    t,
    {
      'src/a.ts':
        'import a from "./a.txt"; import b from "./b.bin"; import c from "../pages/c.css"; import d from "./d.es6"; export default [a, b.byteLength, c, d]',
      'src/a.txt': 'text',
      'src/b.bin': '\0\x01\x02',
      'pages/c.css': 'b {}',
      'src/d.es6': 'export default "es6"',
    },
    { rules },
  );
  t.deepEqual([...program.default], ['text', 3, 'b {}', 'es6']);
});

test('bundleForUpload() follows `alias`, relative to the program, and puts in `define`', async (t) => {
  const program = await run(
    t,
    {
      'src/a.ts': 'import b from "b"; import d from "c/d"; export default [b, d, V]',
      'lib/b.ts': 'export default 1',
      'lib/d.ts': 'export default 2',
    },
    { alias: { b: './lib/b.ts', c: './lib' }, define: { V: '3' } },
  );
  t.deepEqual([...program.default], [1, 2, 3]);
});

const JSX = 'const h = (...a: unknown[]) => a; export default <b/>';

test('bundleForUpload() lets the configuration go before tsconfig.json about JSX', async (t) => {
  const tsconfig = (compilerOptions: object) => JSON.stringify({ compilerOptions });
  const files = { 'a.tsx': JSX, 'tsconfig.json': tsconfig({ jsx: 'react', jsxFactory: 'h' }) };
  const globals = { other: () => 'other' };
  t.is(JSON.stringify((await run(t, files)).default), '["b",null]');
  t.is((await run(t, files, { jsxFactory: 'other' }, globals)).default, 'other');
});

test('bundleForUpload() follows `paths` of tsconfig.json', async (t) => {
  const tsconfig = JSON.stringify({ compilerOptions: { paths: { '@/*': ['./src/*'] } } });
  const program = await run(t, {
    'src/a.ts': 'export { default } from "@/b"',
    'src/b.ts': 'export default 6',
    'tsconfig.json': tsconfig,
  });
  t.is(program.default, 6);
});

test('bundleForUpload() lets a package do without what it only tries to load', async (t) => {
  const files = {
    'a.ts': 'export { default } from "p"',
    'node_modules/p/package.json': pkg({ main: './m.js' }),
    'node_modules/p/m.js': 'let c; try { c = require("crypto") } catch (e) { c = e.message } module.exports = c',
  };
  t.regex((await run(t, files)).default, /cannot import "crypto"/);
  t.like((await bundle(t, files)).warnings, { 0: { code: 'missing_in_package' }, length: 1 });
});

for (const [what, files, code, message, place] of [
  [
    'a package that is not installed',
    { 'src/a.ts': '\nimport x from "not-here/sub"; export default x' },
    'unresolved_import',
    /^cannot import "not-here\/sub": the package "not-here" is not installed.*`npm install not-here`$/,
    { file: 'src/a.ts', line: 2, column: 1 },
  ],
  [
    'an entry that an installed package does not have',
    {
      'a.ts': 'import x from "p/sub"; export default x',
      'node_modules/p/package.json': pkg({ exports: { '.': './m.js' } }),
      'node_modules/p/m.js': '',
    },
    'unresolved_import',
    /the package "p" is installed, but has no such entry/,
    { file: 'a.ts', line: 1, column: 1 },
  ],
  [
    'a built-in of Node.js',
    { 'src/a.ts': '\n\nimport fs from "node:fs"; export default fs' },
    'unresolved_import',
    /^cannot import "node:fs": tine has no Node\.js built-ins$/,
    { file: 'src/a.ts', line: 3, column: 1 },
  ],
  [
    'a built-in of Node.js in a package',
    {
      'a.ts': 'export { default } from "p"',
      'node_modules/p/package.json': pkg({ module: './m.js' }),
      'node_modules/p/m.js': '\nexport { default } from "fs"',
    },
    'unresolved_import',
    /no Node\.js built-ins/,
    { file: 'node_modules/p/m.js', line: 2, column: 1 },
  ],
  [
    'a file that is not there',
    { 'src/a.ts': 'import "./gone.ts"' },
    'unresolved_import',
    /there is no such module in the program/,
    { file: 'src/a.ts', line: 1, column: 1 },
  ],
  [
    'WebAssembly',
    { 'src/a.ts': 'import w from "./w.wasm"; export default w', 'src/w.wasm': '\0asm' },
    'unresolved_import',
    /"src\/w\.wasm": WebAssembly is not available/,
    { file: 'src/a.ts', line: 1, column: 1 },
  ],
  [
    'a style sheet',
    { 'src/a.ts': 'import "./a.css"', 'src/a.css': 'b {}' },
    'unresolved_import',
    /no rule says what such a file is/,
    { file: 'src/a.ts', line: 1, column: 1 },
  ],
  [
    'a source that does not parse',
    { 'src/a.ts': 'import "./b.ts"', 'src/b.ts': 'type A = 1;\n\nlet x = ;' },
    'compile_error',
    /Unexpected token/,
    { file: 'src/b.ts', line: 3, column: 9 },
  ],
  [
    'a name exported twice',
    { 'src/a.ts': 'const a = 1;\nexport { a };\nexport { a };' },
    'compile_error',
    /"a" is exported twice/,
    { file: 'src/a.ts', line: 3, column: 10 },
  ],
] as const) {
  test(`bundleForUpload() refuses ${what}: ${code}, with its place`, async (t) => {
    const error = await failure(t, files as Files);
    t.is(error.code, code);
    t.regex(error.message, message);
    t.like(error.place, place);
    t.true(error.place.frame?.includes('^'), 'a frame with a caret');
  });
}

test('bundleForUpload() says that the entry is not there', async (t) => {
  const root = folder(t, {});
  const error = await t.throwsAsync(bundleForUpload(join(root, 'src/a.ts'), { resolveFrom: root }), {
    instanceOf: CompileError,
  });
  t.is(error.message, 'cannot read the entry: no file src/a.ts');
});

test('bundleForUpload() takes the folder of the entry for that of the program', async (t) => {
  const root = folder(t, { 'deep/a.ts': 'export default 1' });
  t.is((await bundleForUpload(join(root, 'deep/a.ts'))).modules[0]?.path, 'a.js');
});

for (const [name, entry, options] of [
  ['hello-js', 'index.js', {}],
  ['hello-ts', 'src/index.ts', {}],
  ['hono-api', 'src/index.ts', {}],
  ['server-rendered', 'src/index.tsx', { jsxFactory: 'h', jsxFragment: 'Fragment' }],
] as const) {
  test(`bundleForUpload() and compile() take examples/${name} without a warning`, async (t) => {
    const root = join(import.meta.dirname, '../../examples', name);
    const { modules, warnings } = await bundleForUpload(join(root, entry), { resolveFrom: root, ...options });
    const compiled = await compile(modules, options);
    t.deepEqual([...warnings, ...compiled.warnings], []);
    t.true(compiled.code.includes('const tine_program'));
  });
}
