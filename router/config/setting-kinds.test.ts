import test from 'ava';
import { badSetting, isLoopback, readKind } from './setting-kinds.ts';

test('isLoopback() knows addresses that only this machine reaches', (t) => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST']) t.true(isLoopback(host), host);
  // A mapped address is the address it maps.
  t.true(isLoopback('::ffff:127.0.0.1'));
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', 'localhost.example.com', ''])
    t.false(isLoopback(host), host);
});

test('readKind() takes paths, and no NUL in them', (t) => {
  t.is(readKind({ is: 'path' }, 'K', 'a b/c'), 'a b/c');
  t.throws(() => readKind({ is: 'path' }, 'K', 'a\0b'), { message: /^K must be a path; got/ });
  t.throws(() => readKind({ is: 'path' }, 'K', ''), { message: /^K must be a path; got ""/ });
});

test('readKind() takes tokens of visible ASCII', (t) => {
  t.is(readKind({ is: 'token' }, 'K', 'aZ09-._~+/='), 'aZ09-._~+/=');
  for (const token of ['', 'two words', 'tab\tin', 'ü', 'x'.repeat(513)])
    t.throws(() => readKind({ is: 'token' }, 'K', token));
});

test('readKind() takes host names as DNS has them', (t) => {
  for (const host of ['a', 'a.b', 'xn--bcher-kva.example', 'a_b.c', '1a.example', '::1', '10.0.0.1'])
    t.is(readKind({ is: 'host' }, 'K', host), host);
  for (const host of [
    '',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a.',
    'a/b',
    '256.1.1.1',
    '1.2',
    '[::1]',
    `${'a.'.repeat(127)}aa`,
  ]) {
    t.throws(() => readKind({ is: 'host' }, 'K', host), undefined, host);
  }
});

test('badSetting() gives the key, what is wanted and what was found', (t) => {
  const error = badSetting('TINE_X', 'a thing', 'b');
  t.is(error.code, 'invalid_config');
  t.is(error.message, 'TINE_X must be a thing; got "b"');
  t.deepEqual(error.details, { text: error.message, key: 'TINE_X' });
});
