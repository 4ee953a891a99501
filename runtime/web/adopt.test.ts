import test from 'ava';
import { makeGuest, textOf } from './harness.ts';
import { CALL } from './protocol.ts';

test('host(adopt) finds fetch on objects, instances and prototypes', async (t) => {
  for (const exported of [
    '{ fetch() {} }',
    'new (class { fetch() {} })()',
    'Object.create({ fetch() {} })',
    'Object.assign(() => {}, { fetch() {} })',
  ]) {
    const report = (await makeGuest()).adopt(`{ default: ${exported} }`);
    t.deepEqual([report.handlers, report.problem], [['fetch'], undefined], exported);
  }
});

test('host(adopt) says no_handler when there is none', async (t) => {
  for (const program of [
    'undefined',
    '{}',
    '{ default: 5 }',
    '{ default: { fetch: 1 } }',
    '{ default: null }',
    '{ fetch() {} }',
  ]) {
    const { problem, handlers } = (await makeGuest()).adopt(program);
    t.deepEqual(handlers, []);
    t.deepEqual(
      problem,
      { code: 'no_handler', text: 'no handler found: use export default { fetch(request, env, ctx) { … } }' },
      program,
    );
  }
});

test('host(adopt) says two_handler_forms when there are both', async (t) => {
  const { problem } = (await makeGuest()).adopt(`(addEventListener('fetch', () => {}), { default: { fetch() {} } })`);
  t.deepEqual(problem, {
    code: 'two_handler_forms',
    text: 'use either export default or addEventListener("fetch"), not both',
  });
});

test('host(adopt) names handlers that are never called', async (t) => {
  const report = (await makeGuest()).adopt(`{ default: { fetch() {}, queue() {}, email: 1, tail() {} } }`);
  t.deepEqual(report.unknownHandlers, ['queue', 'tail']);
});

test('the service-worker form answers by respondWith, with bindings as globals', async (t) => {
  const guest = await makeGuest();
  guest.adopt(
    `(addEventListener('fetch', (e) => { e.waitUntil(Promise.resolve()); e.respondWith(Promise.resolve(new Response(NAME + e.request.url + (e instanceof Event)))) }), {})`,
  );
  t.is(textOf(guest.enter({ vars: { NAME: 'n:' } })), 'n:http://example.com/true');
});

test('the service-worker form: nobody answers, a second answer, a late answer', async (t) => {
  const none = await makeGuest();
  none.adopt(`(addEventListener('fetch', () => {}), {})`);
  t.is(none.enter().outbox.thrown?.message, 'no listener of "fetch" called respondWith');
  const two = await makeGuest();
  two.adopt(
    `(addEventListener('fetch', (e) => { e.respondWith(new Response('first')); try { e.respondWith(1) } catch (x) { console.log(x.name) } Promise.resolve().then(() => { try { e.respondWith(2) } catch (x) { console.log(x.name) } }) }), {})`,
  );
  const slice = two.enter();
  t.is(textOf(slice), 'first');
  t.deepEqual(
    slice.outbox.log?.map((line) => line.text),
    ['InvalidStateError', 'InvalidStateError'],
  );
});

test('host(warm) sends requests one after the other, without ops, and reports their statuses', async (t) => {
  const guest = await makeGuest();
  guest.adopt(`(() => { const seen = []; return { default: { async fetch(request, env) {
    seen.push(request.method + ' ' + new URL(request.url).pathname + ' ' + await request.text() + request.headers.get('x') + env.V);
    await null; seen.push('end');
    if (request.url.endsWith('/ops')) await fetch('http://a/');
    return Response.json(seen, { status: 203 });
  } } } })()`);
  const warm = (request: object) => guest.call(CALL.warm, JSON.stringify(request));
  warm({ method: 'GET', path: '/a', headers: { x: '1' }, vars: { V: 'v' } });
  warm({ method: 'POST', path: '/b?c', headers: {}, body: 'text' });
  warm({ path: '/ops' });
  t.deepEqual(guest.report().warmup, [
    { status: 203 },
    { status: 203 },
    { error: 'Error: fetch() is not available in a warm-up, which runs before any request' },
  ]);
  const seen = JSON.parse(textOf(guest.enter({ vars: { V: 'run' } })));
  t.deepEqual(seen.slice(0, 4), ['GET /a 1v', 'end', 'POST /b textnullundefined', 'end']);
  t.deepEqual(seen.slice(-2), ['GET / nullrun', 'end']);
});

test('host(warm) leaves no clock, randomness or output behind', async (t) => {
  const guest = await makeGuest();
  guest.adopt(
    `{ default: { fetch() { console.log('warm'); return Response.json([Date.now(), performance.now(), Math.random()]) } } }`,
  );
  guest.call(CALL.warm, JSON.stringify({ path: '/' }));
  const slice = guest.enter();
  const [now, elapsed] = JSON.parse(textOf(slice));
  t.deepEqual([now, elapsed], [1_700_000_000_000, 0]);
  t.is(slice.outbox.log?.length, 1);
  t.deepEqual(guest.report().log, []);
});

test('host() knows no other call', async (t) => {
  const guest = await makeGuest();
  t.throws(() => guest.call(99), { message: 'host: there is no call 99' });
});
