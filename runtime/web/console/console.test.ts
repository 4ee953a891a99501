import test from 'ava';
import { guestOf } from '../harness.ts';

async function lines(body: string, limits = {}): Promise<string[]> {
  const guest = await guestOf(`() => { ${body}; return new Response('') }`);
  const { outbox } = guest.enter({ limits });
  if (outbox.thrown !== undefined) throw new Error(outbox.thrown.stack);
  return (outbox.log ?? []).map(({ level, text }) => (level === 'log' ? text : `${level}: ${text}`));
}

const one = async (...args: string[]) => (await lines(`console.log(${args.join(', ')})`))[0];

test('console.log() joins with spaces, strings as they are', async (t) => {
  t.is(
    await one(`'a'`, `1`, `true`, `null`, `undefined`, `1n`, `Symbol('s')`, `-0`),
    'a 1 true null undefined 1n Symbol(s) -0',
  );
  t.deepEqual(await lines(`console.log()`), ['']);
});

test('console.log() substitutes %s %d %i %f %j %o %O %c %%', async (t) => {
  t.is(await one(`'%s|%d|%i|%f'`, `'a'`, `'42'`, `'42.9px'`, `'1.5'`), 'a|42|42|1.5');
  t.is(await one(`'%j %o %O'`, `'q'`, `{ a: 1 }`, `[1]`), `"q" { a: 1 } [ 1 ]`);
  t.is(await one(`'%cred'`, `'color: red'`, `'rest'`), 'red rest');
  t.is(await one(`'100%% %s'`, `1`), '100% 1');
  t.is(await one(`'100% %x %s'`), '100% %x %s');
  t.is(await one(`'%d %d'`, `{}`, `10n`), 'NaN 10n');
  t.is(await one(`'%s'`, `{ a: { b: { c: 1 } } }`), '{ a: { b: [Object] } }');
});

test('console.log() shows values of every kind', async (t) => {
  t.is(await one(`{ a: 'x', 'b-c': [1, , 3], d: undefined }`), `{ a: 'x', 'b-c': [ 1, <empty>, 3 ], d: undefined }`);
  t.is(await one(`new Map([['k', { v: 1 }]])`), `Map(1) { 'k' => { v: 1 } }`);
  t.is(await one(`new Set([1, 'a'])`), `Set(2) { 1, 'a' }`);
  t.is(await one(`new Date(0)`, `new Date(NaN)`), '1970-01-01T00:00:00.000Z Invalid Date');
  t.is(await one(`/a+/gi`), '/a+/gi');
  t.is(await one(`new (class Foo { a = 1 })()`), 'Foo { a: 1 }');
  t.is(
    await one(`class A extends Array {}`, `function f() {}`, `() => {}`),
    '[class A extends Array] [Function: f] [Function (anonymous)]',
  );
  t.is(await one(`async function g() {}`), '[AsyncFunction: g]');
  t.is(
    await one(`new Uint8Array([1, 255])`, `new Uint8Array([1, 255]).buffer`),
    'Uint8Array(2) [ 1, 255 ] ArrayBuffer { <01 ff>, byteLength: 2 }',
  );
  t.is(await one(`Object.create(null)`), '[Object: null prototype] {}');
  t.is(await one(`{ get a() { throw 1 }, set b(v) {} }`), '{ a: [Getter], b: [Setter] }');
  t.is(await one(`new String('x')`, `Object(1n)`), `[String: 'x'] [BigInt: 1n]`);
  t.is(await one(`Promise.resolve(1)`, `new WeakMap()`), 'Promise {} WeakMap { <items unknown> }');
  t.is(await one(`(() => { const a = { n: 1 }; a.self = a; return a })()`), '{ n: 1, self: [Circular] }');
});

test('console.error() shows errors with stack, cause and own properties', async (t) => {
  const [line] = await lines(`console.error(Object.assign(new TypeError('bad', { cause: 'why' }), { code: 7 }))`);
  t.regex(line!, /^error: TypeError: bad\n {4}at /);
  t.regex(line!, /\{ code: 7 \}/);
  t.regex(line!, /\[cause\]: 'why'/);
});

test('console.log() breaks long objects into lines', async (t) => {
  const text = await one(`{ first: 'x'.repeat(40), second: 'y'.repeat(40) }`);
  t.is(text, `{\n  first: '${'x'.repeat(40)}',\n  second: '${'y'.repeat(40)}'\n}`);
});

test('console.log() is bounded in depth, entries, values and characters', async (t) => {
  t.is(
    await one(`{ a: { b: { c: { d: { e: { f: 1 } } } } } }`),
    '{\n  a: {\n    b: { c: { d: { e: [Object] } } }\n  }\n}'.replace(/\n */g, ' '),
  );
  t.regex((await one(`Array.from({ length: 1000 }, (_, i) => i)`))!, /… 900 more items/);
  t.true((await one(`'x'.repeat(1e6)`, `{}`))!.length < 17_000);
  const wide = `(() => { const make = (n) => n === 0 ? 'leaf' : Array.from({ length: 50 }, () => make(n - 1)); return make(4) })()`;
  t.true((await one(wide))!.length < 40_000);
});

test('console.log() ends early in large collections', async (t) => {
  t.regex(
    (await one(`new Set(Array.from({ length: 1e5 }, (_, i) => i))`))!,
    /^Set\(100000\) \{[\s\S]*… 99900 more items/,
  );
  t.regex((await one(`new Map(Array.from({ length: 500 }, (_, i) => [i, i]))`))!, /… 400 more items/);
  t.regex((await one(`Object.fromEntries(Array.from({ length: 5000 }, (_, i) => ['k' + i, i]))`))!, /… 900 more items/);
});

test('console.log() throws nothing into the guest', async (t) => {
  const hostile = `new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 2 }, getOwnPropertyDescriptor() { throw 3 } })`;
  t.is(await one(hostile), '[cannot be shown]');
  t.deepEqual(await lines(`console.log('%s', ${hostile}); console.log('next')`), ['[cannot be shown]', 'next']);
});

test('console.group() indents, groupEnd() ends it', async (t) => {
  t.deepEqual(
    await lines(`console.group('g'); console.log('a\\nb'); console.groupEnd(); console.groupEnd(); console.log('c')`),
    ['g', '  a\n  b', 'c'],
  );
});

test('console.count(), countReset(), assert(), time()', async (t) => {
  t.deepEqual(
    await lines(
      `console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.countReset('y')`,
    ),
    ['default: 1', 'x: 1', 'default: 2', 'default: 1', 'warn: countReset: there is no count "y"'],
  );
  t.deepEqual(await lines(`console.assert(true, 'no'); console.assert(false); console.assert(0, 'a %s', 'b')`), [
    'error: Assertion failed',
    'error: Assertion failed: a b',
  ]);
  t.deepEqual(await lines(`console.time('t'); console.timeLog('t', 1); console.timeEnd('t'); console.timeEnd('t')`), [
    't: 0 ms 1',
    't: 0 ms',
    'warn: timeEnd: there is no timer "t"',
  ]);
});

test('console.table() draws rows and columns', async (t) => {
  const [text] = await lines(`console.table([{ a: 1, b: 'x' }, { a: 2 }])`);
  t.is(
    text,
    ['| (index) | a | b   |', '| ------- | - | --- |', `| 0       | 1 | 'x' |`, '| 1       | 2 |     |'].join('\n'),
  );
  t.deepEqual(await lines(`console.table(5)`), ['5']);
});

test('console.trace() says where it was called', async (t) => {
  const [line] = await lines(`console.trace('here')`);
  t.regex(line!, /^trace: Trace: here\n {4}at .*fetch \(program\.js/);
});

test('logBytes bounds the output of a run: the line that passes it is cut, later ones are counted', async (t) => {
  const guest = await guestOf(
    `() => { for (let i = 0; i < 100; i++) console.log('0123456789'); return new Response('') }`,
  );
  const { outbox } = guest.enter({ limits: { logBytes: 27 } });
  t.deepEqual(
    outbox.log?.map((line) => line.text),
    ['0123456789', '0123456789', '01…'],
  );
  t.is(outbox.dropped, 97);
});

test('logBytes: 0 drops everything, without formatting it', async (t) => {
  const guest = await guestOf(
    `() => { console.log({ toString() { throw 1 } }, new Proxy({}, {})); return new Response('') }`,
  );
  const { outbox } = guest.enter({ limits: { logBytes: 0 } });
  t.is(outbox.log, undefined);
  t.is(outbox.dropped, 1);
});

test('output of the top level is in the report', async (t) => {
  const guest = await guestOf(`() => new Response('')`, `console.warn('at start', { a: 1 })`);
  t.deepEqual(guest.report().log, [{ level: 'warn', text: 'at start { a: 1 }' }]);
});

test('logBytes counts bytes of UTF-8, and cuts between characters', async (t) => {
  const guest = await guestOf(
    `() => { console.log('äöü'); console.log('日本語'); console.log('😀😀😀'); console.log('x'); return new Response('') }`,
  );
  // 6 + 1, 9 + 1, then 8 of 12 fit: three dots and one character
  const { outbox } = guest.enter({ limits: { logBytes: 25 } });
  t.deepEqual(
    outbox.log?.map((line) => line.text),
    ['äöü', '日本語', '😀…'],
  );
  t.is(outbox.dropped, 1);
  const bytes = (outbox.log ?? []).reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
  t.true(bytes <= 26, `${bytes} bytes`);
});

test('logBytes takes a line that fits to the byte', async (t) => {
  const guest = await guestOf(`() => { console.log('é€'); console.log('dropped'); return new Response('') }`);
  const { outbox } = guest.enter({ limits: { logBytes: 5 } });
  t.deepEqual(
    outbox.log?.map((line) => line.text),
    ['é€'],
  );
  t.is(outbox.dropped, 1);
});

test('console.log() shows what is in URL, URLSearchParams and Headers', async (t) => {
  t.is(await one(`new URL('/b?c#d', 'https://a.example')`), `URL { href: 'https://a.example/b?c#d' }`);
  t.is(await one(`new URLSearchParams('a=1&b=2&a=3')`), `URLSearchParams { 'a' => '1', 'b' => '2', 'a' => '3' }`);
  t.is(await one(`new Headers({ 'X-A': '1', b: 'two' })`), `Headers { 'x-a' => '1', 'b' => 'two' }`);
  t.is(await one(`[new Headers()]`), `[ Headers {} ]`);
});

test('console.log() shows what is in Request and Response', async (t) => {
  t.is(
    await one(`new Request('https://a.example/', { method: 'PUT', headers: { b: 'c' }, body: 'x' })`),
    [
      'Request {',
      `  method: 'PUT',`,
      `  url: 'https://a.example/',`,
      `  headers: Headers { 'b' => 'c', 'content-type' => 'text/plain;charset=UTF-8' }`,
      '}',
    ].join('\n'),
  );
  t.is(
    await one(`new Response('x', { status: 404, statusText: 'No' })`),
    [
      'Response {',
      '  status: 404,',
      `  statusText: 'No',`,
      `  headers: Headers { 'content-type' => 'text/plain;charset=UTF-8' }`,
      '}',
    ].join('\n'),
  );
});

test('console.log() shows the request that came in, and leaves it as it is', async (t) => {
  const guest = await guestOf(`(request) => { console.log(request); return new Response(request.headers.get('a')) }`);
  const { outbox } = guest.enter({ url: 'http://a.example/p', headers: ['A', '1'] });
  t.is(
    outbox.log?.[0]?.text,
    `Request {\n  method: 'GET',\n  url: 'http://a.example/p',\n  headers: Headers { 'a' => '1' }\n}`,
  );
  t.deepEqual(outbox.answer?.body, { kind: 'text', text: '1' });
});

test('console.log() shows what is in Blob, File and FormData', async (t) => {
  t.is(await one(`new Blob(['abc'], { type: 'text/plain' })`), `Blob { size: 3, type: 'text/plain' }`);
  t.is(
    await one(`new File(['abc'], 'a.txt', { lastModified: 5 })`),
    `File { name: 'a.txt', lastModified: 5, size: 3, type: '' }`,
  );
  const form = `(() => { const form = new FormData(); form.append('a', '1'); form.append('b', new Blob(['x']), 'f'); return form })()`;
  const [text] = await lines(`console.log(${form})`);
  t.regex(
    text!,
    /^FormData \{\n {2}'a' => '1',\n {2}'b' => File \{ name: 'f', lastModified: \d+, size: 1, type: '' \}\n\}$/,
  );
});

test('console.log() shows members that a guest gave to a platform object, and names of subclasses', async (t) => {
  t.is(
    await one(`Object.assign(new (class Mine extends Headers {})([['a', 'b']]), { extra: 1 })`),
    `Mine { 'a' => 'b', extra: 1 }`,
  );
});

test('console.log() of platform objects runs no code of the guest', async (t) => {
  const evil = `Object.defineProperty(Headers.prototype, 'get', { value() { throw 1 } });
    Object.defineProperty(URL.prototype, 'href', { get() { throw 2 } });
    Headers.prototype[Symbol.iterator] = () => { throw 3 };`;
  t.deepEqual(await lines(`${evil} console.log(new Headers({ a: 'b' }), new URL('http://a/'))`), [
    `Headers { 'a' => 'b' } URL { href: 'http://a/' }`,
  ]);
});
