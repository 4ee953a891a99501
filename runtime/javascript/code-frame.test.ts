import test from 'ava';
import { codeFrame } from './code-frame.ts';

const SOURCE = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].join('\n');

test('codeFrame() shows two lines before and after, and a caret below the column', (t) => {
  t.is(
    codeFrame(SOURCE, 4, 3),
    ['  2 | two', '  3 | three', '> 4 | four', '    |   ^', '  5 | five', '  6 | six'].join('\n'),
  );
});

test('codeFrame() shows what there is at both ends of a source', (t) => {
  t.is(codeFrame(SOURCE, 1, 1), ['> 1 | one', '    | ^', '  2 | two', '  3 | three'].join('\n'));
  t.is(codeFrame(SOURCE, 7, 6), ['  5 | five', '  6 | six', '> 7 | seven', '    |      ^'].join('\n'));
  t.is(codeFrame('', 1, 1), ['> 1 |', '    | ^'].join('\n'));
});

test('codeFrame() aligns line numbers of different width', (t) => {
  const frame = codeFrame(Array.from({ length: 12 }, (_, at) => `line ${at + 1}`).join('\n'), 9, 1);
  t.true(frame?.includes('\n>  9 | line 9\n     | ^\n  10 | line 10\n'), frame);
});

test('codeFrame() has no frame for a line that is not there', (t) => {
  t.is(codeFrame(SOURCE, 8, 1), undefined);
  t.is(codeFrame(SOURCE, 0, 1), undefined);
  t.is(codeFrame(SOURCE, -1, 1), undefined);
});

test('codeFrame() takes all line ends of JavaScript', (t) => {
  t.true(codeFrame('a\r\nb\rc\u2028d', 4, 1)?.includes('> 4 | d'));
});

test('codeFrame() keeps the caret below its character beside tabs and surrogate pairs', (t) => {
  t.true(codeFrame('\t\tx = y', 1, 3)?.endsWith('| \t\t^'));
  t.true(codeFrame('"😀" y', 1, 6)?.endsWith(`| ${' '.repeat(4)}^`));
});

test('codeFrame() cuts a long line to a window around the column', (t) => {
  const long = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
  const [line = '', caret = ''] = (codeFrame(long, 1, 501) ?? '').split('\n');
  t.true(line.length < 140);
  t.is(line.indexOf('HERE'), caret.indexOf('^'));
  t.regex(line, /\| …a+HEREb+…$/);
});

test('codeFrame() cuts a long line at its end only, when the column is near the beginning', (t) => {
  const [line = '', caret = ''] = (codeFrame('x'.repeat(400), 1, 2) ?? '').split('\n');
  t.regex(line, /\| x+…$/);
  t.is(caret.indexOf('^'), line.indexOf('x') + 1);
});
