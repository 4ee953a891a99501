import test from 'ava';
import {
  headerName,
  headerValue,
  isToken,
  lowered,
  remove,
  setIfAbsent,
  setIn,
  sortAndCombine,
  valueOf,
} from './header-list.ts';

test('isToken() is the rule of RFC 9110', (t) => {
  const pad = 'a'.repeat(64);
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    const wanted = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/.test(character);
    t.is(isToken(character), wanted, `U+${code.toString(16)}`);
    t.is(isToken(pad + character), wanted, `long, U+${code.toString(16)}`);
  }
  t.false(isToken(''));
});

test('headerValue() refuses NUL, CR, LF and what is beyond Latin-1', (t) => {
  const pad = 'a'.repeat(64);
  for (let code = 0; code < 0x180; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    const good = code !== 0 && code !== 10 && code !== 13 && code <= 0xff;
    for (const value of [text, pad + text]) {
      if (good) t.is(headerValue(value), value, `U+${code.toString(16)}`);
      else t.throws(() => headerValue(value), { instanceOf: TypeError }, `U+${code.toString(16)}`);
    }
  }
  t.is(headerValue(' \t\r\n'), '');
  t.is(headerName('X-A'), 'x-a');
});

test('a list of headers keeps its order', (t) => {
  const list = lowered(['B', '1', 'a', '2', 'b', '3', 'odd']);
  t.deepEqual(list, ['b', '1', 'a', '2', 'b', '3']);
  t.is(valueOf(list, 'b'), '1, 3');
  t.is(valueOf(list, 'c'), null);
  setIfAbsent(list, 'a', 'x');
  setIfAbsent(list, 'c', '4');
  setIn(list, 'b', '5');
  t.deepEqual(list, ['b', '5', 'a', '2', 'c', '4']);
  remove(list, 'a', 0);
  t.deepEqual(sortAndCombine(list), [
    ['b', '5'],
    ['c', '4'],
  ]);
});
