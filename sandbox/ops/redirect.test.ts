import test from 'ava';
import { type Hop, isRedirect, nextHop, parseTarget } from './redirect.ts';
import { failure } from './test-server.ts';

const hop = (more: Partial<Hop> = {}): Hop => ({
  method: 'POST',
  url: new URL('https://a.test/dir/page?q#part'),
  headers: ['Content-Type', 'a/b', 'content-language', 'en', 'Authorization', 's', 'cookie', 'c', 'x', '1'],
  body: Buffer.from('body'),
  ...more,
});
const names = ({ headers }: Hop) => headers.filter((_, at) => at % 2 === 0);

test('isRedirect() knows the five', (t) => {
  const found = Array.from({ length: 600 }, (_, status) => status).filter(isRedirect);
  t.deepEqual(found, [301, 302, 303, 307, 308]);
});

const METHODS: [status: number, before: string, after: string][] = [
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
  [301, 'PUT', 'PUT'],
  [302, 'DELETE', 'DELETE'],
  [303, 'PUT', 'GET'],
  [303, 'DELETE', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [303, 'GET', 'GET'],
  [301, 'HEAD', 'HEAD'],
  [308, 'PATCH', 'PATCH'],
];

for (const [status, before, after] of METHODS) {
  test(`nextHop() makes ${after} of ${before} after ${status}`, (t) => {
    const next = nextHop(hop({ method: before }), status, '/x');
    t.is(next.method, after);
    const kept = before === after;
    t.is(next.body !== undefined, kept);
    t.is(names(next).includes('Content-Type'), kept);
    t.is(names(next).includes('content-language'), kept);
  });
}

const PLACES: [location: string, url: string][] = [
  ['/x', 'https://a.test/x#part'],
  ['x', 'https://a.test/dir/x#part'],
  ['?y', 'https://a.test/dir/page?y#part'],
  ['//b.test/', 'https://b.test/#part'],
  ['http://b.test/#new', 'http://b.test/#new'],
  ['https://me:secret@b.test/', 'https://b.test/#part'],
  ['', 'https://a.test/dir/page?q#part'],
];

for (const [location, url] of PLACES) {
  test(`nextHop() goes to ${url} after ${JSON.stringify(location)}`, (t) => {
    t.is(nextHop(hop(), 307, location).url.href, url);
  });
}

test('nextHop() tells another origin no credentials, and the same origin all', (t) => {
  t.deepEqual(names(nextHop(hop(), 307, '/x')), names(hop()));
  for (const location of ['https://b.test/', 'http://a.test/', 'https://a.test:8443/', 'https://sub.a.test/']) {
    t.deepEqual(names(nextHop(hop(), 307, location)), ['Content-Type', 'content-language', 'x'], location);
  }
});

test('nextHop() leaves the hop before it as it was', (t) => {
  const first = hop();
  nextHop(first, 303, 'https://b.test/');
  t.deepEqual(first, hop());
});

test('nextHop() refuses to send a stream twice, unless the body is dropped anyway', async (t) => {
  const stream = () => hop({ body: (async function* () {})() });
  t.throws(() => nextHop(stream(), 307, '/x'), { message: /streamed body/ });
  t.is(nextHop(stream(), 303, '/x').body, undefined);
});

test('parseTarget() takes absolute http and https URLs only', async (t) => {
  t.is(parseTarget('HTTP://A.test').href, 'http://a.test/');
  for (const text of [
    'a',
    '//a',
    'ws://a/',
    'blob:http://a/',
    'http://',
    'http://a:99999/',
    'http://[::1',
    'http://1.2.3.4.5/',
  ]) {
    const reason = await failure((async () => parseTarget(text))());
    t.is(reason, `TypeError: fetch: ${JSON.stringify(text)} is not an absolute http or https URL`);
  }
});

test('parseTarget() quotes no more of a URL than one can read', (t) => {
  const error = t.throws(() => parseTarget('x'.repeat(1_000_000)));
  t.true(error.message.length < 300);
});
