import test from 'ava';
import { blame } from './blame.ts';

const inModule = (text: string) => ({ modules: [{ path: 'index.js', text }] });

const CONSTRUCTS: [text: string, construct: string][] = [
  ['Object.freeze( globalThis )', 'Object.freeze( globalThis )'],
  ['Object.seal(Math)', 'Object.seal(Math)'],
  ['Reflect.preventExtensions(Promise)', 'Reflect.preventExtensions(Promise)'],
  ['delete  globalThis.Atomics', 'delete  globalThis.Atomics'],
  ['Promise.try = f', 'Promise.try ='],
  ['Error.stackTraceLimit=50', 'Error.stackTraceLimit='],
  ['Object.defineProperty(Math, "f16round", {})', 'Object.defineProperty(Math'],
  ['Object.defineProperties(DataView.prototype, {})', 'Object.defineProperties(DataView.prototype'],
  ['new FinalizationRegistry(f)', 'new FinalizationRegistry'],
  ['new Intl.NumberFormat()', 'new Intl.NumberFormat'],
  ['new Array(100_000_000)', 'new Array(100_000_000'],
  ['"x".repeat(268435456)', '.repeat(268435456'],
  ['for ( ; ; ) x()', 'for ( ; ; )'],
  ['while (true) x()', 'while (true)'],
];

for (const [text, construct] of CONSTRUCTS) {
  test(`blame() names ${construct}, with hint, place and frame`, (t) => {
    const found = blame(inModule(`const a = 1;\n\n  ${text};\n`));
    t.like(found, { construct, file: 'index.js', line: 3 });
    t.is(found.column, 3 + text.indexOf(construct));
    t.is(typeof found['hint'], 'string');
    t.true(found.frame?.includes(text));
  });
}

test('blame() names nothing where nothing is known', (t) => {
  for (const text of [
    '',
    'Object.freeze(mine)',
    'Promise.try == 1',
    'Error.stackTraceLimit === 5',
    'new Array(99)',
    'for (;x;) {}',
  ]) {
    t.deepEqual(blame(inModule(text)), {}, text);
  }
});

test('blame() looks through all modules, worst construct first', (t) => {
  const modules = [
    { path: 'a.js', text: 'for (;;);' },
    { path: 'b.js', text: 'Object.freeze(Math)' },
  ];
  t.like(blame({ modules }), { file: 'b.js', construct: 'Object.freeze(Math)' });
});

test('blame() takes time in proportion to the source', (t) => {
  const hostile = [
    'delete '.repeat(300_000),
    'for('.repeat(400_000),
    `new${' '.repeat(1_000_000)}`,
    `Object.freeze(${' '.repeat(1_000_000)}`,
  ];
  const start = process.cpuUsage();
  for (const text of hostile) blame(inModule(text));
  t.true(process.cpuUsage(start).user < 3_000_000);
});
