import test from 'ava';
import { AbortController, AbortSignal } from '../events/abort.ts';
import { ReadableStream } from '../streams.ts';
import { URL } from '../url/url.ts';
import { Request, stateOf } from './request.ts';

const at = 'https://example.org/';

test('new Request(url) is a GET with the URL in its normal form', (t) => {
  const request = new Request('HTTPS://Example.org:443/a/../b?c#d');
  t.is(request.url, 'https://example.org/b?c#d');
  t.is(request.method, 'GET');
  t.is(request.body, null);
  t.false(request.bodyUsed);
  t.is(request.redirect, 'follow');
  t.is(new Request(new URL('/x', at)).url, 'https://example.org/x');
});

test('new Request(url) refuses relative URLs and credentials', (t) => {
  t.throws(() => new Request('/a'), { instanceOf: TypeError, message: 'Request: "/a" is not an absolute URL' });
  t.throws(() => new Request('https://user@example.org'), { instanceOf: TypeError });
  t.throws(() => new Request('https://:pw@example.org'), { instanceOf: TypeError });
  t.throws(() => new (Request as new () => Request)(), { instanceOf: TypeError });
});

test('new Request() writes the common methods in upper case, keeps others, and refuses three', (t) => {
  for (const method of ['delete', 'Get', 'hEAD', 'options', 'post', 'put']) {
    t.is(new Request(at, { method }).method, method.toUpperCase());
  }
  t.is(new Request(at, { method: 'patch' }).method, 'patch');
  t.is(new Request(at, { method: 'Foo' }).method, 'Foo');
  for (const method of ['connect', 'TRACE', 'Track', '', 'a b', 'é', null as never]) {
    if (method === null) t.is(new Request(at, { method }).method, 'null');
    else t.throws(() => new Request(at, { method }), { instanceOf: TypeError }, method);
  }
});

test('new Request() gives GET and HEAD no body', (t) => {
  for (const method of ['GET', 'head', undefined]) {
    t.throws(() => new Request(at, { ...(method && { method }), body: '' }), { instanceOf: TypeError }, method);
    t.is(new Request(at, { ...(method && { method }), body: null }).body, null);
  }
});

test('new Request(request) copies the head and takes the body', async (t) => {
  const first = new Request(at, { method: 'POST', body: 'abc', headers: { a: '1' }, redirect: 'manual' });
  const second = new Request(first);
  t.true(first.bodyUsed);
  t.is(second.method, 'POST');
  t.is(second.redirect, 'manual');
  t.deepEqual(
    [...second.headers],
    [
      ['a', '1'],
      ['content-type', 'text/plain;charset=UTF-8'],
    ],
  );
  second.headers.set('a', '2');
  t.is(first.headers.get('a'), '1');
  t.is(await second.text(), 'abc');
  t.throws(() => new Request(first), { instanceOf: TypeError });
});

test('new Request(request, init) lets init win, and a used body does not matter then', async (t) => {
  const first = new Request(at, { method: 'POST', body: 'abc', headers: { a: '1' } });
  await first.text();
  const second = new Request(first, { method: 'PUT', body: 'new', headers: { b: '2' } });
  t.is(second.method, 'PUT');
  t.is(await second.text(), 'new');
  t.deepEqual(
    [...second.headers],
    [
      ['b', '2'],
      ['content-type', 'text/plain;charset=UTF-8'],
    ],
  );
  t.throws(() => new Request(new Request(at, { method: 'POST', body: 'x' }), { method: 'GET' }), {
    instanceOf: TypeError,
  });
});

test('new Request(request) locks and empties a body stream that was seen before', async (t) => {
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array([104, 105]));
      controller.close();
    },
  });
  const first = new Request(at, { method: 'POST', body: stream, duplex: 'half' });
  t.is(first.body, stream);
  const second = new Request(first);
  t.true(stream.locked);
  t.true(first.bodyUsed);
  t.is(await second.text(), 'hi');
});

test('new Request() checks what means something to browsers only, and shows it', (t) => {
  const request = new Request(at, {
    cache: 'no-store',
    credentials: 'omit',
    integrity: 'sha256-x',
    keepalive: true,
    mode: 'no-cors',
    referrerPolicy: 'origin',
  });
  t.is(request.cache, 'no-store');
  t.is(request.credentials, 'omit');
  t.is(request.integrity, 'sha256-x');
  t.true(request.keepalive);
  t.is(request.mode, 'no-cors');
  t.is(request.referrerPolicy, 'origin');
  t.is(new Request(request, { mode: 'cors' }).cache, 'no-store');
  const plain = new Request(at);
  t.deepEqual(
    [plain.cache, plain.credentials, plain.destination, plain.duplex, plain.integrity, plain.mode, plain.referrer],
    ['default', 'same-origin', '', 'half', '', 'cors', 'about:client'],
  );
  t.is(plain.referrerPolicy, '');
  t.false(plain.keepalive);
  for (const member of ['cache', 'credentials', 'duplex', 'mode', 'priority', 'redirect', 'referrerPolicy']) {
    t.throws(() => new Request(at, { [member]: 'bogus' }), { instanceOf: TypeError }, member);
  }
  t.throws(() => new Request(at, { mode: 'navigate' }), { instanceOf: TypeError });
  t.throws(() => new Request(at, { window: {} as never }), { instanceOf: TypeError });
  t.notThrows(() => new Request(at, { window: null }));
});

test('Request.signal follows the signal of the init and is always the same', (t) => {
  const controller = new AbortController();
  const request = new Request(at, { signal: controller.signal });
  t.true(request.signal instanceof AbortSignal);
  t.is(request.signal, request.signal);
  t.not(request.signal, controller.signal);
  const derived = new Request(request);
  const copy = request.clone();
  let fired = 0;
  copy.signal.addEventListener('abort', () => fired++);
  controller.abort('why');
  t.true(request.signal.aborted);
  t.is(request.signal.reason, 'why');
  t.true(derived.signal.aborted);
  t.is(fired, 1);
  t.true(new Request(at, { signal: AbortSignal.abort() }).signal.aborted);
});

test('Request.signal: null cuts the tie, other values are refused', (t) => {
  const controller = new AbortController();
  const first = new Request(at, { signal: controller.signal });
  const second = new Request(first, { signal: null });
  controller.abort();
  t.false(second.signal.aborted);
  t.false(new Request(at).signal.aborted);
  for (const signal of ['x', {}, 1]) {
    t.throws(() => new Request(at, { signal: signal as never }), { instanceOf: TypeError });
  }
});

test('Request.clone() has a body and headers of its own', async (t) => {
  const request = new Request(at, { method: 'POST', body: 'abc', headers: { a: '1' } });
  const copy = request.clone();
  copy.headers.set('a', '2');
  t.is(request.headers.get('a'), '1');
  t.is(await copy.text(), 'abc');
  t.false(request.bodyUsed);
  t.is(await request.text(), 'abc');
  t.throws(() => request.clone(), { instanceOf: TypeError, message: /body has already been read/ });
});

test('Request is an interface: enumerable members, a tag, a brand', async (t) => {
  const keys = Object.keys(Request.prototype);
  for (const name of ['method', 'url', 'headers', 'body', 'bodyUsed', 'clone', 'json', 'signal', 'duplex']) {
    t.true(keys.includes(name), name);
  }
  t.is(Object.prototype.toString.call(new Request(at)), '[object Request]');
  t.is(Request.length, 1);
  t.throws(() => Reflect.get(Request.prototype, 'duplex', {}), { instanceOf: TypeError });
  t.throws(() => Reflect.get(Request.prototype, 'url', {}), { instanceOf: TypeError });
  await t.throwsAsync(Request.prototype.text.call({} as never), { instanceOf: TypeError });
  t.not(stateOf(new (class extends Request {})(at)), undefined);
  t.is(stateOf({ __proto__: Request.prototype }), undefined);
});

test('Request is read by every method of the mixin', async (t) => {
  const of = (body: string, type = 'text/plain') =>
    new Request(at, { method: 'POST', body, headers: { 'content-type': type } });
  t.deepEqual(await of('{"a":1}').json(), { a: 1 });
  t.deepEqual(await of('ab').bytes(), Uint8Array.of(97, 98));
  t.deepEqual(await of('ab').arrayBuffer(), Uint8Array.of(97, 98).buffer);
  const blob = await of('ab', 'A/b').blob();
  t.deepEqual([blob.type, await blob.text()], ['a/b', 'ab']);
  t.is((await of('a=1', 'application/x-www-form-urlencoded').formData()).get('a'), '1');
});
