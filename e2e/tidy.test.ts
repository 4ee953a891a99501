// The house rules, as tests (style: `docs/design.md`, sections 2 and 8, and the tree in the README). Each rule is
// first tried on a file made up to break it, so that a rule that sees nothing is noticed.
import test from 'ava';
import { arrows, doors, reach } from './tidy/imports.ts';
import { testsBeside, titles, unprovedCodes, unprovedLimits } from './tidy/proofs.ts';
import { readTree, sourceFile } from './tidy/source.ts';
import { foreignPaths, idleTests, leftOver, longFunctions, suppressions } from './tidy/text.ts';

const tree = readTree(new URL('..', import.meta.url).pathname.replace(/\/$/, ''));
const LATER = ['TO', 'DO'].join('');
const SILENCE = ['biome', 'ignore'].join('-');

test('the tree is read: its folders, its imports, and not the guests of tests', (t) => {
  const paths = tree.map(({ path }) => path);
  t.true(paths.includes('sandbox/limits.ts'));
  t.false(paths.some((path) => path.startsWith('e2e/guests/')));
  const many =
    "import a, {\n  type B,\n} from './b.ts';\nimport type { C } from '#store';\nimport 'd';\nawait import('e');";
  t.deepEqual(sourceFile('router/x.ts', many).imports, [
    { from: './b.ts', typeOnly: false },
    { from: '#store', typeOnly: true },
    { from: 'd', typeOnly: false },
    { from: 'e', typeOnly: false },
  ]);
  t.deepEqual(sourceFile('router/x.ts', "// import a from 'b';\n/** import('c') */").imports, []);
});

test('arrows() finds an import against the arrows, past a door, or of more than types', (t) => {
  const bad = [
    sourceFile('runtime/a.ts', "import { x } from '#sandbox';"),
    sourceFile('sandbox/b.ts', "import { x } from '../runtime/web/protocol.ts';"),
    sourceFile('sandbox/c.ts', "import { x } from '#store';"),
    sourceFile('store/d.ts', "import { x } from './index.ts';"),
    sourceFile('e2e/e.test.ts', "import { x } from '../router/main.ts';"),
    sourceFile('router/f.ts', "import { x } from '#router';"),
  ];
  const good = [
    sourceFile(
      'sandbox/g.ts',
      "import type { x } from '#store';\nimport { y } from '#runtime';\nimport z from './z.ts';",
    ),
    sourceFile('cli/h.ts', "import { x } from '#router';"),
  ];
  t.is(arrows(bad).length, bad.length, arrows(bad).join('\n'));
  t.deepEqual(arrows(good), []);
});

test('imports point along the arrows and enter by index.ts', (t) => {
  t.deepEqual(arrows(tree), []);
});

test('doors() finds a package outside its door, in tests and by require too', (t) => {
  const bad = [
    sourceFile('router/a.ts', "import ivm from 'isolated-vm';"),
    sourceFile(
      'runtime/web/b.test.ts',
      "const ivm = createRequire(import.meta.url)('isolated-vm');\nrequire('isolated-vm');",
    ),
    sourceFile('sandbox/c.ts', "import Router from '@koa/router';"),
    sourceFile('router/context/d.ts', "import cls from 'cls-hooked';"),
    sourceFile('store/e.ts', "import { DatabaseSync } from 'node:sqlite';"),
    sourceFile('sandbox/ops/f.ts', "import { Agent } from 'undici';"),
    sourceFile('cli/g.ts', "const { rolldown } = await import('rolldown');"),
  ];
  const good = [
    sourceFile('router/context/cls.ts', "import cls from 'cls-hooked';"),
    sourceFile('sandbox/ops/f.test.ts', "import { Agent } from 'undici';"),
    sourceFile('runtime/javascript/compile.ts', "import { rolldown } from 'rolldown';"),
  ];
  t.is(doors(bad).length, bad.length, doors(bad).join('\n'));
  t.deepEqual(doors(good), []);
});

test('packages are imported at their doors only', (t) => {
  t.deepEqual(doors(tree), []);
});

test('reach() finds what an entry loads in three steps, and no types', (t) => {
  const files = [
    sourceFile('router/ingress/main.ts', "import './a.ts';\nimport type { T } from '../context/als.ts';"),
    sourceFile('router/ingress/a.ts', "import { b } from '../b.ts';"),
    sourceFile('router/b.ts', "export { c } from './context/cls.ts';"),
    sourceFile('router/context/cls.ts', ''),
  ];
  const wall = (there: string) => reach(files, [{ entry: 'router/ingress/main.ts', mustNotReach: [there] }]);
  t.is(wall('router/context/cls.ts').length, 1);
  t.deepEqual(wall('router/context/als.ts'), []);
  t.is(reach([], [{ entry: 'gone/main.ts', mustNotReach: [] }]).length, 1);
});

test('the ingress never loads cls-hooked, and an executor no store, network or koa', (t) => {
  t.deepEqual(reach(tree), []);
});

test('testsBeside() finds a file without a test, and a name that stands on the list for nothing', (t) => {
  const code = 'export function f() {}';
  const files = [
    sourceFile('store/a.ts', code),
    sourceFile('store/b.ts', code),
    sourceFile('store/part.ts', code),
    sourceFile('store/far.ts', code),
    sourceFile('store/types.ts', 'export interface T {}'),
    sourceFile('store/b.test.ts', "import { f } from './part.ts';\nimport type { T } from './a.ts';"),
    sourceFile('store/sqlite/c.test.ts', "import { f } from '../far.ts';"),
  ];
  t.deepEqual(testsBeside(files, {}), ['store/a.ts has no test beside it', 'store/far.ts has no test beside it']);
  t.deepEqual(testsBeside(files, { 'store/a.ts': 'why', 'store/far.ts': 'why' }), []);
  const stale = { 'store/a.ts': 'why', 'store/far.ts': 'why', 'store/b.ts': 'why', 'store/gone.ts': 'why' };
  t.is(testsBeside(files, stale).length, 2);
});

test('every source file has a test beside it, or stands on the list', (t) => {
  t.deepEqual(testsBeside(tree), []);
});

test('leftOver() finds what was left for later', (t) => {
  t.deepEqual(leftOver([sourceFile('store/a.ts', `ok\n// ${LATER}: more`)]), [`store/a.ts:2: ${LATER}`]);
});

test('nothing is left for later', (t) => {
  t.deepEqual(leftOver(tree), []);
});

test('suppressions() finds a silenced tool without a reason', (t) => {
  const bad = [
    `// ${SILENCE} lint/a/b`,
    `// ${SILENCE} lint/a/b: no`,
    '// @ts-ignore',
    '// @ts-expect-error',
    '/* c8 ignore next */',
  ];
  const good = [`// ${SILENCE} lint/a/b: the rule is wrong here`, '// @ts-expect-error this is what is tested'];
  t.is(suppressions([sourceFile('store/a.ts', bad.join('\n'))]).length, bad.length);
  t.deepEqual(suppressions([sourceFile('store/a.ts', good.join('\n'))]), []);
});

test('a silenced lint rule has its reason', (t) => {
  t.deepEqual(suppressions(tree), []);
});

test('foreignPaths() finds a path of one machine in the product, and lets tests be', (t) => {
  const text = "read('/work/x'); read('../shared/wpt');";
  t.is(foreignPaths([sourceFile('store/a.ts', text)]).length, 1);
  t.deepEqual(foreignPaths([sourceFile('store/a.test.ts', text)]), []);
});

test('the product names no folder outside its own', (t) => {
  t.deepEqual(foreignPaths(tree), []);
});

test('idleTests() finds a test that is never run', (t) => {
  const text = ['skip', 'only', 'serial.skip', 'failing'].map((word) => `test.${word}('x', () => {});`).join('\n');
  t.is(idleTests([sourceFile('store/a.test.ts', text)]).length, 4);
});

test('every test runs', (t) => {
  t.deepEqual(idleTests(tree), []);
});

const proofs = [
  sourceFile('sandbox/errors.ts', '  threw: { status: 500 },\n  cpu_limit: { status: 504 },'),
  sourceFile(
    'sandbox/limits.ts',
    '  cpuMs: { default: 50 },\n  wallMs: { default: 1 },\n  hops: 8,\n  logBytes: { default: 1 },',
  ),
  sourceFile(
    'sandbox/a.test.ts',
    "test('R01 threw: 500', () => {});\ntest.serial(\n  'wall_ms and hops end it', () => {});\n// cpu_limit",
  ),
];

test('unprovedCodes() and unprovedLimits() find what no title names, and take no comment for a title', (t) => {
  t.is(titles(proofs), 'R01 threw: 500\nwall_ms and hops end it');
  t.deepEqual(unprovedCodes(proofs), ['code cpu_limit']);
  t.deepEqual(unprovedLimits(proofs), ['limit cpuMs', 'limit logBytes']);
  t.throws(() => unprovedCodes([]), { message: /must list names/ });
});

test('every error code is made to happen by a test that names it', (t) => {
  t.deepEqual(unprovedCodes(tree), []);
});

test('every limit is reached by a test that names it', (t) => {
  t.deepEqual(unprovedLimits(tree), []);
});

test('longFunctions() measures functions, methods and arrows, and nothing else', (t) => {
  const body = '  work();\n'.repeat(5);
  const text = `function a() {\n${body}}\nclass B {\n  async c() {\n${body}  }\n}\nconst d = () => {\n${body}};\nif (x) {\n${body}}\n`;
  const names = longFunctions([sourceFile('store/a.ts', text)], 5).map((line) => line.split(' ')[1]);
  t.deepEqual(names, ['a:', 'c:', 'd:']);
});

test('budgets: what is over them is shown', (t) => {
  const product = tree.filter(({ path }) => !/\.test\.ts$|^load\//.test(path));
  const longFiles = product.filter(({ text }) => text.split('\n').length > 300);
  for (const { path, text } of longFiles) t.log(`${path}: ${text.split('\n').length} lines`);
  for (const line of longFunctions(product, 60)) t.log(line);
  t.true(product.length > 0);
});
