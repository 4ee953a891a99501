import test from 'ava';
import { isSearchParams, parseForm, serializeForm, serializeParams, URLSearchParams } from './search-params.ts';

test('new URLSearchParams() takes a string, with or without its question mark', (t) => {
  t.is(`${new URLSearchParams('?a=1&b=%20+&&c&=d&e==f')}`, 'a=1&b=++&c=&=d&e=%3Df');
  t.is(`${new URLSearchParams('??a')}`, '%3Fa=');
  t.is(`${new URLSearchParams()}`, '');
  t.is(`${new URLSearchParams(null as unknown as string)}`, 'null=');
  t.is(`${new URLSearchParams(undefined)}`, '');
});

test('new URLSearchParams() takes pairs of any iterable, and an object of its own kind', (t) => {
  t.is(`${new URLSearchParams([['a', 'b'], new Set(['c', 'd'])])}`, 'a=b&c=d');
  t.is(`${new URLSearchParams(new Map([['x', 'y']]))}`, 'x=y');
  const first = new URLSearchParams('a=1');
  const copy = new URLSearchParams(first);
  copy.append('b', '2');
  t.is(`${first}`, 'a=1');
  t.is(`${copy}`, 'a=1&b=2');
  for (const bad of [[['a']], [['a', 'b', 'c']], ['ab'], [null], { [Symbol.iterator]: 1 }]) {
    t.throws(() => new URLSearchParams(bad as never), { instanceOf: TypeError });
  }
});

test('new URLSearchParams() takes a record: own enumerable members, the last of two names that become one', (t) => {
  t.is(`${new URLSearchParams({ a: 'b', c: 1 as unknown as string })}`, 'a=b&c=1');
  t.is(`${new URLSearchParams({ '\ud835x': '1', xx: '2', '\ud83dx': '3' })}`, '%EF%BF%BDx=3&xx=2');
  t.is(`${new URLSearchParams(Object.defineProperty({}, 'hidden', { value: 1 }))}`, '');
  t.throws(() => new URLSearchParams({ [Symbol('s')]: '1' } as never), { instanceOf: TypeError });
});

test('URLSearchParams.get(), getAll() and has() look by name, has() by value as well', (t) => {
  const params = new URLSearchParams('a=1&b=2&a=3');
  t.is(params.get('a'), '1');
  t.is(params.get('c'), null);
  t.deepEqual(params.getAll('a'), ['1', '3']);
  t.deepEqual(params.getAll('c'), []);
  t.true(params.has('a', '3'));
  t.false(params.has('a', '2'));
  t.true(params.has('a', undefined));
  t.is(params.size, 3);
});

test('URLSearchParams.set() keeps the first place and drops the others, delete() takes a value', (t) => {
  const params = new URLSearchParams('a=1&b=2&a=3&c=4&a=5');
  params.set('a', 'x');
  t.is(`${params}`, 'a=x&b=2&c=4');
  params.set('d', '');
  t.is(`${params}`, 'a=x&b=2&c=4&d=');
  const other = new URLSearchParams('a=1&a=2&b=1');
  other.delete('a', '2');
  t.is(`${other}`, 'a=1&b=1');
  other.delete('a');
  t.is(`${other}`, 'b=1');
});

test('URLSearchParams.sort() is by code units and stable', (t) => {
  const params = new URLSearchParams('z=1&\ufb03=2&\u{1f308}=3&a=4&z=0&a=5');
  params.sort();
  t.deepEqual([...params.keys()], ['a', 'a', 'z', 'z', '\u{1f308}', '\ufb03']);
  t.deepEqual(params.getAll('a'), ['4', '5']);
});

test('URLSearchParams iterates live, and forEach() gives value, name and itself', (t) => {
  const params = new URLSearchParams('a=1&b=2&c=3');
  const seen: string[] = [];
  for (const [name, value] of params) {
    seen.push(`${name}${value}`);
    if (name === 'a') params.delete('b');
  }
  t.deepEqual(seen, ['a1', 'c3']);
  t.deepEqual([...params.values()], ['1', '3']);
  const self = {};
  params.forEach(function (this: unknown, value, name, all) {
    t.is(this, self);
    t.is(all, params);
    seen.push(value + name);
  }, self);
  t.deepEqual(seen, ['a1', 'c3', '1a', '3c']);
  t.throws(() => params.forEach(1 as never), { instanceOf: TypeError });
  t.is(URLSearchParams.prototype[Symbol.iterator], URLSearchParams.prototype.entries);
  const steps = params.keys();
  t.is(Object.prototype.toString.call(steps), '[object URLSearchParams Iterator]');
});

test('URLSearchParams members want their arguments and their object', (t) => {
  const params = new URLSearchParams();
  for (const [name, wanted] of [
    ['append', 2],
    ['set', 2],
    ['get', 1],
    ['getAll', 1],
    ['has', 1],
    ['delete', 1],
  ] as const) {
    t.throws(() => (params[name] as (...values: string[]) => unknown)(...Array(wanted - 1).fill('a')), {
      instanceOf: TypeError,
    });
    t.is(URLSearchParams.prototype[name].length, wanted, name);
  }
  t.throws(() => URLSearchParams.prototype.keys.call({} as never), { instanceOf: TypeError });
  t.throws(() => URLSearchParams.prototype.toString.call({} as never), { instanceOf: TypeError });
});

test('parseForm() decodes bytes that are no UTF-8 as U+FFFD and leaves a stray percent sign', (t) => {
  t.deepEqual(parseForm('a%FFb=%C3%A4%e2%82&c=%&d=%4&e=%zz+%41'), [
    'a\ufffdb',
    'ä\ufffd',
    'c',
    '%',
    'd',
    '%4',
    'e',
    '%zz A',
  ]);
  t.deepEqual(parseForm('%EF%BB%BFa=b'), ['\ufeffa', 'b']);
  t.deepEqual(parseForm('a=\ud800%ff'), ['a', '\ufffd\ufffd']);
});

test('serializeForm() leaves letters, digits and *-._ and writes a space as a plus', (t) => {
  t.is(serializeForm(['a b', "*-._~'()!+&=%ä\u{1f308}"]), 'a+b=*-._%7E%27%28%29%21%2B%26%3D%25%C3%A4%F0%9F%8C%88');
});

test('isSearchParams() goes by brand, and serializeParams() does not ask the object', (t) => {
  const params = new URLSearchParams('a=1');
  params.toString = () => 'other';
  Object.setPrototypeOf(params, null);
  t.true(isSearchParams(params));
  t.is(serializeParams(params), 'a=1');
  t.false(isSearchParams(Object.create(URLSearchParams.prototype)));
  t.false(isSearchParams(null));
  t.false(isSearchParams('a=1'));
});
