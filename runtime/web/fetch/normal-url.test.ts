import test from 'ava';
import { parseUrl } from '../url/parse.ts';
import { serializeUrl } from '../url/serialize.ts';
import { isNormalUrl } from './normal-url.ts';

test('isNormalUrl() takes what most requests have', (t) => {
  for (const url of [
    'http://a/',
    'http://hello.localhost:8787/',
    'https://xn--4ca.example.org/a/b.c/d-e_f~g?x=1&y=%20z&p=/../.',
    'https://a:1234/x?y?z',
    `http://a/${'b'.repeat(4096)}`,
    'http://a-b.c:59999/$&()*+,;=:@!',
  ]) {
    t.true(isNormalUrl(url), url);
  }
});

test('isNormalUrl() is never true for a URL that parsing would change', (t) => {
  const hosts = [
    'a',
    'A',
    'a:80',
    'a:8080',
    'a:08080',
    'a:65536',
    'a:59999',
    'a:123',
    '1.2',
    '0x1',
    'a_b',
    'a%41',
    'ä',
    '[::1]',
    'a@b',
    '',
    'a:',
    'a\\b',
  ];
  const ends = [
    '',
    '/',
    '/.',
    '/a/./b',
    '/a/..',
    '/%2e/',
    '/a/.b',
    '/a//b',
    '/"',
    '/ ',
    '/\t',
    '/|',
    '/^',
    "/'",
    '/é',
    '/%zz',
    '?a',
    '/?"',
    "/?'",
    '/?é',
    '/?<',
    '/#',
    '/#"',
    '/a?b#c',
    '/a\\b',
  ];
  let normal = 0;
  for (const scheme of ['http://', 'https://', 'HTTP://', 'ftp://', 'http:/']) {
    for (const host of hosts) {
      for (const end of ends) {
        const url = scheme + host + end;
        if (!isNormalUrl(url)) continue;
        normal += 1;
        const parsed = parseUrl(url, null);
        t.is(parsed === null ? null : serializeUrl(parsed), url);
      }
    }
  }
  t.true(normal > 10, `${normal} were normal`);
});
