import test from 'ava';
import { Headers } from './headers.ts';
import { isResponse, Response } from './response.ts';
import { isNullBodyStatus } from './response-state.ts';

test('new Response() is an empty 200', (t) => {
  const response = new Response();
  t.is(response.status, 200);
  t.true(response.ok);
  t.is(response.statusText, '');
  t.is(response.type, 'default');
  t.is(response.url, '');
  t.false(response.redirected);
  t.is(response.body, null);
  t.false(response.bodyUsed);
  t.deepEqual([...response.headers], []);
  t.is(response.headers, response.headers);
});

test('new Response(body, init) takes status, text and headers', (t) => {
  const response = new Response('x', { status: 404, statusText: 'Nö', headers: { 'X-A': '1' } });
  t.is(response.status, 404);
  t.false(response.ok);
  t.is(response.statusText, 'Nö');
  t.deepEqual(
    [...response.headers],
    [
      ['content-type', 'text/plain;charset=UTF-8'],
      ['x-a', '1'],
    ],
  );
  t.is(new Response('x', { headers: { 'content-type': 'text/html' } }).headers.get('content-type'), 'text/html');
  t.is(new Response('x', null as never).status, 200);
  t.is(new Response('x', { status: '201' as never }).status, 201);
});

test('new Response() refuses a status out of range', (t) => {
  for (const status of [0, 100, 101, 199, 600, 1000, Number.NaN, -1]) {
    t.throws(() => new Response(null, { status }), {
      instanceOf: RangeError,
      message: `response status must be from 200 to 599; got ${status}`,
    });
  }
});

test('new Response() refuses a statusText of several lines', (t) => {
  for (const statusText of ['a\nb', '\u0100', 'a\0']) {
    t.throws(() => new Response(null, { statusText }), { instanceOf: TypeError });
  }
});

test('new Response(body) refuses a body where the status has none', (t) => {
  for (const status of [204, 205, 304]) {
    t.throws(() => new Response('', { status }), { instanceOf: TypeError });
    t.is(new Response(null, { status }).body, null);
    t.is(new Response(undefined, { status }).body, null);
    t.true(isNullBodyStatus(status));
  }
  t.false(isNullBodyStatus(200));
});

test('new Response(x) refuses an init that is no object', (t) => {
  t.throws(() => new Response('', 1 as never), { instanceOf: TypeError });
  t.throws(() => new Response('', { headers: null as never }), { instanceOf: TypeError });
});

test('Response.json() serialises and names its type', async (t) => {
  const response = Response.json({ a: [1, null] }, { status: 201, headers: { x: '1' } });
  t.is(response.status, 201);
  t.is(response.headers.get('content-type'), 'application/json');
  t.is(await response.clone().text(), '{"a":[1,null]}');
  t.deepEqual(await response.json(), { a: [1, null] });
  t.is(Response.json(1, { headers: { 'content-type': 'a/b' } }).headers.get('content-type'), 'a/b');
  for (const value of [undefined, () => 1, Symbol('x')]) {
    t.throws(() => Response.json(value), { instanceOf: TypeError });
  }
  t.throws(() => Response.json({}, { status: 204 }), { instanceOf: TypeError });
  t.throws(() => (Response.json as () => Response)(), { instanceOf: TypeError });
  const loop: { self?: object } = {};
  loop.self = loop;
  t.throws(() => Response.json(loop), { instanceOf: TypeError });
});

test('Response.redirect() takes an absolute URL and a redirect status', (t) => {
  const response = Response.redirect('https://Example.org/a/../b', 301);
  t.is(response.status, 301);
  t.is(response.headers.get('location'), 'https://example.org/b');
  t.is(Response.redirect('https://x').status, 302);
  t.throws(() => response.headers.set('a', 'b'), { instanceOf: TypeError });
  t.throws(() => Response.redirect('/relative'), { instanceOf: TypeError });
  for (const status of [200, 300, 304, 306, 309, 0]) {
    t.throws(() => Response.redirect('https://x', status), { instanceOf: RangeError }, String(status));
  }
});

test('Response.error() is a network error', (t) => {
  const response = Response.error();
  t.is(response.type, 'error');
  t.is(response.status, 0);
  t.false(response.ok);
  t.is(response.body, null);
  t.throws(() => response.headers.append('a', 'b'), { instanceOf: TypeError });
});

test('Response.clone() has headers of its own and the same head', (t) => {
  const response = new Response('x', { status: 418, statusText: 'tea', headers: { a: '1' } });
  const copy = response.clone();
  copy.headers.set('a', '2');
  t.is(response.headers.get('a'), '1');
  t.is(copy.status, 418);
  t.is(copy.statusText, 'tea');
  t.true(copy instanceof Response);
});

test('new Response(body, response) copies the head of another', (t) => {
  const first = new Response('a', { status: 202, headers: { a: '1' } });
  const second = new Response(first.body, first);
  t.is(second.status, 202);
  t.is(second.headers.get('a'), '1');
  t.is(second.headers.get('content-type'), 'text/plain;charset=UTF-8');
});

test('Response is an interface: enumerable members, a tag, a brand', async (t) => {
  const members = [
    'arrayBuffer',
    'blob',
    'body',
    'bodyUsed',
    'bytes',
    'clone',
    'formData',
    'headers',
    'json',
    'ok',
    'redirected',
    'status',
    'statusText',
    'text',
    'type',
    'url',
  ];
  t.deepEqual(Object.keys(Response.prototype).sort(), members);
  t.deepEqual(Object.keys(Response).sort(), ['error', 'json', 'redirect']);
  t.is(Object.prototype.toString.call(new Response()), '[object Response]');
  t.is(Response.length, 0);
  for (const name of ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const) {
    await t.throwsAsync(
      Response.prototype[name].call({} as never) as Promise<unknown>,
      { instanceOf: TypeError },
      name,
    );
  }
  for (const name of ['status', 'headers', 'body', 'ok'] as const) {
    t.throws(() => Reflect.get(Response.prototype, name, {}), { instanceOf: TypeError }, name);
  }
  t.true(isResponse(new Response()));
  t.false(isResponse({ __proto__: Response.prototype }));
  t.false(isResponse(null));
  t.true(isResponse(new (class extends Response {})()));
  t.true(new Response('x').headers instanceof Headers);
});
