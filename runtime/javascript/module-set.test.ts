import test from 'ava';
import { CompileError } from '../language.ts';
import { ModuleSet } from './module-set.ts';

const set = (paths: string[], alias = {}) =>
  new ModuleSet(
    paths.map((path) => ({ path, text: '' })),
    alias,
  );
const inline = (map: object | string) =>
  `//# sourceMappingURL=data:application/json;base64,${Buffer.from(typeof map === 'string' ? map : JSON.stringify(map)).toString('base64')}\n`;

// Line 1, column 1 of the module is line 5, column 3 of what its author wrote.
const MAP = { version: 3, sources: ['deep/b.ts'], sourcesContent: ['1\n2\n3\n4\n  five'], names: [], mappings: 'AAIE' };

test('ModuleSet.entry is the first module', (t) => {
  t.is(set(['src/a.ts', 'b.ts']).entry, 'src/a.ts');
  t.is(set(['./a.ts']).entry, 'a.ts');
});

for (const [importer, specifier, wanted] of [
  ['a.ts', './b.ts', 'b.ts'],
  ['a.ts', './b', 'b.ts'],
  ['a.ts', './b.js', 'b.ts'],
  ['src/c.ts', '../b', 'b.ts'],
  ['src/c.ts', './d', 'src/d/index.tsx'],
  ['src/c.ts', './d/', 'src/d/index.tsx'],
  ['src/d/index.tsx', '..', 'src/index.ts'],
  ['src/c.ts', '.', 'src/index.ts'],
  ['a.ts', '/src/c', 'src/c.ts'],
  ['a.ts', './view.jsx', 'view.tsx'],
  ['a.ts', './view.js', 'view.tsx'],
  ['a.ts', './m.mjs', 'm.mts'],
  ['a.ts', './data.json', 'data.json'],
  ['a.ts', './data', 'data.json'],
  ['a.ts', './both', 'both.ts'],
  ['a.ts', './both.js', 'both.js'],
  ['a.ts', './nothing', undefined],
  ['a.ts', 'b.ts', undefined],
  ['a.ts', 'b', undefined],
  ['a.ts', '../../b', undefined],
  ['a.ts', 'node:fs', undefined],
  ['a.ts', './constructor', undefined],
] as const) {
  test(`ModuleSet.resolve() of ${specifier} in ${importer} is ${wanted}`, (t) => {
    const paths = ['a.ts', 'b.ts', 'both.ts', 'both.js', 'view.tsx', 'm.mts', 'data.json'];
    const modules = set([...paths, 'src/c.ts', 'src/index.ts', 'src/d/index.tsx']);
    t.is(modules.resolve(specifier, importer), wanted);
  });
}

test('ModuleSet.resolve() follows an alias from any module, and what is below it', (t) => {
  const modules = set(['src/a.ts', 'lib/b.ts', 'lib/x/y.ts'], { foo: './lib/b.ts', '@/x': './lib/x', out: './gone' });
  t.is(modules.resolve('foo', 'src/a.ts'), 'lib/b.ts');
  t.is(modules.resolve('@/x/y', 'src/a.ts'), 'lib/x/y.ts');
  t.is(modules.resolve('food', 'src/a.ts'), undefined);
  t.is(modules.resolve('out', 'src/a.ts'), undefined);
});

test('ModuleSet takes an inline map off a module', (t) => {
  const module = new ModuleSet([{ path: 'a.js', text: `one();\n${inline(MAP)}` }]).get('a.js');
  t.is(module?.text, 'one();\n');
  t.deepEqual(JSON.parse(module?.map ?? ''), MAP);
});

test('ModuleSet leaves the text alone where there is no map at its end', (t) => {
  for (const text of [
    `${inline(MAP)}more();`,
    `const x = "${inline(MAP).trim()}";`,
    '//# sourceMappingURL=a.js.map\n',
  ]) {
    const module = new ModuleSet([{ path: 'a.js', text }]).get('a.js');
    t.is(module?.text, text);
    t.is(module?.map, undefined);
  }
});

test('ModuleSet drops an inline map that is none, and notes it', (t) => {
  t.deepEqual(new ModuleSet([{ path: 'a.js', text: `one();\n${inline('nonsense')}` }]).get('a.js'), {
    path: 'a.js',
    text: 'one();\n',
    damaged: true,
  });
});

test('ModuleSet.author() leads through the map of a module, whose sources are relative to it', (t) => {
  const modules = new ModuleSet([{ path: 'src/a.js', text: `one();\n${inline(MAP)}` }]);
  const { frame, ...place } = modules.author('src/a.js', 1, 1);
  t.deepEqual(place, { file: 'src/deep/b.ts', line: 5, column: 3 });
  t.true(frame?.endsWith('> 5 |   five\n    |   ^'), frame);
});

test('ModuleSet.author() never leads out of the program', (t) => {
  const map = { ...MAP, sources: ['../../../node_modules/p/b.js'] };
  const modules = new ModuleSet([{ path: 'src/a.js', text: `one();\n${inline(map)}` }]);
  t.is(modules.author('src/a.js', 1, 1).file, 'node_modules/p/b.js');
});

test('ModuleSet.author() stays in a module without a map', (t) => {
  const modules = new ModuleSet([{ path: 'a.ts', text: 'one\ntwo' }]);
  t.deepEqual(modules.author('a.ts', 2, 1), {
    file: 'a.ts',
    line: 2,
    column: 1,
    frame: '  1 | one\n> 2 | two\n    | ^',
  });
  t.deepEqual(modules.author('gone.ts', 2, 1), { file: 'gone.ts', line: 2, column: 1 });
});

for (const [what, modules, message] of [
  ['none', [], /at least one module/],
  ['an absolute path', [{ path: '/a.ts', text: '' }], /relative and stay inside.*"\/a.ts"/],
  ['a way out', [{ path: 'a/../../b.ts', text: '' }], /stay inside/],
  ['a path of two lines', [{ path: 'a\nb.ts', text: '' }], /stay inside/],
  ['an empty path', [{ path: '', text: '' }], /got ""/],
  [
    'one path twice',
    [
      { path: 'a.ts', text: '' },
      { path: './a.ts', text: '' },
    ],
    /two modules have the path "a.ts"/,
  ],
  ['a NUL byte', [{ path: 'a.ts', text: 'ab\nc\0' }], /NUL/],
] as const) {
  test(`new ModuleSet() refuses ${what}`, (t) => {
    const error = t.throws(() => new ModuleSet(modules), { instanceOf: CompileError, message });
    t.is(error.code, 'compile_error');
  });
}

test('new ModuleSet() says where a NUL byte is', (t) => {
  const error = t.throws(() => new ModuleSet([{ path: 'a.ts', text: 'ab\nc\0' }]), { instanceOf: CompileError });
  t.deepEqual(error.place, { file: 'a.ts', line: 2, column: 2 });
});
