import test from 'ava';
import { lowered } from './header-list.ts';
import { Headers, headersOver } from './headers.ts';

test('new Headers(init) takes pairs, a record, other Headers, and nothing', (t) => {
  const pairs = [
    ['A', '1'],
    ['b', '2'],
  ];
  t.deepEqual([...new Headers(pairs)], [...new Headers({ A: '1', b: '2' })]);
  t.deepEqual(
    [...new Headers(new Headers(pairs))],
    pairs.map(([name, value]) => [name!.toLowerCase(), value]),
  );
  t.deepEqual([...new Headers(new Map([['X', 'y']]))], [['x', 'y']]);
  t.deepEqual([...new Headers()], []);
  t.deepEqual([...new Headers(undefined)], []);
});

test('new Headers(init) refuses what is no list of pairs and no object', (t) => {
  for (const init of [null, 1, 'a', true, Symbol.iterator]) {
    t.throws(() => new Headers(init as never), { instanceOf: TypeError }, String(init));
  }
  for (const init of [[['a']], [['a', 'b', 'c']], [1], [null]]) {
    t.throws(() => new Headers(init as never), { instanceOf: TypeError }, JSON.stringify(init));
  }
});

test('new Headers(record) reads own enumerable keys in their order, and refuses symbols', (t) => {
  const log: string[] = [];
  const record = new Proxy(
    { b: '1', a: '2' },
    {
      ownKeys: (target) => {
        log.push('ownKeys');
        return Reflect.ownKeys(target);
      },
      getOwnPropertyDescriptor: (target, key) => {
        log.push(`descriptor ${String(key)}`);
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
      get: (target, key) => {
        if (key !== Symbol.iterator) log.push(`get ${String(key)}`);
        return Reflect.get(target, key);
      },
    },
  );
  t.deepEqual(
    [...new Headers(record)],
    [
      ['a', '2'],
      ['b', '1'],
    ],
  );
  t.deepEqual(log, ['ownKeys', 'descriptor b', 'get b', 'descriptor a', 'get a']);
  const hidden = Object.defineProperty({ a: '1' }, 'b', { value: '2', enumerable: false });
  t.deepEqual([...new Headers(hidden)], [['a', '1']]);
  t.throws(() => new Headers({ [Symbol('x')]: '1' } as never), { instanceOf: TypeError });
});

test('Headers names must be tokens', (t) => {
  const headers = new Headers();
  for (const name of ['', ' ', 'a b', 'a:', 'é', 'a\n', '\u0100', '(', 'a,b']) {
    t.throws(() => headers.append(name, 'x'), { instanceOf: TypeError }, name);
    t.throws(() => headers.set(name, 'x'), { instanceOf: TypeError }, name);
    t.throws(() => headers.get(name), { instanceOf: TypeError }, name);
    t.throws(() => headers.has(name), { instanceOf: TypeError }, name);
    t.throws(() => headers.delete(name), { instanceOf: TypeError }, name);
    if (name !== '') t.throws(() => headers.set(`${'a'.repeat(64)}${name}`, 'x'), { instanceOf: TypeError }, name);
  }
  headers.set(`${'A'.repeat(64)}|`, 'long');
  t.is(headers.get(`${'a'.repeat(64)}|`), 'long');
  headers.set("!#$%&'*+-.^_`|~09azAZ", 'ok');
  t.is(headers.get("!#$%&'*+-.^_`|~09AZaz"), 'ok');
});

test('Headers values lose the space around them and must be Latin-1 without NUL, CR and LF', (t) => {
  const headers = new Headers({ a: ' \t\r\nx y\n ', empty: ' \t ', high: '\xff\x80', control: '\x01' });
  t.is(headers.get('a'), 'x y');
  t.is(headers.get('empty'), '');
  t.is(headers.get('high'), '\xff\x80');
  t.is(headers.get('control'), '\x01');
  for (const value of ['a\0b', 'a\rb', 'a\nb', '\u0100', '\ud83d\ude00']) {
    t.throws(() => headers.set('a', value), { instanceOf: TypeError }, JSON.stringify(value));
    t.throws(() => new Headers({ a: value }), { instanceOf: TypeError }, JSON.stringify(value));
    t.throws(() => headers.set('a', `${'x'.repeat(64)}${value}`), { instanceOf: TypeError }, JSON.stringify(value));
  }
  headers.set('long', ` ${'x'.repeat(64)}\xff\t `);
  t.is(headers.get('long'), `${'x'.repeat(64)}\xff`);
  t.is(headers.get('a'), 'x y');
});

test('Headers.append() joins, set() replaces all, delete() removes all', (t) => {
  const headers = new Headers();
  headers.append('A', '1');
  headers.append('b', 'x');
  headers.append('a', '2');
  t.is(headers.get('A'), '1, 2');
  headers.set('a', '3');
  t.deepEqual(
    [...headers],
    [
      ['a', '3'],
      ['b', 'x'],
    ],
  );
  headers.append('a', '4');
  headers.delete('A');
  t.false(headers.has('a'));
  t.is(headers.get('a'), null);
  t.deepEqual([...headers.keys()], ['b']);
});

test('Headers convert what is no string, and refuse symbols', (t) => {
  const headers = new Headers();
  headers.append('a', 1 as never);
  headers.append('b', null as never);
  headers.append(undefined as never, undefined as never);
  t.deepEqual([...headers.values()], ['1', 'null', 'undefined']);
  t.throws(() => headers.append('a', Symbol('x') as never), { instanceOf: TypeError });
});

test('Headers members throw without their arguments', (t) => {
  const headers = new Headers() as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, count] of Object.entries({ append: 2, delete: 1, get: 1, has: 1, set: 2, forEach: 1 })) {
    t.is(headers[name]!.length, count, name);
    const args = Array.from({ length: count - 1 }, () => 'a');
    t.throws(() => headers[name]!(...args), { instanceOf: TypeError }, name);
  }
});

test('Headers iterate in order of names, each once, cookies apart', (t) => {
  const headers = new Headers([
    ['z', '1'],
    ['Set-Cookie', 'b=2'],
    ['a', '1'],
    ['set-cookie', 'a=1'],
    ['Z', '2'],
  ]);
  t.deepEqual(
    [...headers.entries()],
    [
      ['a', '1'],
      ['set-cookie', 'b=2'],
      ['set-cookie', 'a=1'],
      ['z', '1, 2'],
    ],
  );
  t.deepEqual(headers.getSetCookie(), ['b=2', 'a=1']);
  t.is(headers.get('set-cookie'), 'b=2, a=1');
  const seen: unknown[] = [];
  headers.forEach(function (this: unknown, value, name, all) {
    seen.push([this, value, name, all === headers]);
  }, 7);
  t.deepEqual(seen[0], [7, '1', 'a', true]);
  t.is(seen.length, 4);
});

test('Headers iterators are live', (t) => {
  const headers = new Headers({ a: '1', c: '3' });
  const names: string[] = [];
  for (const [name] of headers) {
    names.push(name);
    if (name === 'a') headers.append('b', '2');
  }
  t.deepEqual(names, ['a', 'b', 'c']);
});

test('Headers iterators have the shape that Web IDL gives them', (t) => {
  const iterator = new Headers({ a: '1' }).entries();
  const prototype = Object.getPrototypeOf(iterator) as object;
  t.is(Object.prototype.toString.call(iterator), '[object Headers Iterator]');
  t.is(Object.getPrototypeOf(prototype), Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));
  t.deepEqual(Object.keys(prototype), ['next']);
  t.false(Object.hasOwn(prototype, 'constructor'));
  t.is(Headers.prototype[Symbol.iterator], Headers.prototype.entries);
  t.throws(() => (prototype as Iterator<unknown>).next.call({} as never), { instanceOf: TypeError });
});

test('Headers is an interface: enumerable members, a tag, a brand', (t) => {
  const names = ['append', 'delete', 'get', 'getSetCookie', 'has', 'set', 'entries', 'keys', 'values', 'forEach'];
  t.deepEqual(Object.keys(Headers.prototype).sort(), names.sort());
  t.is(Object.prototype.toString.call(new Headers()), '[object Headers]');
  t.is(Headers.length, 0);
  t.is(Headers.name, 'Headers');
  t.throws(() => Headers.prototype.get.call({} as never, 'a'), { instanceOf: TypeError });
  t.throws(() => Headers.prototype.entries.call({} as never), { instanceOf: TypeError });
});

test('headersOver(list, immutable) can be read and copied, not changed', (t) => {
  const headers = headersOver(lowered(['Content-Type', 'text/html', 'X', '1']), 'immutable');
  t.is(headers.get('content-type'), 'text/html');
  for (const change of [
    () => headers.set('x', '2'),
    () => headers.append('y', '2'),
    () => headers.delete('x'),
    () => headers.delete('absent'),
  ]) {
    t.throws(change, { instanceOf: TypeError, message: 'Headers: these headers are immutable' });
  }
  t.throws(() => headers.set('bad name', 'x'), { message: /not a valid header name/ });
  const copy = new Headers(headers);
  copy.set('x', '2');
  t.is(copy.get('x'), '2');
  t.is(headers.get('x'), '1');
});
