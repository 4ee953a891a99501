import test from 'ava';
import { setClock, stopClock } from '../clock.ts';
import { Blob, blobBytes, blobOver, File, fileOver, isBlob, isFile } from './blob.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('new Blob(parts) joins strings, buffers, views and blobs', async (t) => {
  const blob = new Blob([
    'é',
    bytes('a').buffer,
    bytes('xbx').subarray(1, 2),
    new DataView(bytes('cd').buffer, 1),
    new Blob(['e']),
  ]);
  t.is(await blob.text(), 'éabde');
  t.is(blob.size, 6);
  t.is(blob.type, '');
  t.deepEqual(await blob.bytes(), bytes('éabde'));
  t.deepEqual(await blob.arrayBuffer(), bytes('éabde').buffer);
  t.is(await new Blob([1, {}, null, '\ud800'] as never).text(), '1[object Object]null\ufffd');
  t.is(new Blob().size, 0);
  t.is(new Blob(undefined).size, 0);
  t.is(await new Blob(new Set(['a', 'b'])).text(), 'ab');
});

test('new Blob() refuses parts that are no list and options that are none', (t) => {
  for (const parts of [null, 'abc', 1, {}, new Date()]) {
    t.throws(() => new Blob(parts as never), { instanceOf: TypeError }, String(parts));
  }
  t.throws(() => new Blob([], 1 as never), { instanceOf: TypeError });
  t.throws(() => new Blob([], { endings: 'x' as never }), { instanceOf: TypeError });
  t.notThrows(() => new Blob([], null as never));
});

test('Blob.type is in lower case, and empty when it has other than printable ASCII', (t) => {
  t.is(new Blob([], { type: 'Text/HTML; Charset=UTF-8' }).type, 'text/html; charset=utf-8');
  t.is(new Blob([], { type: 'a/é' }).type, '');
  t.is(new Blob([], { type: 'a\n' }).type, '');
  t.is(new Blob([], { type: null as never }).type, 'null');
});

test('new Blob(parts, { endings: "native" }) writes every line ending as \\n', async (t) => {
  const text = 'a\r\nb\rc\nd\r\r\n';
  t.is(await new Blob([text], { endings: 'native' }).text(), 'a\nb\nc\nd\n\n');
  t.is(await new Blob([text]).text(), text);
  t.is(await new Blob([bytes('\r\n')], { endings: 'native' }).text(), '\r\n');
});

test('Blob.slice() clamps, counts from the end, and shares nothing that can change', async (t) => {
  const blob = new Blob(['abcdef'], { type: 'a/b' });
  const cases: [unknown[], string][] = [
    [[], 'abcdef'],
    [[2], 'cdef'],
    [[-2], 'ef'],
    [[1, -1], 'bcde'],
    [[3, 2], ''],
    [[-100, 100], 'abcdef'],
    [[Number.POSITIVE_INFINITY], ''],
    [[Number.NEGATIVE_INFINITY, 2], 'ab'],
    [[1.9, 2.9], 'b'],
    [[Number.NaN, '3'], 'abc'],
    [[undefined, undefined], 'abcdef'],
    [[null, 1], 'a'],
  ];
  for (const [args, wanted] of cases)
    t.is(await blob.slice(...(args as [number])).text(), wanted, JSON.stringify(args));
  t.is(blob.slice(0, 1).type, '');
  t.is(blob.slice(0, 1, 'X/Y').type, 'x/y');
  (await blob.slice(1, 3).bytes())[0] = 0;
  t.is(await blob.text(), 'abcdef');
});

test('Blob.stream() gives the bytes, as copies', async (t) => {
  const blob = new Blob(['abc']);
  for (let i = 0; i < 2; i++) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of blob.stream()) chunks.push(chunk);
    t.deepEqual(chunks, [bytes('abc')]);
    chunks[0]![0] = 0;
  }
  t.true((await new Blob().stream().getReader().read()).done);
});

test('new File() has a name and a date: the given clock', async (t) => {
  setClock(1234.5);
  t.teardown(stopClock);
  const file = new File(['a'], 'x\ud800', { type: 'A/b' });
  t.is(file.name, 'x\ufffd');
  t.is(file.lastModified, 1234);
  t.is(file.type, 'a/b');
  t.is(await file.text(), 'a');
  t.is(new File([], 'x', { lastModified: -1.5 }).lastModified, -1);
  t.is(new File([], 'x', { lastModified: new Date(7) as never }).lastModified, 7);
  t.throws(() => new (File as new (parts: string[]) => File)(['a']), { instanceOf: TypeError });
  t.throws(() => new File(undefined as never, 'x'), { instanceOf: TypeError });
});

test('Blob and File are interfaces: members, tags, brands', (t) => {
  t.deepEqual(Object.keys(Blob.prototype), ['size', 'type', 'arrayBuffer', 'bytes', 'slice', 'stream', 'text']);
  t.is(Object.prototype.toString.call(new File([], 'x')), '[object File]');
  t.is(Object.prototype.toString.call(new Blob()), '[object Blob]');
  t.deepEqual([Blob.length, File.length], [0, 2]);
  t.true(new File([], 'x') instanceof Blob);
  t.true(isBlob(new File([], 'x')));
  t.false(isBlob({ __proto__: Blob.prototype }));
  t.true(isFile(new File([], 'x')));
  t.false(isFile(new Blob()));
  t.throws(() => Reflect.get(File.prototype, 'name', new Blob()), { instanceOf: TypeError });
});

test('blobOver() and fileOver() take the bytes without a copy', (t) => {
  const own = bytes('abc');
  t.is(blobBytes(blobOver(own, 'a/b')), own);
  const file = fileOver(own, 'n', 'a/b');
  t.is(blobBytes(file), own);
  t.deepEqual([file.name, file.type], ['n', 'a/b']);
});
