import test from 'ava';
import { AbortController, AbortSignal } from '../events/abort.ts';
import { leaveRun, resumeRun } from '../run.ts';
import { ReadableStream } from '../streams.ts';
import { bytes, FakeHost, head, textOf } from './fake-host.ts';
import { fetch } from './fetch.ts';
import { Request } from './request.ts';
import { Response } from './response.ts';
import { answerOf, INLINE_BYTES, requestFrom } from './wire.ts';

const at = 'https://example.org/';
let host: FakeHost;
test.beforeEach(() => {
  host = new FakeHost();
});
test.afterEach.always(() => host.end());

const fetched = (part: object = {}) => ({
  status: 200,
  statusText: 'OK',
  url: at,
  redirected: false,
  headers: ['Content-Type', 'text/plain'],
  body: 'bytes',
  ...part,
});

test.serial('fetch(url) is one op, and its answer a Response with immutable headers', async (t) => {
  const promise = fetch('https://Example.org/a?b#c', { headers: { A: '1' } });
  const { id, op, arg, sent } = await host.op();
  t.is(op, 'fetch');
  t.deepEqual(arg, {
    method: 'GET',
    url: 'https://example.org/a?b',
    headers: ['a', '1'],
    redirect: 'follow',
    body: 'none',
  });
  t.is(sent, undefined);
  await host.settle(id, fetched({ status: 201, redirected: true }), bytes('hi'));
  const response = await promise;
  t.true(response instanceof Response);
  t.deepEqual(
    [response.status, response.statusText, response.url, response.redirected, response.type],
    [201, 'OK', at, true, 'basic'],
  );
  t.is(response.headers.get('content-type'), 'text/plain');
  t.throws(() => response.headers.set('a', 'b'), { instanceOf: TypeError });
  t.is(await response.text(), 'hi');
  await t.throwsAsync(response.text(), { instanceOf: TypeError });
});

test.serial('fetch() refuses what is no absolute http or https URL', async (t) => {
  for (const url of ['foo', '/a', 'ftp://x/', 'blob:https://x/1', 'http:']) {
    await t.throwsAsync(fetch(url), {
      instanceOf: TypeError,
      message: /^fetch: ".*" is not an absolute http or https URL$/,
    });
  }
  await t.throwsAsync(fetch('foo'), { message: 'fetch: "foo" is not an absolute http or https URL' });
  await t.throwsAsync(fetch('https://user:pw@x/'), { instanceOf: TypeError });
  await t.throwsAsync(fetch(at, { body: 'x' }), { instanceOf: TypeError });
  await t.throwsAsync(fetch(at, { headers: { 'a b': 'c' } }), { instanceOf: TypeError });
  await t.throwsAsync(fetch(at, 1 as never), { instanceOf: TypeError });
  t.deepEqual(await host.ops(), []);
});

test.serial('fetch() throws at once where there is no request', (t) => {
  leaveRun();
  t.throws(() => fetch(at), {
    instanceOf: Error,
    message: 'fetch() is not available at the top level, which runs once before any request',
  });
  resumeRun(host.run.id);
});

test.serial('fetch() rejects at the limit of subrequests, and with the error of the host', async (t) => {
  const first = fetch(at);
  void fetch(at);
  void fetch(at);
  await t.throwsAsync(fetch(at), { instanceOf: RangeError, message: 'limit reached: 3 subrequests per request' });
  const ops = await host.ops();
  const failed = t.throwsAsync(first, { instanceOf: TypeError, message: 'fetch: this address is not allowed' });
  await host.fail(ops[0]!.id, 'TypeError', 'fetch: this address is not allowed');
  await failed;
});

test.serial('fetch(request) sends its method, headers and body, and uses the body up', async (t) => {
  const request = new Request(at, { method: 'post', body: 'é', headers: { 'X-A': '1' }, redirect: 'manual' });
  void fetch(request);
  const { arg, sent } = await host.op();
  t.deepEqual(arg, {
    method: 'POST',
    url: at,
    headers: ['x-a', '1', 'content-type', 'text/plain;charset=UTF-8'],
    redirect: 'manual',
    body: 'bytes',
  });
  t.is(textOf(sent), 'é');
  t.true(request.bodyUsed);
  await t.throwsAsync(fetch(request), { instanceOf: TypeError, message: /body has already been read/ });
});

test.serial('fetch() reads a streamed answer by ops, as it is read', async (t) => {
  const promise = fetch(at);
  const { id } = await host.op();
  await host.settle(id, fetched({ body: 'stream' }));
  const response = await promise;
  t.deepEqual(await host.ops(), []);
  const text = response.text();
  const read = await host.op();
  t.deepEqual([read.op, read.arg], ['read', { from: id }]);
  await host.settle(read.id, { done: false }, bytes('abc'));
  await host.settle((await host.op()).id, { done: true });
  t.is(await text, 'abc');
});

test.serial('fetch() drops the body of a status that has none', async (t) => {
  const first = fetch(at);
  await host.settle((await host.op()).id, fetched({ status: 204, body: 'bytes' }), bytes('x'));
  t.is((await first).body, null);
  const second = fetch(at);
  const { id } = await host.op();
  await host.settle(id, fetched({ status: 304, body: 'stream' }));
  t.is((await second).body, null);
  const { op, arg } = await host.op();
  t.deepEqual([op, arg], ['discard', { from: id }]);
});

test.serial('an untouched answer of fetch() is piped, also when the guest made a new Response of it', async (t) => {
  const first = fetch(at);
  const one = await host.op();
  await host.settle(one.id, fetched({ body: 'stream' }));
  t.deepEqual(answerOf(await first).answer.body, { kind: 'pipe', from: one.id });
  const second = fetch(at);
  const two = await host.op();
  await host.settle(two.id, fetched({ body: 'stream' }));
  const response = await second;
  const mine = new Response(response.body, response);
  mine.headers.set('a', 'b');
  const { answer } = answerOf(mine);
  t.deepEqual(answer.body, { kind: 'pipe', from: two.id });
  t.deepEqual(answer.headers, ['content-type', 'text/plain', 'a', 'b']);
  t.deepEqual(await host.ops(), []);
});

test.serial('fetch() pipes the untouched body of the request that came in', async (t) => {
  const request = requestFrom(head({ method: 'POST', body: 'stream', headers: ['A', 'b'] }), undefined, undefined);
  void fetch(new Request(at, request));
  const { arg } = await host.op();
  t.is(arg['body'], 'pipe');
  t.is(arg['from'], 0);
  t.deepEqual(arg['headers'], ['a', 'b']);
  t.true(request.bodyUsed);
});

test.serial('fetch() streams an upload by ops, the last with its end', async (t) => {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes('abc'));
      controller.close();
    },
  });
  const promise = fetch(at, { method: 'POST', body, duplex: 'half' });
  const ops = await host.ops();
  const call = ops[0]!;
  t.deepEqual([call.op, call.arg['body']], ['fetch', 'stream']);
  t.deepEqual([ops[1]!.op, ops[1]!.arg, textOf(ops[1]!.sent)], ['send', { to: call.id }, 'abc']);
  await host.settle(ops[1]!.id, null);
  const last = await host.op();
  t.deepEqual([last.op, last.arg], ['send', { to: call.id, end: true }]);
  await host.settle(call.id, fetched(), bytes('ok'));
  t.is(await (await promise).text(), 'ok');
});

test.serial('fetch() streams bytes above 256 KiB', async (t) => {
  void fetch(at, { method: 'POST', body: new Uint8Array(INLINE_BYTES + 1) });
  const ops = await host.ops();
  t.is(ops[0]!.arg['body'], 'stream');
  t.is(ops[1]!.sent!.length, 65_536);
});

test.serial('fetch() stops the upload when the op fails', async (t) => {
  let cancelled: unknown;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  const promise = fetch(at, { method: 'POST', body });
  const failed = t.throwsAsync(promise, { instanceOf: TypeError });
  const [call] = await host.ops();
  await host.fail(call!.id, 'TypeError', 'refused');
  const error = await failed;
  t.is(cancelled, error);
});

test.serial('fetch() with an aborted signal rejects with its reason and asks for nothing', async (t) => {
  const reason = new Error('no');
  t.is(await t.throwsAsync(fetch(at, { signal: AbortSignal.abort(reason) })), reason);
  const error = await t.throwsAsync(fetch(at, { signal: AbortSignal.abort() }), { any: true } as never);
  t.is((error as Error).name, 'AbortError');
  t.deepEqual(await host.ops(), []);
});

test.serial('aborting fetch() cancels its op', async (t) => {
  const controller = new AbortController();
  const promise = fetch(new Request(at, { signal: controller.signal }));
  const { id } = await host.op();
  const rejected = t.throwsAsync(promise, { any: true } as never);
  controller.abort();
  t.is(((await rejected) as Error).name, 'AbortError');
  t.deepEqual(
    (await host.ops()).map((each) => [each.op, each.id]),
    [['cancel', id]],
  );
});

test.serial('aborting after the head has come fails the reading of the body', async (t) => {
  const controller = new AbortController();
  const promise = fetch(at, { signal: controller.signal });
  const { id } = await host.op();
  await host.settle(id, fetched({ body: 'stream' }));
  const response = await promise;
  const text = response.text();
  const read = await host.op();
  const rejected = t.throwsAsync(text, { message: 'enough' });
  controller.abort(new Error('enough'));
  await rejected;
  t.deepEqual(
    (await host.ops()).map((each) => [each.op, each.op === ('cancel' as never) ? each.id : each.arg]),
    [
      ['discard', { from: id }],
      ['cancel', read.id],
    ],
  );
});

test.serial('a body of another request cannot be read', async (t) => {
  const promise = fetch(at);
  await host.settle((await host.op()).id, fetched({ body: 'stream' }));
  const response = await promise;
  const untouched = fetch(at);
  await host.settle((await host.op()).id, fetched({ body: 'stream' }));
  const second = await untouched;
  const other = new FakeHost();
  t.throws(() => answerOf(second), { instanceOf: TypeError, message: 'body: it belongs to another request' });
  await t.throwsAsync(new Response(response.body).text(), {
    instanceOf: TypeError,
    message: 'body: it belongs to another request',
  });
  other.end();
});

test.serial('fetch(data: URL) answers by itself', async (t) => {
  const of = async (url: string) => {
    const response = await fetch(url);
    return [response.status, response.headers.get('content-type'), await response.text()];
  };
  t.deepEqual(await of('data:,a%20b'), [200, 'text/plain;charset=US-ASCII', 'a b']);
  t.deepEqual(await of('data:text/html;charset=utf-8,<p>é#x'), [200, 'text/html;charset=utf-8', '<p>é']);
  t.deepEqual(await of('data:;base64,aGk='), [200, 'text/plain;charset=US-ASCII', 'hi']);
  t.deepEqual(await of('data:application/json ;base64,e30'), [200, 'application/json', '{}']);
  t.deepEqual(await of('data:;charset=x,y'), [200, 'text/plain;charset=x', 'y']);
  for (const url of ['data:text/plain', 'data:;base64,a']) {
    await t.throwsAsync(fetch(url), { instanceOf: TypeError }, url);
  }
  t.is((await fetch('data:,x', { method: 'HEAD' })).body, null);
  t.deepEqual(await host.ops(), []);
});

test.serial('fetch() takes an answer of no bytes', async (t) => {
  const promise = fetch(at);
  await host.settle((await host.op()).id, fetched());
  const response = await promise;
  t.not(response.body, null);
  t.is(await response.text(), '');
});

test.serial('an upload stops at the limit of pending operations, and tells its stream', async (t) => {
  let cancelled: unknown;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes('a')),
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  const { limits } = host.run;
  void fetch(at, { method: 'POST', body });
  host.run.openOps = limits.pendingOps;
  t.deepEqual(
    (await host.ops()).map(({ op }) => op),
    ['fetch'],
  );
  t.true(cancelled instanceof RangeError);
  host.run.openOps = 1;
});

test.serial('cancelling a body when the request is over asks for nothing', async (t) => {
  const promise = fetch(at);
  await host.settle((await host.op()).id, fetched({ body: 'stream' }));
  const response = await promise;
  host.run.state = 'over';
  await t.notThrowsAsync(response.body!.cancel());
  t.deepEqual(await host.ops(), []);
});

test.serial('cancelling a body in the slice of another request discards it for its own', async (t) => {
  const promise = fetch(at);
  const { id } = await host.op();
  await host.settle(id, fetched({ body: 'stream' }));
  const response = await promise;
  const other = new FakeHost();
  await response.body!.cancel();
  t.deepEqual(await other.ops(), []);
  const { op, arg } = await host.op();
  t.deepEqual([op, arg], ['discard', { from: id }]);
  other.end();
});
