import test from 'ava';
import { exportedTwice, importSites, lineAndColumn } from './module-syntax.ts';

test('importSites() finds all forms, in order, at the beginning of the statement or call', (t) => {
  const text = [
    'import a from "a";',
    'import type { T } from "t";',
    'export { b } from "b";',
    'export * from "c";',
    'const d = () => import("d");',
    'const e = require(`e`);',
    'const f = (n: string) => import(n);',
  ].join('\n');
  const found = importSites(text, 'ts').map(({ specifier, kind, offset }) => [
    specifier,
    kind,
    lineAndColumn(text, offset).line,
    lineAndColumn(text, offset).column,
  ]);
  t.deepEqual(found, [
    ['a', 'static', 1, 1],
    ['t', 'static', 2, 1],
    ['b', 'static', 3, 1],
    ['c', 'static', 4, 1],
    ['d', 'dynamic', 5, 17],
    ['e', 'require', 6, 11],
    [undefined, 'dynamic', 7, 26],
  ]);
});

test('importSites() is not taken in by strings, comments, properties and exports without source', (t) => {
  t.deepEqual(
    importSites('// import "a"\nconst s = "import(b)"; x.require("c"); export { s }; export const q = 1;', 'ts'),
    [],
  );
});

test('importSites() reads JSX, and finds nothing in what does not parse', (t) => {
  t.is(importSites('const x = <A b={import("z")} />;', 'jsx').length, 1);
  t.deepEqual(importSites('import "a"; let = ;', 'ts'), []);
});

test('importSites() counts in UTF-16 units', (t) => {
  const text = 'const s = "😀é"; import("x");';
  t.is(importSites(text, 'ts')[0]?.offset, text.indexOf('import'));
});

test('lineAndColumn() counts from 1 and takes all line ends', (t) => {
  t.deepEqual(lineAndColumn('abc', 0), { line: 1, column: 1 });
  t.deepEqual(lineAndColumn('a\r\nbc', 4), { line: 2, column: 2 });
  t.deepEqual(lineAndColumn('a\u2028b\rc', 4), { line: 3, column: 1 });
});

for (const [text, name, at] of [
  ['const a = 1, b = 2; export { a as x }; export { b as x };', 'x', 'x };'],
  ['export default 1; export default 2;', 'default', undefined],
  ['export const a = 1; export { a };', 'a', 'a };'],
  ['export { a }; export const a = 1;', 'a', 'a = 1'],
  ['export * as n from "n"; export const n = 1;', 'n', 'n = 1'],
  ['export function f() {} export { f as default }; export default f;', 'default', undefined],
  ['export { a, a }; const a = 1;', 'a', 'a }'],
] as const) {
  test(`exportedTwice() finds the second export: ${text}`, (t) => {
    const found = exportedTwice(text, 'ts');
    t.is(found?.name, name);
    if (at !== undefined) t.is(found?.offset, text.lastIndexOf(at));
  });
}

for (const text of [
  'export function f(): void; export function f(x?: number): void {}',
  'export default function f(): void; export default function f(x?: number): void {}',
  'export class A {} export namespace A { export const q = 1 }',
  'export enum E { a } export enum E { b = 2 }',
  'export interface A {} export const A = 1; export type B = 1; export type { C }',
  'export * from "a"; export * from "b"; export const x = 1, y = 2;',
  '',
]) {
  test(`exportedTwice() finds nothing wrong with: ${text}`, (t) => {
    t.is(exportedTwice(text, 'ts'), undefined);
  });
}
