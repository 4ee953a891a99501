import vm from 'node:vm';
import test from 'ava';
import { dataModule, kindOf, syntaxOf } from './module-kind.ts';

test('kindOf() goes by the extension', (t) => {
  const kinds = {
    'a.ts': 'ts',
    'a.mts': 'ts',
    'a.tsx': 'tsx',
    'a.js': 'jsx',
    'b/a.cjs': 'jsx',
    'a.json': 'json',
    'a.txt': 'text',
    'pages/a.html': 'text',
    'a.sql': 'text',
    'a.md': 'text',
    'a.bin': 'data',
    'A.TXT': 'text',
  };
  for (const [path, kind] of Object.entries(kinds)) t.is(kindOf(path), kind as ReturnType<typeof kindOf>, path);
});

test('kindOf() knows no kind for what no rule names', (t) => {
  t.is(kindOf('a.css'), undefined);
  t.is(kindOf('Makefile'), undefined);
  t.is(kindOf('a.constructor'), undefined);
});

test('kindOf() lets rules go before extensions, the first that fits', (t) => {
  const rules = [
    { type: 'Text', globs: ['**/*.css', 'raw/**'] },
    { type: 'Data', globs: ['**/*.css', '**/*.png'] },
    { type: 'ESModule', globs: ['**/*.es6'] },
    { type: 'CommonJS', globs: ['**/*.old'] },
  ] as const;
  t.is(kindOf('a.css', rules), 'text');
  t.is(kindOf('deep/er/a.css', rules), 'text');
  t.is(kindOf('raw/a.ts', rules), 'text');
  t.is(kindOf('a.png', rules), 'data');
  t.is(kindOf('a.es6', rules), 'jsx');
  t.is(kindOf('a.old', rules), 'jsx');
  t.is(kindOf('a.ts', rules), 'ts');
});

test('syntaxOf() is undefined for what is no program text', (t) => {
  t.is(syntaxOf('ts'), 'ts');
  t.is(syntaxOf('tsx'), 'tsx');
  t.is(syntaxOf('js'), 'jsx');
  for (const kind of ['json', 'text', 'data', undefined] as const) t.is(syntaxOf(kind), undefined);
});

test('dataModule() exports an ArrayBuffer with exactly these bytes, without any Web API', (t) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  for (const wanted of [bytes, new Uint8Array()]) {
    const script = dataModule(wanted).replace('export default', 'globalThis.result =');
    const context = vm.createContext({});
    vm.runInContext(script, context);
    t.is(vm.runInContext('result.constructor.name', context), 'ArrayBuffer');
    t.deepEqual([...vm.runInContext('new Uint8Array(result)', context)], [...wanted]);
  }
});
