import test from 'ava';
import type { RolldownLog } from 'rolldown';
import { CompileError } from '../language.ts';
import { diagnose, type FindAuthor, importProblem, kindProblem, packageOf, warning } from './diagnose.ts';

const author: FindAuthor = (id, line, column) => {
  const file = `author/${id.slice(1)}`;
  return line === undefined || column === undefined ? { file } : { file, line, column, frame: '^' };
};

const log = (fields: Partial<RolldownLog>): RolldownLog => ({
  code: 'PARSE_ERROR',
  message: '[PARSE_ERROR] Unexpected token.\n   ╭─[ a.ts:1:2 ]\n   │ Help: Remove it.\n───╯\n',
  id: '/a.ts',
  loc: { line: 1, column: 1, file: '/a.ts' },
  ...fields,
});

const failed = (...errors: unknown[]) => Object.assign(new Error('Build failed'), { errors });

test('diagnose() keeps the words of the bundler, drops its drawing, and counts columns from 1', (t) => {
  const error = diagnose(failed(log({})), author) as CompileError;
  t.true(error instanceof CompileError);
  t.is(error.code, 'compile_error');
  t.is(error.message, 'Unexpected token (Remove it)');
  t.deepEqual(error.place, { file: 'author/a.ts', line: 1, column: 2, frame: '^' });
});

test('diagnose() says what top-level await means here', (t) => {
  const error = diagnose(failed(log({ code: 'INVALID_TLA_FORMAT' })), author) as CompileError;
  t.regex(error.message, /^top-level await is not available: .* move it into a handler$/);
});

test('diagnose() gives a CompileError of ours its code back, which the bundler writes over', (t) => {
  for (const code of ['compile_error', 'unresolved_import'] as const) {
    const ours = new CompileError(code, 'no such module', { file: 'a.ts' });
    const error = diagnose(
      failed(Object.assign(ours, { pluginCode: code, code: 'PLUGIN_ERROR' })),
      author,
    ) as CompileError;
    t.is(error.code, code);
    t.is(error.message, 'no such module');
    t.deepEqual(error.place, { file: 'a.ts' });
  }
});

test('diagnose() does not blame the source for our own mistakes', (t) => {
  const mistake = new TypeError('x is undefined');
  t.is(diagnose(mistake, author), mistake);
  t.is(diagnose(undefined, author), undefined);
  const inPlugin = Object.assign(new TypeError('x is undefined'), { code: 'PLUGIN_ERROR' });
  t.is(diagnose(failed(inPlugin), author), inPlugin);
});

test('diagnose() names the file alone where the bundler knows no line', (t) => {
  const { loc: _, ...without } = log({});
  t.deepEqual((diagnose(failed(without), author) as CompileError).place, { file: 'author/a.ts' });
  const { id: __, ...nowhere } = without;
  t.deepEqual((diagnose(failed(nowhere), author) as CompileError).place, {});
});

test('warning() has a code in our form and the place', (t) => {
  t.deepEqual(warning(log({ code: 'EMPTY_IMPORT_META', message: '[EMPTY_IMPORT_META] x' }), author), {
    code: 'empty_import_meta',
    text: 'x',
    file: 'author/a.ts',
    line: 1,
    column: 2,
  });
  t.is(warning(log({ code: 'MISSING_GLOBAL_NAME' }), author), undefined);
});

test('warning() leaves out what an author cannot mend: packages', (t) => {
  t.is(
    warning(log({ code: 'EMPTY_IMPORT_META' }), () => ({ file: 'node_modules/p/a.js' })),
    undefined,
  );
});

for (const [specifier, wanted] of [
  ['node:fs', 'cannot import "node:fs": tine has no Node.js built-ins'],
  ['fs/promises', 'cannot import "fs/promises": tine has no Node.js built-ins'],
  ['node:nothing', 'cannot import "node:nothing": tine has no Node.js built-ins'],
  ['cloudflare:sockets', 'cannot import "cloudflare:sockets": modules of the Workers runtime are not available'],
  ['https://esm.sh/a', 'cannot import "https://esm.sh/a": modules are not loaded from URLs'],
  ['./a', 'cannot import "./a": there is no such module in the program'],
  ['../a', 'cannot import "../a": there is no such module in the program'],
  ['#a', 'cannot import "#a": there is no such module in the program'],
  [
    '@a/b/c',
    'cannot import "@a/b/c": packages are not part of an upload; `tine deploy` bundles npm packages on the author\'s machine',
  ],
] as const) {
  test(`importProblem() says why ${specifier} cannot be imported`, (t) => {
    t.is(importProblem(specifier, 'bundled before'), wanted);
  });
}

test("importProblem() says on the author's machine which package to install", (t) => {
  t.regex(importProblem('@a/b/c', 'bundled here'), /the package "@a\/b" is not installed.*`npm install @a\/b`$/);
});

test('kindProblem() names the file, and what a .wasm is', (t) => {
  t.is(kindProblem('a.css'), 'cannot read "a.css": no rule says what such a file is');
  t.is(kindProblem('a.wasm'), 'cannot read "a.wasm": WebAssembly is not available');
});

test('packageOf() is the name that npm knows', (t) => {
  t.is(packageOf('a'), 'a');
  t.is(packageOf('a/b/c'), 'a');
  t.is(packageOf('@a/b/c'), '@a/b');
});
