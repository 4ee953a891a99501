// Guests may replace whatever they like once they run: the bundle must go on working.
import test from 'ava';
import { guestOf, makeGuest, onlyOp, textOf } from './harness.ts';

const POISONS: Record<string, string> = {
  'Array.prototype.push throws': `Array.prototype.push = () => { throw new Error('push') }`,
  'all of Array.prototype throws': `for (const k of Object.getOwnPropertyNames(Array.prototype)) if (k !== 'constructor' && k !== 'length') Array.prototype[k] = () => { throw new Error(k) }`,
  'Array.prototype[Symbol.iterator] throws': `Array.prototype[Symbol.iterator] = () => { throw new Error('iterator') }`,
  'Promise.prototype.then throws': `Promise.prototype.then = () => { throw new Error('then') }`,
  'Promise.resolve is gone': `Promise.resolve = undefined; Promise.reject = undefined; Promise.all = undefined`,
  'Promise is replaced': `globalThis.Promise = class { constructor() { throw new Error('Promise') } }`,
  'JSON is replaced': `JSON.stringify = () => '{"hacked":1}'; JSON.parse = () => { throw new Error('parse') }`,
  'toJSON is everywhere': `Object.prototype.toJSON = () => 'hacked'; Array.prototype.toJSON = () => 'hacked'`,
  'Object.prototype is polluted': `for (const k of ['get', 'set', 'value', 'writable', 'status', 'headers', 'body', 'then', 'ok', 'end', 'error', 'bytes', 'cause', 'method', 'signal', 'stream', 'thrown', 'code']) Object.prototype[k] = undefined`,
  'Object functions throw': `for (const k of ['defineProperty', 'keys', 'create', 'getPrototypeOf', 'setPrototypeOf', 'assign']) Object[k] = () => { throw new Error(k) }`,
  'Map, Set and WeakMap throw': `for (const C of [Map, Set, WeakMap]) for (const k of ['get', 'set', 'has', 'add', 'delete', 'forEach']) if (C.prototype[k]) C.prototype[k] = () => { throw new Error(k) }`,
  'strings throw': `for (const k of Object.getOwnPropertyNames(String.prototype)) if (typeof String.prototype[k] === 'function' && k !== 'constructor') String.prototype[k] = () => { throw new Error(k) }`,
  'functions throw': `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw new Error('call') }`,
  'Reflect throws': `for (const k of Object.getOwnPropertyNames(Reflect)) Reflect[k] = () => { throw new Error(k) }`,
  'typed arrays throw': `for (const k of ['set', 'subarray', 'slice', 'fill']) Object.getPrototypeOf(Uint8Array.prototype)[k] = () => { throw new Error(k) }`,
  'globals are replaced': `for (const k of ['Map', 'Set', 'Error', 'TypeError', 'Uint8Array', 'ArrayBuffer', 'Date', 'String', 'Number', 'Symbol', 'Reflect', 'WeakMap']) globalThis[k] = undefined`,
  'RegExp.prototype.exec throws': `RegExp.prototype.exec = () => { throw new Error('exec') }`,
  'Error.prepareStackTrace throws': `Error.prepareStackTrace = () => { throw new Error('prepare') }`,
};

// All in one handler, made before the poison: what the guest itself needs is kept by it.
const TOP = `
  const { URL, Headers, console, setTimeout, queueMicrotask, crypto, structuredClone } = globalThis;
  const NativePromise = Promise;
`;
const HANDLER = `async (request, env, ctx) => {
  POISON;
  console.log('line', 1);
  const url = new URL(request.url);
  const response = new Response('hello ' + url.pathname + request.headers.get('a'), { status: 201, headers: { b: 'c' } });
  return response;
}`;

for (const [name, poison] of Object.entries(POISONS)) {
  test(`the bundle answers when ${name}`, async (t) => {
    const guest = await guestOf(HANDLER.replace('POISON', poison), TOP);
    const slice = guest.enter({ url: 'http://example.com/path', headers: ['a', 'x'] });
    t.is(slice.state, 'd', JSON.stringify(slice.outbox));
    t.is(textOf(slice), 'hello /pathx');
    t.is(slice.outbox.answer?.status, 201);
    t.deepEqual(slice.outbox.log, [{ level: 'log', text: 'line 1' }]);
  });

  test(`ops and timers work when ${name}`, async (t) => {
    const guest = await guestOf(
      `(request, env, ctx) => {
        ${poison};
        return new NativePromise((resolve) => {
          setTimeout((text) => resolve(new Response(text)), 3, 'late');
        });
      }`,
      TOP,
    );
    const slice = guest.enter();
    t.is(slice.state, 'w', JSON.stringify(slice.outbox));
    t.is(textOf(guest.settle(onlyOp(slice).id)), 'late');
  });

  test(`what is thrown comes out when ${name}`, async (t) => {
    const guest = await guestOf(`() => { const error = new RangeError('why'); ${poison}; throw error; }`, TOP);
    const slice = guest.enter();
    t.is(slice.outbox.thrown?.name, 'RangeError', JSON.stringify(slice.outbox));
    t.is(slice.outbox.thrown?.message, 'why');
  });
}

test('lazy names are built of builtins as they were', async (t) => {
  const guest = await makeGuest();
  guest.adopt(`(() => { const kept = new Map([[1, { b: 2 }]]); return { default: { fetch() {
    Promise.prototype.then = () => { throw new Error('then') };
    Map.prototype.set = () => { throw new Error('set') };
    Array.prototype.push = () => { throw new Error('push') };
    Object.defineProperty = () => { throw new Error('defineProperty') };
    const controller = new AbortController();
    let seen = 0;
    controller.signal.addEventListener('abort', () => { seen += 1; });
    controller.abort();
    const id = crypto.randomUUID();
    const copy = structuredClone({ a: kept });
    return new Response([seen, id.length, copy.a.get(1).b, performance.now(), atob(btoa('x')), navigator.userAgent].join());
  } } } })()`);
  t.is(textOf(guest.enter()), '1,36,2,0,x,tine');
});
