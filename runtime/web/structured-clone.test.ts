import test from 'ava';
import { guestOf, inGuest, textOf } from './harness.ts';

test('structuredClone() copies values of every kind', async (t) => {
  t.deepEqual(
    await inGuest(`
      const shared = { s: 1 };
      const value = { a: [1, , 'x'], m: new Map([[shared, new Set([shared, 2n.toString()])]]), d: new Date(5), r: /a+/gi, n: null, u: undefined, nan: NaN, z: -0, b: new Boolean(false), s: new String('t'),
        big: Object(7n), u8: new Uint8Array([1, 2, 3]).subarray(1), dv: new DataView(new ArrayBuffer(4), 1, 2), shared };
      value.self = value;
      const copy = structuredClone(value);
      const [key, members] = [...copy.m][0];
      return [copy !== value, copy.self === copy, 1 in copy.a, copy.a.length, key === copy.shared, members.has(key), copy.d.getTime(), copy.d instanceof Date, String(copy.r), copy.r.lastIndex,
        'u' in copy, Object.is(copy.z, -0), copy.b instanceof Boolean, copy.b.valueOf(), copy.s + '', typeof copy.big, copy.big.valueOf() === 7n, [...copy.u8], copy.u8.byteOffset, copy.u8.buffer.byteLength, copy.dv.byteOffset, copy.dv.byteLength];`),
    [
      true,
      true,
      false,
      3,
      true,
      true,
      5,
      true,
      '/a+/gi',
      0,
      true,
      true,
      true,
      false,
      't',
      'object',
      true,
      [2, 3],
      1,
      3,
      1,
      2,
    ],
  );
});

test('structuredClone() keeps name, message, stack and cause of errors, and nothing else', async (t) => {
  t.deepEqual(
    await inGuest(`
      const e = Object.assign(new RangeError('r', { cause: new Error('c') }), { extra: 1 });
      class Own extends Error { name = 'Own' }
      const copy = structuredClone(e), own = structuredClone(new Own('o')), dom = structuredClone(new DOMException('d', 'AbortError'));
      return [copy instanceof RangeError, copy.message, copy.stack === e.stack, copy.cause.message, 'extra' in copy, own.name, own.constructor === Error, own.message, dom.code, dom instanceof DOMException];`),
    [true, 'r', true, 'c', false, 'Error', true, 'o', 20, true],
  );
});

test('structuredClone() drops prototypes, accessors and what is not enumerable', async (t) => {
  t.deepEqual(
    await inGuest(`
      class A { x = 1; get y() { return 2 } }
      const a = new A(); Object.defineProperty(a, 'hidden', { value: 1 }); Object.defineProperty(a, 'got', { get: () => 3, enumerable: true });
      const copy = structuredClone(a);
      const proto = structuredClone(JSON.parse('{"__proto__": 5}'));
      return [copy.constructor === Object, copy, Object.keys(proto), Object.getPrototypeOf(proto) === Object.prototype];`),
    [true, { x: 1, got: 3 }, ['__proto__'], true],
  );
});

test('structuredClone() refuses functions, symbols, promises, weak maps and objects of the platform', async (t) => {
  t.deepEqual(
    await inGuest(`
      const names = [];
      for (const bad of [() => {}, Symbol(), { deep: [() => {}] }, Promise.resolve(), new WeakMap(), new Response(''), new Headers(), new AbortController().signal, new URL('http://a/'), Object(Symbol())]) {
        try { structuredClone(bad); names.push('cloned') } catch (e) { names.push(e.name) }
      }
      return [...new Set(names)];`),
    ['DataCloneError'],
  );
});

test('structuredClone() transfers buffers: the old one is detached, views move with it', async (t) => {
  t.deepEqual(
    await inGuest(`
      const view = new Uint8Array([1, 2, 3]), { buffer } = view;
      const copy = structuredClone({ view, buffer }, { transfer: [buffer] });
      return [[...copy.view], copy.view.buffer === copy.buffer, buffer.byteLength, view.length, copy.buffer instanceof ArrayBuffer];`),
    [[1, 2, 3], true, 0, 0, true],
  );
});

test('structuredClone() that fails detaches nothing', async (t) => {
  t.deepEqual(
    await inGuest(`
      const names = [], buffer = new ArrayBuffer(4), gone = new ArrayBuffer(1);
      structuredClone(gone, { transfer: [gone] });
      for (const f of [() => structuredClone({ buffer, f() {} }, { transfer: [buffer] }), () => structuredClone(buffer, { transfer: [buffer, buffer] }), () => structuredClone(1, { transfer: [{}] }),
        () => structuredClone(1, { transfer: [gone] }), () => structuredClone(gone), () => structuredClone(1, { transfer: 5 }), () => structuredClone()]) try { f(); names.push('none') } catch (e) { names.push(e.name) }
      return [names, buffer.byteLength];`),
    [
      [
        'DataCloneError',
        'DataCloneError',
        'DataCloneError',
        'DataCloneError',
        'DataCloneError',
        'TypeError',
        'TypeError',
      ],
      4,
    ],
  );
});

test('structuredClone() is not misled by tags and setters of the guest', async (t) => {
  t.deepEqual(
    await inGuest(`
      Object.defineProperty(Object.prototype, 'trap', { set() { throw new Error('setter') }, get() { return 'got' }, configurable: true });
      const value = Object.defineProperty({ [Symbol.toStringTag]: 'Map', ok: 1 }, 'trap', { value: 2, enumerable: true });
      const copy = structuredClone(value);
      delete Object.prototype.trap;
      return [copy.ok, Object.getOwnPropertyDescriptor(copy, 'trap').value];`),
    [1, 2],
  );
});

test('MessageChannel delivers clones in order, after microtasks that wait already', async (t) => {
  const guest = await guestOf(`() => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel(), seen = [];
    port2.onmessage = (e) => { seen.push(e.data); if (seen.length === 3) resolve(Response.json(seen)) };
    port1.postMessage({ n: 1 });
    port1.postMessage([2]);
    Promise.resolve().then(() => seen.push('micro'));
  })`);
  t.deepEqual(JSON.parse(textOf(guest.enter())), ['micro', { n: 1 }, [2]]);
});

test('MessagePort waits for start(), can be transferred, and is silent once closed', async (t) => {
  const guest = await guestOf(`() => new Promise((resolve) => {
    const a = new MessageChannel(), b = new MessageChannel(), seen = [];
    a.port2.addEventListener('message', (e) => {
      const [moved] = e.ports;
      moved.onmessage = (m) => { seen.push(m.data); moved.close(); b.port1.postMessage('lost'); resolve(Response.json(seen)) };
    });
    a.port1.postMessage('take', [b.port2]);
    b.port1.postMessage('early');
    a.port2.start();
    try { b.port2.postMessage('x', [b.port2]) } catch (e) { seen.push(e.name) }
  })`);
  t.deepEqual(JSON.parse(textOf(guest.enter())), ['DataCloneError', 'early']);
});

test('structuredClone() refuses a Proxy, at any depth, with a DataCloneError', async (t) => {
  t.deepEqual(
    await inGuest(`
      const tried = (value) => { try { structuredClone(value); return 'cloned' } catch (e) { return e.name } };
      const { proxy, revoke } = Proxy.revocable([], {});
      const revoked = Proxy.revocable({}, {});
      revoked.revoke();
      class Sub { constructor() { return new Proxy(this, {}) } }
      return [tried(new Proxy({}, {})), tried({ a: [new Proxy([], {})] }), tried(proxy), tried(revoked.proxy), tried(new Sub()),
        tried(Reflect.construct(Proxy, [{}, {}])), tried(new Map([[1, new Proxy(() => {}, {})]])), tried({ a: 1 })];`),
    [
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'cloned',
    ],
  );
});

test('Proxy of a guest is as the builtin is', async (t) => {
  t.deepEqual(
    await inGuest(`
      const tried = (f) => { try { return f() } catch (e) { return e.constructor.name } };
      const seen = [];
      const proxy = new Proxy({ a: 1 }, { get: (target, key) => { seen.push(key); return target[key] } });
      const { value, ...attributes } = Object.getOwnPropertyDescriptor(globalThis, 'Proxy');
      return [proxy.a, seen, Proxy.name, Proxy.length, Proxy.prototype === undefined, 'prototype' in Proxy, Proxy.revocable.name, Proxy.revocable.length,
        tried(() => Proxy({}, {})), tried(() => new Proxy(1, {})), tried(() => class extends Proxy {}), attributes, Object.getOwnPropertyNames(Proxy).sort(), typeof new Proxy(() => {}, {})];`),
    [
      1,
      ['a'],
      'Proxy',
      2,
      true,
      false,
      'revocable',
      2,
      'TypeError',
      'TypeError',
      'TypeError',
      { writable: true, enumerable: false, configurable: true },
      ['length', 'name', 'revocable'],
      'function',
    ],
  );
});
