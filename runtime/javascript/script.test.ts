import test from 'ava';
import type { OutputChunk } from 'rolldown';
import { OUTPUT_NAME, shownPath, toScript } from './script.ts';

const chunk = (code: string, map: object | null = null) => ({ code, map }) as unknown as OutputChunk;

test('toScript() turns the var into a constant without moving a column', (t) => {
  for (const head of ['', '"use strict";', '"use strict";\n\n']) {
    const printed = `${head}var ${OUTPUT_NAME} = (function(exports) { return exports; })({});`;
    const { code } = toScript(chunk(printed), 'es');
    t.is(code.length, printed.length);
    t.is(code, `${head}const tine_program = (function(exports) { return exports; })({});`);
  }
});

test('toScript() defines an empty constant after a script without exports', (t) => {
  t.is(toScript(chunk('"use strict";\n(function() {})();'), 'es').code.split('\n').at(-2), 'const tine_program = {};');
});

test('toScript() is not taken in by the name inside the program', (t) => {
  const { code } = toScript(chunk(`"use strict";\n(function() { var ${OUTPUT_NAME} = 1; })();`), 'es');
  t.true(code.includes(`var ${OUTPUT_NAME} = 1`));
  t.true(code.includes('const tine_program = {};'));
});

test('toScript() makes a CommonJS entry run with the script, not when its export is first looked at', (t) => {
  const { code } = toScript(chunk(`var ${OUTPUT_NAME} = {};`), 'cjs');
  t.true(code.endsWith('\nvoid tine_program.default;\n'));
});

test('toScript() gives a map with the paths of the author, and an empty one where the bundler has none', (t) => {
  const map = {
    version: 3,
    sources: ['../a.ts', '/src/b.ts'],
    sourcesContent: ['1', '2'],
    names: [],
    mappings: 'AAAA',
  };
  const made = JSON.parse(toScript(chunk('', { ...map, file: 'x', ignoreList: [0] }), 'es').map);
  t.deepEqual(made, { ...map, sources: ['a.ts', 'src/b.ts'] });
  t.is(JSON.parse(toScript(chunk(''), 'es').map).mappings, '');
});

test('shownPath() is relative and stays inside', (t) => {
  t.is(shownPath('../../node_modules/a/b.js'), 'node_modules/a/b.js');
  t.is(shownPath('/a.ts'), 'a.ts');
  t.is(shownPath('./a/b.ts'), 'a/b.ts');
  t.is(shownPath('.hidden/a.ts'), '.hidden/a.ts');
});
