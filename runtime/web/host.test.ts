import test from 'ava';
import { guestOf, makeGuest, onlyOp, textOf } from './harness.ts';
import { CALL } from './protocol.ts';

test('host(enter) answers in the first slice when the handler gives a Response', async (t) => {
  const guest = await guestOf(
    `(request) => new Response('hello ' + request.url, { status: 201, headers: { a: 'b' } })`,
  );
  const slice = guest.enter({ url: 'http://example.com/x' });
  t.is(slice.state, 'd');
  t.is(slice.outbox.answer?.status, 201);
  t.is(textOf(slice), 'hello http://example.com/x');
  t.true(slice.outbox.answer?.headers.includes('a'));
});

test('host(enter) calls the handler with this, env and ctx', async (t) => {
  const guest = await makeGuest();
  guest.adopt(`{ default: new (class { name = 'app'; fetch(request, env, ctx) {
    return Response.json([this.name, env, ctx.requestId, typeof ctx.waitUntil]); } })() }`);
  const slice = guest.enter({ vars: { A: { b: 1 } }, requestId: 'r-7' });
  t.deepEqual(JSON.parse(textOf(slice)), ['app', { A: { b: 1 } }, 'r-7', 'function']);
});

test('host(enter) gives env and context afresh to each run', async (t) => {
  const guest = await guestOf(`(request, env) => { env.A.n += 1; return new Response(String(env.A.n)); }`);
  t.is(textOf(guest.enter({ vars: { A: { n: 1 } } })), '2');
  t.is(textOf(guest.enter({ vars: { A: { n: 1 } } })), '2');
});

test('host(collect) says stuck when no answer can come any more', async (t) => {
  const guest = await guestOf(`() => new Promise(() => {})`);
  const slice = guest.enter();
  t.is(slice.state, 's');
  t.is(slice.outbox.answer, undefined);
});

test('host(collect) says waiting while a timer is pending, and answers in the slice that settles it', async (t) => {
  const guest = await guestOf(
    `async () => { await new Promise((r) => setTimeout(r, 5)); return new Response('late'); }`,
  );
  const first = guest.enter();
  t.is(first.state, 'w');
  const op = onlyOp(first);
  t.deepEqual([op.op, op.arg], ['timer', { ms: 5 }]);
  const second = guest.settle(op.id);
  t.is(second.state, 'd');
  t.is(textOf(second), 'late');
});

test('host(collect) says done for timers that nobody waits for', async (t) => {
  const guest = await guestOf(`() => { setTimeout(() => {}, 1000); return new Response('x'); }`);
  const slice = guest.enter();
  t.is(slice.state, 'd');
  t.is(slice.outbox.ops?.length, 1);
});

test('ctx.waitUntil() keeps the run open until the promise has settled', async (t) => {
  const guest = await guestOf(`(request, env, ctx) => {
    ctx.waitUntil(new Promise((r) => setTimeout(r, 5)).then(() => console.log('after')));
    return new Response('x');
  }`);
  const first = guest.enter();
  t.is(first.state, 'w');
  t.is(textOf(first), 'x');
  const second = guest.settle(onlyOp(first).id);
  t.is(second.state, 'd');
  t.deepEqual(second.outbox.log, [{ level: 'log', text: 'after' }]);
});

test('ctx.waitUntil() logs a rejection, ends with work that can never settle, and refuses after the end', async (t) => {
  const guest = await guestOf(`(request, env, ctx) => {
    globalThis.kept = ctx;
    ctx.waitUntil(Promise.reject(new Error('no')));
    ctx.waitUntil(new Promise(() => {}));
    return new Response('x');
  }`);
  const slice = guest.enter();
  t.is(slice.state, 'd');
  t.regex(slice.outbox.log?.[0]?.text ?? '', /^waitUntil: Error: no/);
  guest.run(
    `try { kept.waitUntil(1); globalThis.caught = 'nothing' } catch (e) { globalThis.caught = e.name + ': ' + e.message }`,
  );
  t.is(guest.context['caught'], 'TypeError: waitUntil: this request is over');
});

test('ctx.passThroughOnException() throws', async (t) => {
  const guest = await guestOf(`(request, env, ctx) => ctx.passThroughOnException()`);
  const { thrown } = guest.enter().outbox;
  t.is(thrown?.name, 'TypeError');
  t.is(thrown?.message, 'passThroughOnException is not supported: there is no origin behind a program');
});

test('a handler that gives no Response is a TypeError that says what it gave', async (t) => {
  for (const [value, text] of [
    ['undefined', 'undefined'],
    ['null', 'null'],
    ['"x"', 'a string'],
    ['7', 'a number'],
    ['{}', 'an object'],
    ['[]', 'an array'],
    ['Promise.resolve()', 'undefined'],
    ['{ then(r) { r(3) } }', 'a number'],
  ]) {
    const guest = await guestOf(`() => (${value})`);
    const slice = guest.enter();
    t.is(slice.state, 'd');
    t.is(slice.outbox.thrown?.message, `fetch handler returned ${text}, expected a Response`);
    t.is(slice.outbox.thrown?.name, 'TypeError');
  }
});

test('what a handler throws comes out as texts, whatever it is', async (t) => {
  const cases: [string, string, RegExp][] = [
    [`throw new RangeError('far')`, 'RangeError', /^far$/],
    [`throw 'text'`, 'Error', /^text$/],
    [`throw null`, 'Error', /^null$/],
    [`throw { a: 1 }`, 'Error', /^\{ a: 1 \}$/],
    [
      `throw new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 } })`,
      'Error',
      /cannot be shown/,
    ],
    [`throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })`, 'Error', /^(\[Error\])?$/],
    [`throw Object.assign(new Error('x'), { name: {} })`, 'Error', /^x$/],
    [`return Promise.reject(new TypeError('later'))`, 'TypeError', /^later$/],
    [`throw new Error('y'.repeat(1e5))`, 'Error', /^y{8191}…$/],
    [`throw new DOMException('gone', 'AbortError')`, 'AbortError', /^gone$/],
  ];
  for (const [body, name, message] of cases) {
    const guest = await guestOf(`() => { ${body} }`);
    const slice = guest.enter();
    t.is(slice.state, 'd', body);
    t.is(slice.outbox.thrown?.name, name, body);
    t.regex(slice.outbox.thrown?.message ?? '', message, body);
    t.true((slice.outbox.thrown?.stack.length ?? 0) <= 8192, body);
  }
});

test('a stack names the program and the line', async (t) => {
  const guest = await guestOf(`() => {\n  throw new Error('here');\n}`);
  t.regex(guest.enter().outbox.thrown?.stack ?? '', /program\.js:2:9/);
});

test('host(settle) rejects with the error that the host gives', async (t) => {
  const guest = await guestOf(
    `async () => { try { await fetch('http://a/') } catch (e) { return new Response(e.name + e.message + (e instanceof TypeError)) } }`,
  );
  const first = guest.enter();
  t.is(textOf(guest.refuse(onlyOp(first).id, 'TypeError', 'fetch: nope')), 'TypeErrorfetch: nopetrue');
});

test('too many ops throw a RangeError, which is too_many_operations when nobody catches it', async (t) => {
  const guest = await guestOf(`async () => { await Promise.all([1, 2, 3, 4].map((n) => fetch('http://a/' + n))) }`);
  const slice = guest.enter({ limits: { pendingOps: 3 } });
  t.is(slice.outbox.ops?.length, 3);
  t.deepEqual([slice.outbox.thrown?.name, slice.outbox.thrown?.code], ['RangeError', 'too_many_operations']);
  t.is(slice.outbox.thrown?.message, 'limit reached: 3 pending operations per request');
});

test('the subrequest above the limit rejects', async (t) => {
  const guest = await guestOf(
    `async () => { try { await Promise.all([fetch('http://a/'), fetch('http://a/')]) } catch (e) { return new Response(e.name + ': ' + e.message) } }`,
  );
  t.is(textOf(guest.enter({ limits: { subrequests: 1 } })), 'RangeError: limit reached: 1 subrequests per request');
});

test('too many timers throw a RangeError', async (t) => {
  const guest = await guestOf(`() => { for (;;) setTimeout(() => {}, 1) }`);
  const slice = guest.enter({ limits: { timers: 4 } });
  t.is(slice.outbox.thrown?.message, 'limit reached: 4 timers per request');
  t.is(slice.outbox.thrown?.code, 'too_many_operations');
});

test('host(collect) gives no string longer than the host takes', async (t) => {
  const guest = await guestOf(`() => new Response('x'.repeat(5000))`);
  guest.call(
    CALL.enter,
    9,
    JSON.stringify({
      kind: 'fetch',
      now: 1,
      seed: '0'.repeat(96),
      requestId: 'r',
      method: 'GET',
      url: 'http://a/',
      headers: [],
      body: 'none',
    }),
    JSON.stringify({ vars: {}, limits: { pendingOps: 1, timers: 1, subrequests: 1, logBytes: 1, responseBytes: 1 } }),
  );
  const slice = guest.collect(1000);
  t.is(slice.state, 'd');
  t.is(slice.outbox.answer, undefined);
  t.is(slice.outbox.thrown?.message, 'limit reached: 1000 characters of output at once');
});

test('host(abort) fires request.signal and rejects pending ops', async (t) => {
  const guest = await guestOf(`async (request) => {
    request.signal.addEventListener('abort', () => console.log('signal', request.signal.reason.name));
    try { await fetch('http://a/') } catch (e) { console.log('fetch', e.name) }
    return new Response('x');
  }`);
  guest.enter();
  const slice = guest.abort();
  t.deepEqual(slice.outbox.log?.map((line) => line.text).sort(), ['fetch AbortError', 'signal AbortError']);
  t.is(slice.state, 'd');
});

test('several runs in one context: ops belong to the run whose slice is under way', async (t) => {
  const guest = await guestOf(
    `async (request) => { console.log(request.url); const r = await fetch(request.url); return new Response(request.url + (await r.text())); }`,
  );
  const a = guest.enter({ url: 'http://a/', run: 1 });
  const b = guest.enter({ url: 'http://b/', run: 2 });
  t.is(a.outbox.log?.[0]?.text, 'http://a/');
  t.is(b.outbox.log?.[0]?.text, 'http://b/');
  t.not(onlyOp(a).id, onlyOp(b).id);
  const response = { status: 200, statusText: 'OK', url: 'http://x/', redirected: false, headers: [], body: 'bytes' };
  t.is(textOf(guest.settle(onlyOp(b).id, response, '!', 2)), 'http://b/!');
  t.is(textOf(guest.settle(onlyOp(a).id, response, '?', 1)), 'http://a/?');
});

test('a promise shared by two runs: the other run is named in the outbox, and its answer is there', async (t) => {
  const guest = await guestOf(
    `async (request) => { shared ??= new Promise((r) => setTimeout(r, 1)); await shared; return new Response(request.url); }`,
    'let shared',
  );
  const a = guest.enter({ url: 'http://a/', run: 1 });
  const b = guest.enter({ url: 'http://b/', run: 2 });
  t.is(b.state, 'w');
  const settled = guest.settle(onlyOp(a).id, null, undefined, 1);
  t.is(textOf(settled), 'http://a/');
  t.deepEqual(settled.outbox.others, [2]);
  const other = guest.collect(8_000_000, 2);
  t.is(other.state, 'd');
  t.is(textOf(other), 'http://b/');
});
