import test from 'ava';
import { URL } from './url.ts';

test('new URL() refuses what is no URL with a TypeError that names it', (t) => {
  t.throws(() => new URL('nothing'), { instanceOf: TypeError, message: 'Invalid URL: "nothing"' });
  t.throws(() => new URL('a', 'b'), { instanceOf: TypeError, message: 'Invalid URL: "a" with base "b"' });
  t.throws(() => new (URL as unknown as new () => URL)(), { instanceOf: TypeError });
});

test('new URL() makes a string of anything, once', (t) => {
  let calls = 0;
  const text = {
    toString() {
      calls++;
      return 'no url';
    },
  };
  t.throws(() => new URL(text as unknown as string), { instanceOf: TypeError });
  t.is(calls, 1);
  t.is(new URL(new URL('http://a/b') as unknown as string).href, 'http://a/b');
  t.throws(() => new URL(Symbol('a') as unknown as string), { instanceOf: TypeError });
});

test('URL.parse() and URL.canParse() do not throw', (t) => {
  t.is(URL.parse('nothing'), null);
  t.is(URL.parse('x', 'http://a/b/')?.href, 'http://a/b/x');
  t.true(URL.parse('http://a') instanceof URL);
  t.true(URL.canParse('http://a'));
  t.false(URL.canParse('x', 'nothing'));
  t.throws(() => (URL.canParse as () => boolean)(), { instanceOf: TypeError });
});

test('URL.searchParams is one live object: it follows the query and changes it', (t) => {
  const url = new URL('http://a/?x=1#h');
  const params = url.searchParams;
  params.append('y', 'ä b');
  t.is(url.href, 'http://a/?x=1&y=%C3%A4+b#h');
  url.search = '?z=2';
  t.is(params.get('z'), '2');
  t.is(params.get('x'), null);
  url.href = 'http://b/?q=3';
  t.is(params.get('q'), '3');
  t.is(url.searchParams, params);
  params.delete('q');
  t.is(url.href, 'http://b/');
  t.is(url.search, '');
});

test('the setters of URL leave it as it was when the value is not valid', (t) => {
  const url = new URL('https://user@example.com:8080/a?b#c');
  const before = url.href;
  for (const [name, value] of [
    ['protocol', 'no scheme'],
    ['protocol', 'foo'],
    ['host', ''],
    ['host', 'a b'],
    ['hostname', 'x:1'],
    ['port', '65536'],
    ['port', 'none'],
  ] as const) {
    url[name] = value;
    t.is(url.href, before, `${name} = ${value}`);
  }
  t.throws(() => (url.href = 'nothing'), { instanceOf: TypeError });
  t.is(url.href, before);
});

test('URL.search and URL.searchParams strip the spaces that an opaque path may end in only before them', (t) => {
  const url = new URL('data:x  ?q');
  url.search = '';
  t.is(url.href, 'data:x');
  const other = new URL('data:x  ?q');
  other.searchParams.delete('q');
  t.is(other.href, 'data:x');
});

test('URL.origin of a blob URL is that of the http URL inside', (t) => {
  t.is(new URL('blob:https://a.b:1/x').origin, 'https://a.b:1');
  t.is(new URL('blob:ftp://a/x').origin, 'null');
  t.is(new URL('blob:x').origin, 'null');
});

test('URL has the members of its interface, enumerable, and a tag', (t) => {
  const names: string[] = [];
  for (const name in new URL('http://a')) names.push(name);
  t.deepEqual(names.sort(), [
    'hash',
    'host',
    'hostname',
    'href',
    'origin',
    'password',
    'pathname',
    'port',
    'protocol',
    'search',
    'searchParams',
    'toJSON',
    'toString',
    'username',
  ]);
  t.is(Object.prototype.toString.call(new URL('http://a')), '[object URL]');
  t.is(JSON.stringify({ url: new URL('http://a') }), '{"url":"http://a/"}');
  t.is(URL.length, 1);
});

test('URL members throw for what is no URL', (t) => {
  const get = Object.getOwnPropertyDescriptor(URL.prototype, 'href')!.get!;
  t.throws(() => get.call({}), { instanceOf: TypeError });
  t.throws(() => URL.prototype.toString.call(Object.create(URL.prototype)), { instanceOf: TypeError });
});

test('URL works on after a guest has replaced what it is made of', (t) => {
  const { charCodeAt, indexOf, slice, split, toLowerCase } = String.prototype;
  const { exec } = RegExp.prototype;
  const { push } = Array.prototype;
  const broken = () => {
    throw new Error('replaced');
  };
  Object.assign(String.prototype, {
    charCodeAt: broken,
    indexOf: broken,
    slice: broken,
    split: broken,
    toLowerCase: broken,
  });
  RegExp.prototype.exec = broken;
  Array.prototype.push = broken;
  let found: string[];
  try {
    const url = new URL('HTTP://[1::2]:99/ü/../b?c=d e', 'http://x');
    url.searchParams.set('f', 'ß');
    found = [url.href, new URL('http://xn--zca.ExämPLE/').host, new URL('http://0x7f.1/').host];
  } finally {
    Object.assign(String.prototype, { charCodeAt, indexOf, slice, split, toLowerCase });
    RegExp.prototype.exec = exec;
    Array.prototype.push = push;
  }
  t.deepEqual(found, ['http://[1::2]:99/b?c=d+e&f=%C3%9F', 'xn--zca.xn--exmple-cua', '127.0.0.1']);
});
