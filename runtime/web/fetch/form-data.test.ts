import test from 'ava';
import { Blob, File } from '../bytes/blob.ts';
import { FormData } from './form-data.ts';

test('FormData.append() keeps order and repeats, set() replaces the first and drops the rest', (t) => {
  const form = new FormData();
  form.append('a', '1');
  form.append('b', '2');
  form.append('a', '3');
  t.deepEqual(form.getAll('a'), ['1', '3']);
  t.is(form.get('a'), '1');
  form.set('a', '4');
  t.deepEqual(
    [...form],
    [
      ['a', '4'],
      ['b', '2'],
    ],
  );
  form.set('c', '5');
  t.true(form.has('c'));
  form.delete('a');
  t.false(form.has('a'));
  t.is(form.get('a'), null);
  t.deepEqual(form.getAll('a'), []);
});

test('FormData.append() turns values into well-formed strings', (t) => {
  const form = new FormData();
  form.append('\ud800', '\udc00');
  form.append(1 as never, undefined as never);
  t.deepEqual(
    [...form],
    [
      ['\ufffd', '\ufffd'],
      ['1', 'undefined'],
    ],
  );
  t.throws(() => form.append('a', Symbol('x') as never), { instanceOf: TypeError });
});

test('FormData.append(blob) makes a file named blob, and keeps a File unless it is given a name', async (t) => {
  const form = new FormData();
  const file = new File(['x'], 'mine.txt', { type: 'a/b' });
  form.append('blob', new Blob(['y'], { type: 'c/d' }));
  form.append('named', new Blob(['y']), 'n');
  form.append('file', file);
  form.append('renamed', file, 'other');
  const [blob, named, kept, renamed] = [...form.values()] as File[];
  t.true(blob instanceof File);
  t.deepEqual([blob!.name, blob!.type, await blob!.text()], ['blob', 'c/d', 'y']);
  t.is(named!.name, 'n');
  t.is(kept, file);
  t.deepEqual([renamed!.name, renamed!.type, await renamed!.text()], ['other', 'a/b', 'x']);
  t.throws(() => form.append('a', 'text', 'name'), { instanceOf: TypeError });
});

test('new FormData() takes no form', (t) => {
  t.throws(() => new FormData({} as never), { instanceOf: TypeError });
  t.throws(() => new FormData(null as never), { instanceOf: TypeError });
  t.notThrows(() => new FormData(undefined));
});

test('FormData iterates live, and forEach has the form as third argument', (t) => {
  const form = new FormData();
  form.append('a', '1');
  const seen: string[] = [];
  for (const [name] of form) {
    seen.push(name);
    if (seen.length < 3) form.append(`${name}+`, 'x');
  }
  t.deepEqual(seen, ['a', 'a+', 'a++']);
  t.deepEqual([...form.keys()], seen);
  form.forEach(function (this: unknown, value, name, all) {
    t.is(this, 7);
    t.is(all, form);
    t.is(form.get(name), value);
  }, 7);
});

test('FormData is an interface: members, lengths, tags, brand', (t) => {
  const form = new FormData() as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, count] of Object.entries({ append: 2, delete: 1, get: 1, getAll: 1, has: 1, set: 2, forEach: 1 })) {
    t.is(form[name]!.length, count, name);
    t.throws(() => form[name]!(...Array(count - 1).fill('a')), { instanceOf: TypeError }, name);
  }
  t.is(Object.prototype.toString.call(form), '[object FormData]');
  t.is(Object.prototype.toString.call(form['entries']!()), '[object FormData Iterator]');
  t.is(FormData.prototype[Symbol.iterator], FormData.prototype.entries);
  t.throws(() => FormData.prototype.get.call({} as never, 'a'), { instanceOf: TypeError });
});
