import test from 'ava';
import { parseConstructorString } from './constructor-string.ts';
import { processInit, readInit } from './init.ts';

test('parseConstructorString() cuts a pattern into the components it names', (t) => {
  for (const [input, wanted] of [
    [
      'https://a.b:8080/c?d#e',
      { protocol: 'https', hostname: 'a.b', port: '8080', pathname: '/c', search: 'd', hash: 'e' },
    ],
    ['https://a.b', { protocol: 'https', hostname: 'a.b', port: '' }],
    ['https://u\\:p@h/', { protocol: 'https', username: 'u', password: 'p', hostname: 'h', port: '', pathname: '/' }],
    ['/a?b', { pathname: '/a', search: 'b' }],
    ['/a/:b?', { pathname: '/a/:b?' }],
    ['?a', { search: 'a' }],
    ['#a', { hash: 'a' }],
    ['data\\:a', { protocol: 'data', hostname: '', port: '', pathname: 'a' }],
    ['http{s}?://*.x/(\\d+)', { protocol: 'http{s}?', hostname: '*.x', port: '', pathname: '/(\\d+)' }],
    [
      'https://[\\:\\:1]:1#h',
      { protocol: 'https', hostname: '[\\:\\:1]', port: '1', pathname: '/', search: '', hash: 'h' },
    ],
    ['', { pathname: '' }],
  ] as const) {
    t.deepEqual({ ...parseConstructorString(input) }, wanted as object, input);
  }
});

test('processInit() takes from the base what comes before everything that is given', (t) => {
  const baseURL = 'https://u:p@h:1/a/b?q#f';
  t.deepEqual(
    { ...processInit({ baseURL, search: '?x' }, 'url') },
    {
      username: 'u',
      password: 'p',
      protocol: 'https',
      hostname: 'h',
      port: '1',
      pathname: '/a/b',
      search: 'x',
    },
  );
  t.deepEqual(
    { ...processInit({ baseURL, pathname: 'c' }, 'pattern') },
    {
      protocol: 'https',
      hostname: 'h',
      port: '1',
      pathname: '/a/c',
    },
  );
  t.throws(() => processInit({ baseURL: 'none' }, 'url'), { instanceOf: TypeError });
});

test('processInit() escapes the base in a pattern', (t) => {
  t.is(processInit({ baseURL: 'https://h/a(b)/c', pathname: 'd' }, 'pattern').pathname, '/a\\(b\\)/d');
  t.is(processInit({ baseURL: 'https://h/a(b)/c', pathname: 'd' }, 'url').pathname, '/a(b)/d');
});

test('readInit() makes strings of the members and takes no others', (t) => {
  t.deepEqual({ ...readInit({ port: 80, other: 1, hash: undefined }) }, { port: '80' } as object);
  t.deepEqual({ ...readInit(null) }, {});
});
