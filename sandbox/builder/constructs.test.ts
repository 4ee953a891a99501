// The table of `hazards.md` 1.1: what a program may have at its top level, and what is left of it in a context. Every
// row is evaluated once, before the snapshot; its check runs in 2 contexts of 2 isolates. An upgrade of Node or
// isolated-vm that changes one row turns it red. What kills a builder is in `builder.test.ts`.
import test from 'ava';
import { CALL, type Outbox } from '#runtime';
import { GuestIsolate } from '../executor/isolate.ts';
import { BOUNDS } from '../limits.ts';
import { enterWith, program, templateOf } from '../test-program.ts';

type Row = [name: string, top: string, check: string, expected: unknown];

/** Each is the body of a function that returns `() => check`; the expected value is its JSON. */
const ROWS: Row[] = [
  ['a function', 'function f(a) { return a + 1; }', 'f(1)', 2],
  ['an arrow function with a closure', 'let n = 5; const f = () => n++;', '[f(), f(), n]', [5, 6, 7]],
  [
    'default, rest and destructured parameters',
    'const f = ({ a = 1, ...rest }, [b] = [2], ...more) => [a, rest, b, more];',
    'f({ x: 9 }, undefined, 7)',
    [1, { x: 9 }, 2, [7]],
  ],
  ['let and const', 'let a = 1; const b = { c: 2 };', '[a, b.c]', [1, 2]],
  [
    'a class',
    'class A { constructor(x) { this.x = x; } get y() { return this.x * 2; } static make() { return new A(4); } }',
    'A.make().y',
    8,
  ],
  [
    'private fields and methods',
    'class A { #x = 3; #m() { return this.#x; } get() { return this.#m(); } } const a = new A();',
    'a.get()',
    3,
  ],
  [
    'private brands',
    'class A { #x; static is(v) { return #x in v; } } const a = new A();',
    '[A.is(a), A.is({}), A.is(new A())]',
    [true, false, true],
  ],
  ['static blocks', 'class A { static x; static { A.x = 7; } }', 'A.x', 7],
  [
    'accessors of private static fields',
    'class A { static #n = 1; static next() { return A.#n++; } }',
    '[A.next(), A.next()]',
    [1, 2],
  ],
  [
    'a subclass of a builtin',
    'class L extends Array { last() { return this[this.length - 1]; } } const l = L.from([1, 2]);',
    '[l.last(), l instanceof Array, l.map((x) => x).constructor === L]',
    [2, true, true],
  ],
  [
    'a subclass of Map',
    'class M extends Map { get(k) { return super.get(k) ?? "none"; } } const m = new M([[1, 2]]);',
    '[m.get(1), m.get(2)]',
    [2, 'none'],
  ],
  [
    'an error subclass',
    'class E extends Error { code = 5; } const e = new E("text");',
    '[e.message, e.code, e instanceof E, e.name]',
    ['text', 5, true, 'Error'],
  ],
  ['the stack of a kept error', 'const e = new Error("text");', '[typeof e.stack, e.message]', ['undefined', 'text']],
  [
    'an object with accessors',
    'const o = { get x() { return 1; }, set x(v) { this.y = v; } };',
    'o.x = 5, [o.x, o.y]',
    [1, 5],
  ],
  [
    'a frozen object',
    'const o = Object.freeze({ a: 1 });',
    '[Object.isFrozen(o), Reflect.set(o, "a", 2)]',
    [true, false],
  ],
  [
    'a null prototype',
    'const o = Object.assign(Object.create(null), { a: 1 });',
    '[o.a, Object.getPrototypeOf(o)]',
    [1, null],
  ],
  ['a cycle', 'const o = {}; o.self = o;', 'o.self.self === o', true],
  [
    'symbols',
    'const s = Symbol("a"); const o = { [s]: 1 };',
    '[o[s], s.description, Object.getOwnPropertySymbols(o)[0] === s]',
    [1, 'a', true],
  ],
  [
    'registered symbols',
    'const s = Symbol.for("tine.a");',
    '[s === Symbol.for("tine.a"), Symbol.keyFor(s)]',
    [true, 'tine.a'],
  ],
  [
    'well-known symbols',
    'const o = { *[Symbol.iterator]() { yield 1; yield 2; }, [Symbol.toPrimitive]: () => 9 };',
    '[[...o], +o]',
    [[1, 2], 9],
  ],
  [
    'a Map with 10,000 object keys',
    'const keys = Array.from({ length: 10000 }, (_, i) => ({ i })); const m = new Map(keys.map((k) => [k, k.i]));',
    '[m.size, keys.every((k) => m.get(k) === k.i)]',
    [10_000, true],
  ],
  [
    'a Set with 10,000 objects',
    'const keys = Array.from({ length: 10000 }, () => ({})); const s = new Set(keys);',
    '[s.size, keys.every((k) => s.has(k)), s.has({})]',
    [10_000, true, false],
  ],
  [
    'a Map with keys of all kinds',
    'const s = Symbol(); const m = new Map([[NaN, 1], [-0, 2], ["a", 3], [s, 4], [1n, 5], [null, 6]]);',
    '[m.get(NaN), m.get(0), m.get("a"), m.get(s), m.get(1n), m.get(null)]',
    [1, 2, 3, 4, 5, 6],
  ],
  [
    'the order of a Map',
    'const m = new Map(); for (let i = 9; i >= 0; i--) m.set(i, i); m.delete(5); m.set(5, 5);',
    '[...m.keys()].join("")',
    '9876432105',
  ],
  ['a WeakMap', 'const k = {}; const m = new WeakMap([[k, 1]]);', '[m.get(k), m.has({})]', [1, false]],
  ['a WeakSet', 'const k = {}; const s = new WeakSet([k]);', '[s.has(k), s.has({})]', [true, false]],
  ['a WeakRef', 'const k = { a: 1 }; const r = new WeakRef(k);', 'r.deref() === k', true],
  [
    'a FinalizationRegistry',
    'const r = new FinalizationRegistry(() => {}); r.register({}, 1);',
    'typeof r.register',
    'function',
  ],
  ['a BigInt', 'const n = 2n ** 200n;', 'String(n + 1n)', String(2n ** 200n + 1n)],
  [
    'a Date',
    'const d = new Date(86400000);',
    '[d.getTime(), d.toISOString()]',
    [86_400_000, '1970-01-02T00:00:00.000Z'],
  ],
  [
    'a regular expression that was used',
    'const r = /a(?<n>b+)/g; r.exec("xabb abbb");',
    '[r.lastIndex, r.exec("xabb abbb").groups.n]',
    [4, 'bbb'],
  ],
  ['lookbehind and the sticky flag', 'const r = /(?<=\\$)\\d+/y; r.lastIndex = 1;', 'r.exec("$42")[0]', '42'],
  [
    'a regular expression with the v flag',
    'const r = /^[\\p{L}--[a-z]]$/v;',
    '[r.test("A"), r.test("a")]',
    [true, false],
  ],
  ['the statics of RegExp', '/(b)/.exec("abc");', 'RegExp.$1 === "b" || RegExp.$1 === ""', true],
  [
    'an ArrayBuffer',
    'const b = new ArrayBuffer(8); new Uint8Array(b)[3] = 7;',
    '[b.byteLength, new Uint8Array(b)[3]]',
    [8, 7],
  ],
  [
    'typed arrays of every kind',
    'const all = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array].map((T) => T.of(1, 2));',
    'all.map((a) => a.length * a.BYTES_PER_ELEMENT + a[1])',
    [4, 4, 4, 6, 6, 10, 10, 10, 18],
  ],
  [
    'typed arrays of BigInts',
    'const a = BigInt64Array.of(-1n); const b = BigUint64Array.of(1n);',
    '[String(a[0]), String(b[0])]',
    ['-1', '1'],
  ],
  [
    'two views of one buffer',
    'const b = new ArrayBuffer(4); const x = new Uint8Array(b); const y = new Uint16Array(b, 2);',
    'x[2] = 1, y[0]',
    1,
  ],
  [
    'a typed array of 1 MB',
    'const a = new Uint8Array(1 << 20).fill(3); a[1 << 19] = 4;',
    '[a[0], a[1 << 19], a.length]',
    [3, 4, 1_048_576],
  ],
  ['a DataView', 'const v = new DataView(new ArrayBuffer(8)); v.setFloat64(0, 1.5);', 'v.getFloat64(0)', 1.5],
  ['an empty buffer', 'const b = new ArrayBuffer(0); const a = new Uint8Array(b);', '[b.byteLength, a.length]', [0, 0]],
  ['a Proxy', 'const p = new Proxy({ a: 1 }, { get: (o, k) => o[k] ?? k.length });', '[p.a, p.four]', [1, 4]],
  [
    'a revoked Proxy',
    'const { proxy, revoke } = Proxy.revocable({}, {}); revoke();',
    '(() => { try { return proxy.a; } catch (e) { return e.name; } })()',
    'TypeError',
  ],
  [
    'a generator that is suspended',
    'function* g() { let n = 0; for (;;) { const x = yield n; n += x ?? 1; } } const it = g(); it.next(); it.next();',
    '[it.next().value, it.next(5).value, it.return(9)]',
    [2, 7, { value: 9, done: true }],
  ],
  [
    'a generator in a finally',
    'let done = 0; function* g() { try { yield 1; } finally { done = 1; } } const it = g(); it.next();',
    'it.return(), done',
    1,
  ],
  [
    'an iterator of a Map',
    'const m = new Map([[1, 2], [3, 4]]); const it = m.entries(); it.next();',
    'it.next().value',
    [3, 4],
  ],
  ['an iterator of an array', 'const it = [1, 2, 3][Symbol.iterator](); it.next();', '[...it]', [2, 3]],
  ['an iterator of a string', 'const it = "a😀b"[Symbol.iterator](); it.next();', '[...it]', ['😀', 'b']],
  ['an iterator helper', 'const it = [1, 2, 3].values().map((x) => x * 2); it.next();', '[...it]', [4, 6]],
  ['an async function', 'const f = async (x) => { await 0; return x; };', 'f(3)', 3],
  [
    'an async generator',
    'async function* g() { yield 1; yield 2; }',
    '(async () => { const a = []; for await (const x of g()) a.push(x); return a; })()',
    [1, 2],
  ],
  ['a resolved promise', 'const p = Promise.resolve(4);', 'p', 4],
  [
    'a rejected promise that is handled',
    'const p = Promise.reject(new Error("x")); p.catch(() => {});',
    'p.catch((e) => e.message)',
    'x',
  ],
  ['a pending promise', 'let go; const p = new Promise((r) => { go = r; });', 'go(6), p', 6],
  [
    'a chain on a pending promise',
    'let go; const p = new Promise((r) => { go = r; }).then((x) => x + 1);',
    'go(6), p',
    7,
  ],
  [
    'microtasks, which run before the snapshot',
    'const log = []; Promise.resolve().then(() => log.push(1)).then(() => log.push(2)); queueMicrotask(() => log.push(3));',
    'log',
    [1, 3, 2],
  ],
  [
    'an async function that waits',
    'let go; const gate = new Promise((r) => { go = r; }); const p = (async () => { await gate; return 8; })();',
    'go(), p',
    8,
  ],
  ['Promise.withResolvers', 'const { promise, resolve } = Promise.withResolvers();', 'resolve(1), promise', 1],
  ['eval', 'const f = eval("(x) => x * 3");', '[f(2), eval("1 + 1")]', [6, 2]],
  ['new Function', 'const f = new Function("a", "return a * 4");', 'f(2)', 8],
  [
    'a tagged template',
    'const seen = []; const tag = (s) => s; const f = () => tag`ab`; seen.push(f());',
    '[f() === f(), seen[0] === f(), f().raw]',
    [true, true, ['ab']],
  ],
  [
    'code that was optimised',
    'function hot(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 3; return s; } for (let i = 0; i < 300; i++) hot(1000);',
    'hot(10)',
    9,
  ],
  ['a sparse array', 'const a = []; a[1e6] = 1;', '[a.length, a[1e6], 5 in a]', [1_000_001, 1, false]],
  [
    'an array of doubles with holes',
    'const a = [1.5, , NaN];',
    '[a[0], 1 in a, Number.isNaN(a[2])]',
    [1.5, false, true],
  ],
  [
    'a long string that was joined',
    'let s = ""; for (let i = 0; i < 10000; i++) s += "ab";',
    '[s.length, s.slice(-3)]',
    [20_000, 'bab'],
  ],
  ['strings with lone surrogates', 'const s = "\\ud800" + "x";', '[s.length, s.isWellFormed()]', [2, false]],
  [
    'numbers at the edges',
    'const n = [-0, NaN, Infinity, Number.MIN_VALUE, 2 ** 53];',
    '[Object.is(n[0], -0), n[1] !== n[1], n[2] > 1e308, n[3] > 0, n[4]]',
    [true, true, true, true, 2 ** 53],
  ],
  ['bound functions', 'const f = function (a, b) { return [this.x, a, b]; }.bind({ x: 1 }, 2);', 'f(3)', [1, 2, 3]],
  ['arguments objects', 'function f() { return arguments; } const a = f(1, 2);', '[a.length, a[1]]', [2, 2]],
  [
    'labels and closures in loops',
    'const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i);',
    'fs.map((f) => f())',
    [0, 1, 2],
  ],
  [
    'a module cache as bundlers make it',
    'const cache = {}; const load = (id) => (cache[id] ??= { exports: { id } }).exports; load("a");',
    'load("a") === cache.a.exports',
    true,
  ],
  ['JSON', 'const o = JSON.parse(\'{"__proto__":1,"a":[{}]}\');', 'Object.keys(o)', ['__proto__', 'a']],
  [
    'toLocaleString and localeCompare',
    'const a = (1234.5).toLocaleString(); const b = ["b", "a"].sort((x, y) => x.localeCompare(y));',
    '[a, b]',
    ['1,234.5', ['a', 'b']],
  ],
  ['an Intl constructor that was read', 'const F = Intl.NumberFormat;', 'typeof F', 'function'],
  ['an Intl object', 'const f = new Intl.NumberFormat("en");', 'f.format(1234.5)', '1,234.5'],
  ['a URL', 'const u = new URL("https://a.example/x?y=1#z");', '[u.host, u.searchParams.get("y")]', ['a.example', '1']],
  ['Headers', 'const h = new Headers({ a: "1" });', 'h.append("A", "2"), h.get("a")', '1, 2'],
  [
    'a TextEncoder and a TextDecoder',
    'const e = new TextEncoder(); const d = new TextDecoder();',
    'd.decode(e.encode("ä"))',
    'ä',
  ],
  ['an AbortController', 'const c = new AbortController();', 'c.abort(), c.signal.aborted', true],
  [
    'an EventTarget with a listener',
    'const log = []; const target = new EventTarget(); target.addEventListener("a", () => log.push(1));',
    'target.dispatchEvent(new Event("a")), log',
    [1],
  ],
  ['a property of the global object', 'globalThis.kept = { n: 1 };', 'kept.n++, globalThis.kept.n', 2],
  [
    'a method added to a prototype',
    'String.prototype.shout = function () { return this.toUpperCase() + "!"; };',
    '"a".shout()',
    'A!',
  ],
  [
    'a getter on the global object',
    'Object.defineProperty(globalThis, "lazy", { get: () => 5, configurable: true });',
    'lazy',
    5,
  ],
  [
    'what the top level drew',
    'const r = [Math.random(), Date.now()];',
    'r.every((x) => typeof x === "number") && r[0] !== Math.random()',
    true,
  ],
  ['a Response made at the top level', 'const r = new Response("kept");', 'r.clone().text()', 'kept'],
];

const FREEZES: Row[] = [
  ['a frozen Object.prototype', 'Object.freeze(Object.prototype);', 'Object.isFrozen(Object.prototype)', true],
  ['a frozen Array.prototype', 'Object.freeze(Array.prototype);', 'Object.isFrozen(Array.prototype)', true],
  ['a frozen String.prototype', 'Object.freeze(String.prototype);', 'Object.isFrozen(String.prototype)', true],
  ['a sealed Map.prototype', 'Object.seal(Map.prototype);', 'Object.isSealed(Map.prototype)', true],
];

/** Evaluates all rows in one snapshot, or with one script per context. @returns by name of a row, one value per context */
async function resultsOf(rows: readonly Row[], mode: 'snapshot' | 'script'): Promise<Map<string, unknown[]>> {
  const checks = rows.map(([, top, check]) => `(() => { ${top}\n return () => (${check}); })()`);
  const body = `const all = []; for (const check of checks) { let value; try { value = await check(); } catch (e) { value = 'threw ' + e; } all.push(value === undefined ? null : value); }
    return Response.json(all);`;
  const template = await templateOf(program(body, `const checks = [\n${checks.join(',\n')}\n];`), { mode });
  const results = new Map<string, unknown[]>(rows.map(([name]) => [name, []]));
  for (let i = 0; i < 2; i++) {
    const guests = new GuestIsolate(template);
    for (let k = 0; k < 2; k++) {
      const { host } = guests.fork();
      host.applySync(undefined, enterWith(1), { timeout: 5_000 });
      const collected = String(host.applySync(undefined, [CALL.collect, BOUNDS.outboxChars], { timeout: 1_000 }));
      const { answer, thrown } = JSON.parse(collected.slice(2)) as Outbox;
      if (answer?.body.kind !== 'text')
        throw new Error(`no answer: ${JSON.stringify(thrown)} ${collected.slice(0, 200)}`);
      const values = JSON.parse(answer.body.text) as unknown[];
      for (const [at, [name]] of rows.entries()) results.get(name)!.push(values[at]);
    }
    guests.dispose();
  }
  return results;
}

for (const mode of ['snapshot', 'script'] as const) {
  const all = resultsOf(ROWS, mode);
  const frozen = resultsOf(FREEZES, mode);
  for (const [name, , , expected] of [...ROWS, ...FREEZES]) {
    test(`mode ${mode}: ${name} at the top level`, async (t) => {
      const found = (await all).get(name) ?? (await frozen).get(name);
      const wanted = mode === 'script' && name === 'the stack of a kept error' ? ['string', 'text'] : expected;
      t.deepEqual(found, [wanted, wanted, wanted, wanted]);
    });
  }
}

test('the table has at least 60 constructs, each once', (t) => {
  const names = [...ROWS, ...FREEZES].map(([name]) => name);
  t.is(new Set(names).size, names.length);
  t.true(names.length >= 60, `${names.length}`);
});
