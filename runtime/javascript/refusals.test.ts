import test from 'ava';
import { CompileError } from '../language.ts';
import type { FindAuthor } from './diagnose.ts';
import { checkLeftImports, refuseDoubleExports, refuseExternals, unresolved } from './refusals.ts';

const author: FindAuthor = (file, line, column) =>
  line === undefined || column === undefined ? { file } : { file, line, column };

test('unresolved() is placed at the import', (t) => {
  const importer = { path: 'a.ts', text: '\n  import "x";\nimport "y";', kind: 'ts' } as const;
  const error = unresolved('no such thing', 'x', importer, author);
  t.is(error.code, 'unresolved_import');
  t.is(error.message, 'no such thing');
  t.deepEqual(error.place, { file: 'a.ts', line: 2, column: 3 });
});

test('unresolved() names the file alone for an import that the compiler has added', (t) => {
  t.deepEqual(unresolved('', 'x', { path: 'a.tsx', text: '<b/>', kind: 'tsx' }, author).place, { file: 'a.tsx' });
  t.deepEqual(unresolved('', 'x', { path: 'a.json', text: '"x"', kind: 'json' }, author).place, { file: 'a.json' });
});

test('refuseDoubleExports() names the second one', (t) => {
  const module = { path: 'a.ts', text: 'const a = 1;\nexport { a };\nexport { a };', kind: 'ts' } as const;
  const error = t.throws(() => refuseDoubleExports(module, author), { instanceOf: CompileError });
  t.is(error.message, 'the name "a" is exported twice');
  t.deepEqual(error.place, { file: 'a.ts', line: 3, column: 10 });
});

test('refuseDoubleExports() has nothing against a text', (t) => {
  t.notThrows(() => refuseDoubleExports({ path: 'a.txt', text: 'export { a, a }', kind: 'text' }, author));
});

test('refuseExternals() refuses what the bundler would leave to the outside', (t) => {
  t.notThrows(() => refuseExternals([]));
  const error = t.throws(() => refuseExternals(['node:fs', 'x']), { instanceOf: CompileError });
  t.is(error.code, 'unresolved_import');
  t.regex(error.message, /"node:fs"/);
});

/** A map that leads every line of a script to the same line of one source. */
const mapTo = (source: string) =>
  JSON.stringify({ version: 3, sources: [source], sourcesContent: ['a\nb\nc'], names: [], mappings: 'AAAA;AACA;AACA' });

test('checkLeftImports() refuses import() of what is not constant, at its place in the source', (t) => {
  const script = { code: 'one();\nimport(name);\n', map: mapTo('src/a.ts') };
  const error = t.throws(() => checkLeftImports(script), { instanceOf: CompileError });
  t.is(error.code, 'compile_error');
  t.like(error.place, { file: 'src/a.ts', line: 2, column: 1 });
  t.true(error.place.frame?.includes('> 2 | b'));
});

test('checkLeftImports() only warns of import() in a package', (t) => {
  const script = { code: 'one();\nimport(name);\n', map: mapTo('node_modules/p/a.js') };
  const [warning, ...others] = checkLeftImports(script);
  t.like(warning, { code: 'dynamic_import', file: 'node_modules/p/a.js', line: 2 });
  t.is(others.length, 0);
});

test('checkLeftImports() is not taken in by text, properties and comments', (t) => {
  t.deepEqual(checkLeftImports({ code: 'f("import(x)"); a.import(x); // import(x)', map: mapTo('a.ts') }), []);
});
