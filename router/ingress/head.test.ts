import type { IncomingMessage } from 'node:http';
import test from 'ava';
import { type RequestHead, readHead, requestIdOf, urlOf } from './head.ts';

/** @param raw names and values in turn, after `Host` */
function head(
  raw: string[],
  { url = '/', host = 'a.localhost', trusted = 'no', httpVersion = '1.1' } = {},
): RequestHead {
  const rawHeaders = host === '' ? raw : ['Host', host, ...raw];
  return readHead({ rawHeaders, url, httpVersion } as IncomingMessage, 'the-id', trusted === 'yes');
}

const seen = (raw: string[], options = {}) => head(raw, options).headers.filter((_, at) => at % 2 === 0);

test('readHead() gives the guest its headers in order, with repeated ones, and the request id at the end', (t) => {
  t.deepEqual(head(['A', '1', 'b', '2', 'A', '3', 'X-Request-Id', 'given']).headers, [
    ...['host', 'a.localhost', 'a', '1', 'b', '2', 'a', '3', 'x-request-id', 'the-id'],
  ]);
});

test('readHead() keeps hop-by-hop headers and everything of tine from the guest', (t) => {
  const names = [
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Authorization',
    'Expect',
  ];
  const own = ['X-Tine-Hops', 'X-Tine-Debug', 'X-Tine-Version-Key', 'X-Tine-Anything'];
  for (const name of [...names, ...own]) t.deepEqual(seen([name, '1']), ['host', 'x-request-id'], name);
});

test('readHead() hands on forwarded headers only when they come from a proxy that is trusted', (t) => {
  const raw = ['X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=1.2.3.4', 'X-Forwarded-Proto', 'https'];
  t.deepEqual(seen(raw), ['host', 'x-request-id']);
  t.is(urlOf(head(raw)), 'http://a.localhost/');
  t.deepEqual(seen(raw, { trusted: 'yes' }), [
    'host',
    'x-forwarded-for',
    'forwarded',
    'x-forwarded-proto',
    'x-request-id',
  ]);
  t.is(urlOf(head(raw, { trusted: 'yes' })), 'https://a.localhost/');
  for (const proto of ['ftp', 'javascript', 'HTTPS x']) {
    t.is(urlOf(head(['x-forwarded-proto', proto], { trusted: 'yes' })), 'http://a.localhost/', proto);
  }
});

test('readHead() never reads x-tine-hops as less than it says', (t) => {
  t.is(head([]).hops, 0);
  t.is(head(['X-Tine-Hops', '3']).hops, 3);
  t.is(head(['x-tine-hops', '7', 'x-tine-hops', '1']).hops, 7);
  t.is(head(['x-tine-hops', '1, 8']).hops, 8);
  t.is(head(['x-tine-hops', '8']).hops, 8);
  for (const value of ['9', '999', '1, 9', '9,1']) {
    t.throws(() => head(['x-tine-hops', value]), { code: 'loop_detected' }, value);
  }
  t.throws(() => head(['x-tine-hops', '9', 'x-tine-hops', '1']), { code: 'loop_detected' });
  for (const value of ['', 'x', '-1', '1e1', '0x1', '1 2', '9999', '1,', 'NaN']) {
    t.throws(() => head(['x-tine-hops', value]), { code: 'bad_request' }, value);
  }
});

test('readHead() refuses a Host that is given twice, or is no authority', (t) => {
  t.throws(() => head(['host', 'b.localhost']), { code: 'bad_request' });
  const bad = [
    'a/b',
    'a?b',
    'a#b',
    'u@a',
    'u:p@a',
    'a b',
    'a\\b',
    'a:99999',
    'a:x',
    '1.2.3.4.5',
    '999.1.1.1',
    '[::g]',
    'a%41',
    'a:1:2',
    'ä',
  ];
  for (const host of bad) t.throws(() => head([], { host }), { code: 'bad_request' }, host);
  for (const host of ['a', 'A.Localhost:1', '127.0.0.1:8787', '[::1]:8787', 'a_b.example', 'a.'])
    t.is(head([], { host }).host, host);
});

test('readHead() gives localhost to HTTP/1.0 without a Host', (t) => {
  t.is(urlOf(head([], { host: '', url: '/x', httpVersion: '1.0' })), 'http://localhost/x');
  t.throws(() => head([], { host: '', url: '/x' }), { code: 'bad_request' });
});

test('readHead() takes an absolute target only when it names the same host', (t) => {
  const target = (url: string, host = 'a.localhost') => head([], { url, host, httpVersion: '1.0' }).target;
  t.is(target('http://a.localhost/x?y=1'), '/x?y=1');
  t.is(target('http://A.localhost/x', 'a.LOCALHOST'), '/x');
  t.is(target('http://a.localhost:80/x'), '/x');
  t.is(target('http://a.localhost/x', 'a.localhost:80'), '/x');
  t.is(target('http://a.localhost:8787', 'a.localhost:8787'), '/');
  for (const url of [
    'http://evil/x',
    'http://a.localhost:81/',
    'ftp://a.localhost/x',
    'a.localhost:80',
    'x',
    'http://',
    'javascript:1',
  ]) {
    t.throws(() => target(url), { code: 'bad_request' }, url);
  }
  t.throws(() => target('http://-/x', ''), { code: 'bad_request' });
});

test('readHead() refuses what no target may have', (t) => {
  for (const url of ['/%00', '/a%00b', '/a\\b', '/a b', '/a#b', '/\x7f', '/ä', '/a?b=%00', '/\t']) {
    t.throws(() => head([], { url }), { code: 'bad_request' }, url);
  }
  t.is(head([], { url: '/%2f%2F?x=%20&y' }).target, '/%2f%2F?x=%20&y');
  t.is(urlOf(head([], { url: '*' })), 'http://a.localhost/');
});

test('readHead() resolves dot segments, so that routes see the path that the guest sees', (t) => {
  const table = {
    '/a/../b': '/b',
    '/../../x?y=/../z': '/x?y=/../z',
    '/a/%2e%2E/b': '/b',
    '/a/./b': '/a/b',
    '/.well-known/x': '/.well-known/x',
    '//x/../y': '//y',
  };
  for (const [url, target] of Object.entries(table)) {
    t.is(head([], { url }).target, target, url);
    t.is(new URL(urlOf(head([], { url }))).pathname + new URL(urlOf(head([], { url }))).search, target, url);
  }
});

test('readHead() knows whether there is a body', (t) => {
  t.like(head([]), { hasBody: false, contentLength: undefined });
  t.like(head(['Content-Length', '0']), { hasBody: false, contentLength: 0 });
  t.like(head(['Content-Length', '5']), { hasBody: true, contentLength: 5 });
  t.like(head(['Transfer-Encoding', 'chunked']), { hasBody: true, contentLength: undefined });
  t.true(head(['Transfer-Encoding', 'chunked', 'Content-Length', '0']).hasBody);
});

test('readHead() finds the key of a split in header and cookie, the header first', (t) => {
  t.is(head([]).versionKey, undefined);
  t.is(head(['x-tine-version-key', 'k']).versionKey, 'k');
  t.is(head(['Cookie', 'a=b; tine-version-key=c1; d=e']).versionKey, 'c1');
  t.is(head(['Cookie', 'tine-version-key=c1', 'x-tine-version-key', 'k']).versionKey, 'k');
  t.is(head(['x-tine-version-key', 'k', 'Cookie', 'tine-version-key=c1']).versionKey, 'k');
  t.is(head(['Cookie', 'not-tine-version-key=c1']).versionKey, undefined);
  t.is(head(['x-tine-version-key', '']).versionKey, undefined);
  t.is(head(['x-tine-version-key', 'k'.repeat(500)]).versionKey?.length, 64);
  t.deepEqual(seen(['Cookie', 'a=b']), ['host', 'cookie', 'x-request-id']);
});

test('readHead() takes a traceparent of the standard form only; the guest sees what was sent', (t) => {
  const good = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  t.is(head(['traceparent', good]).traceparent, good);
  for (const bad of [
    '',
    'x',
    good.toUpperCase().replace('00', 'FF'),
    `ff${good.slice(2)}`,
    `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
  ]) {
    t.is(head(['traceparent', bad]).traceparent, undefined, bad);
    t.deepEqual(seen(['traceparent', bad]), ['host', 'traceparent', 'x-request-id']);
  }
});

test('requestIdOf() takes 1 to 64 visible ASCII characters, else makes a UUID', (t) => {
  for (const good of ['a', 'x'.repeat(64), '!~#']) t.is(requestIdOf(good), good);
  for (const bad of [undefined, '', 'x'.repeat(65), 'a b', 'ä', 'a\n', '\x7f']) {
    t.regex(requestIdOf(bad), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  t.not(requestIdOf(undefined), requestIdOf(undefined));
});
