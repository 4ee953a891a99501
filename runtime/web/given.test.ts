// Clock, randomness and tamed builtins: what a guest sees of time and memory is what it was given.
import test from 'ava';
import { guestOf, inGuest, makeGuest, onlyOp, textOf } from './harness.ts';

test('the clock stands still within a slice and moves with the next', async (t) => {
  const guest = await guestOf(`async () => {
    const times = () => [Date.now(), +new Date(), new Date().toISOString(), Date(), performance.now()];
    const before = times(); for (let i = 0; i < 1e5; i++); const same = times();
    await new Promise((r) => setTimeout(r, 1));
    return Response.json([before, String(before) === String(same), performance.now(), Date.now()]);
  }`);
  guest.now = 1_700_000_000_000.25;
  const first = guest.enter();
  guest.now = 1_700_000_000_009.25;
  const [before, same, later, now] = JSON.parse(textOf(guest.settle(onlyOp(first).id)));
  t.is(before[0], 1_700_000_000_000);
  t.is(before[1], 1_700_000_000_000);
  t.is(before[2], '2023-11-14T22:13:20.000Z');
  t.is(before[4], 0);
  t.true(same);
  t.is(later, 10);
  t.is(now, 1_700_000_000_010);
});

test('Date is otherwise the builtin one', async (t) => {
  t.deepEqual(
    await inGuest(`class D extends Date { x() { return 1 } }
      return [new Date(5).getTime(), new Date(2020, 1, 3).getDate(), Date.UTC(2020, 0), Date.parse('2020-01-01'), new D() instanceof D, new D(7).x(), new Date() instanceof Date,
        Date.length, Date.name, new Date(3).constructor === Date, typeof Date(), Object.keys(Date)];`),
    [5, 3, 1_577_836_800_000, 1_577_836_800_000, true, 1, true, 7, 'Date', true, 'string', []],
  );
});

test('Math.random() is a function of the seed', async (t) => {
  const draw = `return Array.from({ length: 4 }, () => Math.random())`;
  const one = (await inGuest(draw, { seed: 'a'.repeat(96) })) as number[];
  t.deepEqual(await inGuest(draw, { seed: 'a'.repeat(96) }), one);
  t.notDeepEqual(await inGuest(draw, { seed: 'b'.repeat(96) }), one);
  t.true(one.every((x) => x >= 0 && x < 1));
  const mean = (await inGuest(
    `let s = 0; for (let i = 0; i < 20000; i++) s += Math.random(); return s / 20000`,
  )) as number;
  t.true(Math.abs(mean - 0.5) < 0.02);
});

test('crypto.getRandomValues() checks its argument', async (t) => {
  t.deepEqual(
    await inGuest(`const names = [];
      for (const bad of [new Float32Array(1), new DataView(new ArrayBuffer(1)), {}, new Uint8Array(65537)]) try { crypto.getRandomValues(bad) } catch (e) { names.push(e.name) }
      try { crypto.getRandomValues() } catch (e) { names.push(e.name) }
      const array = new BigUint64Array(2);
      return [...names, crypto.getRandomValues(array) === array, array[0] !== array[1], crypto.getRandomValues(new Uint8Array(65536)).length, new Set(crypto.getRandomValues(new Uint8Array(4000))).size];`),
    [
      'TypeMismatchError',
      'TypeMismatchError',
      'TypeMismatchError',
      'QuotaExceededError',
      'TypeError',
      true,
      true,
      65_536,
      256,
    ],
  );
});

test('crypto.randomUUID() is version 4, and differs from draw to draw and run to run', async (t) => {
  const guest = await guestOf(`() => Response.json([crypto.randomUUID(), crypto.randomUUID()])`);
  const [a, b] = JSON.parse(textOf(guest.enter({ seed: '1'.repeat(96) })));
  const [c] = JSON.parse(textOf(guest.enter({ seed: '2'.repeat(96) })));
  const [again] = JSON.parse(textOf(guest.enter({ seed: '1'.repeat(96) })));
  t.regex(a, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  t.is(new Set([a, b, c]).size, 3);
  t.is(again, a);
});

test('draws at the top level are fixed, and noted with the stack of the first one', async (t) => {
  const guest = await guestOf(
    `() => Response.json(values)`,
    `const values = [Date.now(), new Date().getTime(), performance.now(), Math.random(), Math.random(), crypto.randomUUID()]`,
  );
  const other = await guestOf(
    `() => Response.json(values)`,
    `const values = [Date.now(), new Date().getTime(), performance.now(), Math.random(), Math.random(), crypto.randomUUID()]`,
  );
  const values = JSON.parse(textOf(guest.enter()));
  t.deepEqual(values.slice(0, 3), [0, 0, 0]);
  t.deepEqual(JSON.parse(textOf(other.enter())), values);
  const { entropy } = guest.report();
  t.deepEqual(
    entropy.map(({ name }) => name),
    ['Date.now()', 'new Date()', 'performance.now()', 'Math.random()', 'crypto.randomUUID()'],
  );
  t.true(entropy.every(({ stack }) => /program\.js:1:\d+/.test(stack)));
});

test('draws within a run are not noted', async (t) => {
  const guest = await guestOf(`() => new Response(String(Math.random() + Date.now()))`);
  guest.enter();
  t.deepEqual(guest.report().entropy, []);
});

test('ArrayBuffer has a fixed length, and is otherwise the builtin one', async (t) => {
  t.deepEqual(
    await inGuest(`class B extends ArrayBuffer {}
      const buffer = new ArrayBuffer(8, { maxByteLength: 1 << 20 }), mine = new B(4);
      let called; try { ArrayBuffer(1) } catch (e) { called = e.name }
      return [buffer.resizable, typeof buffer.resize, typeof buffer.transfer, typeof buffer.transferToFixedLength, new Uint8Array(8).buffer instanceof ArrayBuffer,
        new Uint8Array(2).buffer.constructor === ArrayBuffer, mine instanceof B, mine.slice(1) instanceof B, mine.slice(1).byteLength, ArrayBuffer.isView(new DataView(buffer)),
        ArrayBuffer[Symbol.species] === ArrayBuffer, ArrayBuffer.length, ArrayBuffer.name, called, new Uint8Array(new ArrayBuffer(3)).length, buffer.slice(2).byteLength];`),
    [
      false,
      'undefined',
      'undefined',
      'undefined',
      true,
      true,
      true,
      true,
      3,
      true,
      true,
      1,
      'ArrayBuffer',
      'TypeError',
      3,
      6,
    ],
  );
});

test('WeakRef holds on, FinalizationRegistry never calls', async (t) => {
  t.deepEqual(
    await inGuest(`const ref = new WeakRef({ a: 1 }), registry = new FinalizationRegistry(() => {});
      const names = []; for (const f of [() => new WeakRef(1), () => new FinalizationRegistry(), () => registry.register(1), () => { const o = {}; registry.register(o, o) }]) try { f() } catch (e) { names.push(e.name) }
      return [ref.deref().a, registry.register({}, 1) === undefined, registry.unregister({}), names, String(ref)];`),
    [1, true, false, ['TypeError', 'TypeError', 'TypeError', 'TypeError'], '[object WeakRef]'],
  );
});

test('Intl works on the given clock, in UTC and en-US unless asked', async (t) => {
  t.deepEqual(
    await inGuest(`const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });
      const money = new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' });
      return [date.format().replaceAll('\\u202f', ' '), date.resolvedOptions().timeZone, money.format(1234.5), [1, 2].map(new Intl.NumberFormat('en').format), money instanceof Intl.NumberFormat,
        Intl.NumberFormat('en').format(1), new Intl.Locale('de-Latn-DE').minimize().toString(), [...new Intl.Segmenter('en', { granularity: 'word' }).segment('a b')].length,
        new Intl.DateTimeFormat('en', { timeZone: 'America/New_York', hour: 'numeric' }).format(0).replaceAll('\\u202f', ' '), String(Intl), ['b', 'a'].sort(new Intl.Collator().compare)];`),
    [
      '11/14/23, 10:13 PM',
      'UTC',
      '1.234,50\u00a0€',
      ['1', '2'],
      true,
      '1',
      'de',
      3,
      '7 PM',
      '[object Intl]',
      ['a', 'b'],
    ],
  );
});

test('the 257th Intl object in a context is a RangeError', async (t) => {
  const guest = await guestOf(`() => { for (;;) new Intl.NumberFormat('en').format(1) }`);
  const { thrown } = guest.enter().outbox;
  t.is(thrown?.message, 'limit reached: 256 Intl objects per context');
});

test('Intl objects that are made and never used cost nothing', async (t) => {
  t.is(await inGuest(`for (let i = 0; i < 1000; i++) new Intl.NumberFormat('en'); return 1`), 1);
});

test('navigator, self and performance', async (t) => {
  t.deepEqual(
    await inGuest(
      `return [navigator.userAgent, self === globalThis, performance.timeOrigin, performance.toJSON(), performance instanceof EventTarget]`,
    ),
    ['tine', true, 1_700_000_000_000, { timeOrigin: 1_700_000_000_000 }, true],
  );
});

test('names that are built on first touch can be replaced and have the right attributes', async (t) => {
  const guest = await makeGuest();
  const of = (name: string) =>
    JSON.parse(
      guest.run(
        `AbortController; performance; JSON.stringify(Object.getOwnPropertyDescriptor(globalThis, '${name}'))`,
      ) as string,
    );
  t.deepEqual(of('AbortController'), { writable: true, enumerable: false, configurable: true });
  t.like(of('performance'), { writable: true, enumerable: true, configurable: true });
  t.is(guest.run(`globalThis.Blob = 5; Blob`), 5);
  t.is(guest.run(`FormData === FormData && FormData.name`), 'FormData');
});

test('every interface of the platform can be touched', async (t) => {
  const guest = await makeGuest();
  const names = guest.run(
    `JSON.stringify(Object.getOwnPropertyNames(globalThis).filter((n) => { try { return globalThis[n] === undefined } catch (e) { return String(e) } }))`,
  );
  t.deepEqual(JSON.parse(names as string), ['undefined']);
});
