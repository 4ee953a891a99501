import test from 'ava';
import { tokenize } from './tokenize.ts';

const shown = (input: string, policy: 'strict' | 'lenient') =>
  tokenize(input, policy).map(({ type, index, value }) => `${type}@${index}${value === '' ? '' : `=${value}`}`);

test('tokenize() tells groups, names, modifiers and text apart', (t) => {
  t.deepEqual(shown('a:bé1(\\d+)?{x}*\\*', 'strict'), [
    'char@0=a',
    'name@1=bé1',
    'regexp@5=\\d+',
    'other-modifier@10=?',
    'open@11={',
    'char@12=x',
    'close@13=}',
    'asterisk@14=*',
    'escaped-char@15=*',
    'end@17',
  ]);
});

test('tokenize() takes characters beyond the BMP as one', (t) => {
  t.deepEqual(shown('\u{1f308}:\u{20000}', 'strict'), ['char@0=\u{1f308}', 'name@2=\u{20000}', 'end@5']);
});

test('tokenize() keeps groups without captures inside of a regular expression', (t) => {
  t.deepEqual(shown('((?:a|b)\\))', 'strict'), ['regexp@0=(?:a|b)\\)', 'end@11']);
});

test('tokenize() throws for what cannot be read, or marks it', (t) => {
  for (const input of [':', '\\', '(', '()', '(?a)', '((a))', '(é)', '(\\é)', '(a', '(\\', '(a()', ':1']) {
    t.throws(() => tokenize(input, 'strict'), { instanceOf: TypeError }, input);
    t.is(tokenize(input, 'lenient')[0]!.type, 'invalid-char', input);
  }
  t.deepEqual(shown('(a', 'lenient'), ['invalid-char@0=(', 'char@1=a', 'end@2']);
});
