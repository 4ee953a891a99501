import test from 'ava';
import { guestOf, inGuest, onlyOp, textOf } from './harness.ts';

test('setTimeout() passes its arguments, and takes at least 1 ms', async (t) => {
  const guest = await guestOf(`() => new Promise((resolve) => {
    const ids = [setTimeout((a, b) => resolve(Response.json([a, b, ids])), 0, 'x', 2), setTimeout(() => {}, -5), setTimeout(() => {}, 'no'), setTimeout(() => {}, 2.9), setTimeout(() => {}, 3e9)];
  })`);
  const { outbox } = guest.enter();
  t.deepEqual(
    outbox.ops?.map((op) => op.arg),
    [{ ms: 1 }, { ms: 1 }, { ms: 1 }, { ms: 2 }, { ms: 1 }],
  );
  t.deepEqual(JSON.parse(textOf(guest.settle(outbox.ops![0]!.id))), ['x', 2, [1, 2, 3, 4, 5]]);
});

test('clearTimeout() in the same slice takes the op back, later it cancels it', async (t) => {
  const guest = await guestOf(`() => new Promise((resolve) => {
    clearTimeout(setTimeout(() => {}, 5));
    const late = setTimeout(() => {}, 1000);
    setTimeout(() => { clearTimeout(late); clearTimeout(late); clearTimeout(undefined); resolve(new Response('x')) }, 1);
  })`);
  const first = guest.enter();
  t.deepEqual(
    first.outbox.ops?.map((op) => op.arg),
    [{ ms: 1000 }, { ms: 1 }],
  );
  const second = guest.settle(first.outbox.ops![1]!.id);
  t.deepEqual(second.outbox.cancel, [first.outbox.ops![0]!.id]);
});

test('setInterval() is armed again each time, until it is cleared', async (t) => {
  const guest = await guestOf(`() => new Promise((resolve) => {
    let n = 0;
    const id = setInterval(() => { n += 1; if (n === 3) { clearInterval(id); resolve(new Response('done')) } }, 7);
  })`);
  let slice = guest.enter();
  for (let i = 0; i < 2; i++) {
    slice = guest.settle(onlyOp(slice).id);
    t.is(slice.state, 'w');
  }
  slice = guest.settle(onlyOp(slice).id);
  t.is(textOf(slice), 'done');
  t.is(slice.outbox.ops, undefined);
});

test('a callback that throws is logged, and an interval goes on', async (t) => {
  const guest = await guestOf(`() => new Promise(() => { setInterval(() => { throw new Error('tick') }, 1) })`);
  const slice = guest.settle(onlyOp(guest.enter()).id);
  t.regex(slice.outbox.log?.[0]?.text ?? '', /^Uncaught Error: tick/);
  t.is(slice.outbox.ops?.length, 1);
});

test('setTimeout() refuses code as text', async (t) => {
  t.is(
    await inGuest(`try { setTimeout('code', 1) } catch (e) { return e.message }`),
    'setTimeout(): the callback must be a function',
  );
});

test('timers at the top level are an Error that says so', async (t) => {
  const guest = await guestOf(
    `() => new Response(text)`,
    `let text; try { setTimeout(() => {}, 1) } catch (e) { text = e.message }`,
  );
  t.is(textOf(guest.enter()), 'setTimeout() is not available at the top level, which runs once before any request');
});

test('fetch() at the top level is an Error that says so', async (t) => {
  const guest = await guestOf(
    `() => new Response(text)`,
    `let text; try { fetch('http://a/') } catch (e) { text = e.message }`,
  );
  t.is(textOf(guest.enter()), 'fetch() is not available at the top level, which runs once before any request');
});

test('queueMicrotask() runs before the slice ends, in order with promises', async (t) => {
  t.deepEqual(
    await inGuest(`const seen = []; queueMicrotask(() => seen.push(1)); Promise.resolve().then(() => seen.push(2)); queueMicrotask(() => seen.push(3));
      await null; await null; return seen;`),
    [1, 2, 3],
  );
});

test('queueMicrotask() reports what is thrown', async (t) => {
  const guest = await guestOf(
    `async () => { queueMicrotask(() => { throw new Error('micro') }); await null; await null; return new Response('') }`,
  );
  t.regex(guest.enter().outbox.log?.[0]?.text ?? '', /^Uncaught Error: micro/);
});

test('timers of a run that is over do not fire in another run', async (t) => {
  const guest = await guestOf(`() => { setTimeout(() => console.log('ghost'), 1); return new Response('') }`);
  const first = guest.enter({ run: 1 });
  t.is(first.state, 'd');
  t.throws(() => guest.settle(onlyOp(first).id, null, undefined, 1), { message: /cannot go on with run 1/ });
  t.is(guest.enter({ run: 2 }).outbox.log, undefined);
});
