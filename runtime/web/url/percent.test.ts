import test from 'ava';
import { formEncode, percentDecode, percentEncode } from './percent.ts';

test('percentEncode() encodes exactly the characters of each set', (t) => {
  const ascii = String.fromCharCode(...Array(128).keys());
  const encodedBy = (set: Parameters<typeof percentEncode>[1]) =>
    [...ascii.slice(0x20, 0x7f)].filter((character) => percentEncode(character, set) !== character).join('');
  t.is(encodedBy('control'), '');
  t.is(encodedBy('fragment'), ' "<>`');
  t.is(encodedBy('query'), ' "#<>');
  t.is(encodedBy('special query'), ' "#\'<>');
  t.is(encodedBy('path'), ' "#<>?`{}');
  t.is(encodedBy('userinfo'), ' "#/:;<=>?@[\\]^`{|}');
  t.is(encodedBy('form'), ' !"#$%&\'()+,/:;<=>?@[\\]^`{|}~');
  for (const set of ['control', 'fragment', 'query', 'special query', 'path', 'userinfo', 'form'] as const) {
    t.is(percentEncode('\0\x1f\x7f', set), '%00%1F%7F', set);
  }
});

test('percentEncode() writes UTF-8, and a lone surrogate as U+FFFD', (t) => {
  t.is(percentEncode('a\u00e4\u20ac\u{1f308}b', 'path'), 'a%C3%A4%E2%82%AC%F0%9F%8C%88b');
  t.is(percentEncode('\ud800', 'path'), '%EF%BF%BD');
  t.is(percentEncode('\ud800x\udc00', 'path'), '%EF%BF%BDx%EF%BF%BD');
  t.is(percentEncode('\udc00\ud800\udc00', 'path'), '%EF%BF%BD%F0%90%80%80');
});

test('percentEncode() leaves what is encoded already', (t) => {
  t.is(percentEncode('%41%zz%', 'userinfo'), '%41%zz%');
});

test('percentDecode() decodes UTF-8 and keeps what is no pair of hex digits', (t) => {
  t.is(percentDecode('plain'), 'plain');
  t.is(percentDecode('%c3%A4%41'), 'äA');
  t.is(percentDecode('%'), '%');
  t.is(percentDecode('100%25%2'), '100%%2');
  t.is(percentDecode('%ff%41'), '\ufffdA');
  t.is(percentDecode('ä%ff'), 'ä\ufffd');
});

test('formEncode() writes a space as a plus', (t) => {
  t.is(formEncode('a b+c'), 'a+b%2Bc');
});
