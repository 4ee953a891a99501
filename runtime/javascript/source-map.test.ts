import test from 'ava';
import { compile } from './compile.ts';
import { SourceMapper } from './source-map.ts';

const TEXT = [
  'type A = string;',
  '',
  'export function fail(a: A): never {',
  '  throw new Error(a);',
  '}',
  '// end',
].join('\n');

/** A mapper of a compiled module, and the place of a piece of text in the script. */
async function compiled(minify: 'minify' | 'plain' = 'plain') {
  const { code, map } = await compile([{ path: 'src/a.ts', text: TEXT }], { minify: minify === 'minify' });
  const place = (piece: string) => {
    const before = code.slice(0, code.indexOf(piece)).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  };
  return { mapper: new SourceMapper(map), place };
}

for (const how of ['plain', 'minify'] as const) {
  test(`SourceMapper.place() leads to the author's line and column (${how})`, async (t) => {
    const { mapper, place } = await compiled(how);
    const { line, column } = place('throw');
    t.deepEqual(mapper.place(line, column), { file: 'src/a.ts', line: 4, column: 3 });
  });
}

test('SourceMapper.place() knows nothing of places that are not in the source', async (t) => {
  const { mapper } = await compiled();
  t.is(mapper.place(1, 1), undefined);
  t.is(mapper.place(999_999, 1), undefined);
  t.is(mapper.place(0, 1), undefined);
  t.is(mapper.place(1, 0), undefined);
});

test('SourceMapper.stack() writes places of the source and leaves out frames of the bundle', async (t) => {
  const { mapper, place } = await compiled();
  const { line, column } = place('throw');
  const stack = [
    'Error: boom',
    `    at fail (program.js:${line}:${column})`,
    `    at async program.js:${line}:${column}`,
    `    at eval (eval at x (program.js:${line}:${column}), <anonymous>:1:1)`,
    '    at dispatch (bundle.js:10:3)',
    '    at bundle.js:10:3',
    '    at new Promise (<anonymous>)',
  ].join('\n');
  t.is(
    mapper.stack(stack),
    [
      'Error: boom',
      '    at fail (src/a.ts:4:3)',
      '    at async src/a.ts:4:3',
      '    at eval (eval at x (src/a.ts:4:3), <anonymous>:1:1)',
      '    at new Promise (<anonymous>)',
    ].join('\n'),
  );
});

test('SourceMapper.stack() leaves alone what only looks like a place', async (t) => {
  const { mapper } = await compiled();
  for (const text of [
    'at my-program.js:4:3',
    'lib/program.js:4:3',
    'program.js:4',
    'program.js:99999999999:1',
    '    at x (program.js:1:1)',
    'my message says at bundle.js:1:1',
    '    at x (my-bundle.js:1:1)',
    '',
  ]) {
    t.is(mapper.stack(text), text);
  }
});

test('SourceMapper.stack() cuts a text that no error has', async (t) => {
  const { mapper } = await compiled();
  t.is(mapper.stack('x'.repeat(1_000_000)).length, 65_536);
});

test('SourceMapper.stack() takes time in proportion to hostile texts', async (t) => {
  const { mapper } = await compiled();
  const started = process.cpuUsage();
  for (const text of [
    `    at ${'bundle.js:'.repeat(6_000)}`,
    `${' '.repeat(60_000)}at`,
    'program.js:1:'.repeat(5_000),
  ]) {
    mapper.stack(text);
  }
  const { user, system } = process.cpuUsage(started);
  t.true(user + system < 1_000_000, `${user + system} µs of CPU`);
});

test('SourceMapper.first() is the first place of a stack that is in the source', async (t) => {
  const { mapper, place } = await compiled();
  const { line, column } = place('throw');
  t.deepEqual(mapper.first(`Error\n    at a (program.js:1:1)\n    at b (program.js:${line}:${column})`), {
    file: 'src/a.ts',
    line: 4,
    column: 3,
  });
  t.is(mapper.first('Error\n    at a (bundle.js:1:1)'), undefined);
});

test('SourceMapper.frame() shows five lines of the source with a caret', async (t) => {
  const { mapper } = await compiled();
  t.is(
    mapper.frame({ file: 'src/a.ts', line: 4, column: 3 }),
    [
      '  2 |',
      '  3 | export function fail(a: A): never {',
      '> 4 |   throw new Error(a);',
      '    |   ^',
      '  5 | }',
      '  6 | // end',
    ].join('\n'),
  );
  t.is(mapper.frame({ file: 'src/b.ts', line: 4, column: 3 }), undefined);
  t.is(mapper.frame({ file: 'src/a.ts', line: 40, column: 3 }), undefined);
});

for (const json of ['', 'null', '{}', '[]', '{"version":3}', '{"version":3,"sources":["a"],"names":[],"mappings":5}']) {
  test(`SourceMapper maps nothing with a text that is no map: ${json}`, (t) => {
    const mapper = new SourceMapper(json);
    t.is(mapper.place(1, 1), undefined);
    t.is(mapper.stack('    at x (program.js:1:1)'), '    at x (program.js:1:1)');
    t.is(mapper.first('    at x (program.js:1:1)'), undefined);
    t.is(mapper.frame({ file: 'a', line: 1, column: 1 }), undefined);
  });
}

test('SourceMapper maps nowhere when a map names sources that it does not have', (t) => {
  // One segment: column 0 → source 7, line 0, column 0.
  const mapper = new SourceMapper('{"version":3,"sources":["a"],"names":[],"mappings":"AOAA"}');
  t.is(mapper.place(1, 1), undefined);
});
