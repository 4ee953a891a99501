import test from 'ava';
import { Blob } from '../bytes/blob.ts';
import { ReadableStream } from '../streams.ts';
import { URLSearchParams } from '../url/search-params.ts';
import { FormData } from './form-data.ts';
import { Response } from './response.ts';

const used = { instanceOf: TypeError, message: 'body has already been read' };
const bytes = (text: string) => new TextEncoder().encode(text);

function streamOf(...chunks: unknown[]): ReadableStream {
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

function form(): FormData {
  const data = new FormData();
  data.append('a', 'é');
  return data;
}

const INITS: Record<string, () => [init: unknown, text: string, type: string | null]> = {
  string: () => ['é', 'é', 'text/plain;charset=UTF-8'],
  'lone surrogate': () => ['\ud800', '\ufffd', 'text/plain;charset=UTF-8'],
  ArrayBuffer: () => [bytes('é').buffer, 'é', null],
  view: () => [bytes('xéx').subarray(1, 3), 'é', null],
  DataView: () => [new DataView(bytes('xé').buffer, 1), 'é', null],
  Uint16Array: () => [new Uint16Array(bytes('abcd').buffer), 'abcd', null],
  Blob: () => [new Blob(['é'], { type: 'a/b' }), 'é', 'a/b'],
  'Blob without type': () => [new Blob(['é']), 'é', null],
  URLSearchParams: () => [
    new URLSearchParams({ a: 'é' }),
    'a=%C3%A9',
    'application/x-www-form-urlencoded;charset=UTF-8',
  ],
  stream: () => [streamOf(bytes('é')), 'é', null],
  number: () => [1, '1', 'text/plain;charset=UTF-8'],
  object: () => [{}, '[object Object]', 'text/plain;charset=UTF-8'],
};

for (const [name, make] of Object.entries(INITS)) {
  test(`Response(${name}) is read by every method, once`, async (t) => {
    const [, text, type] = make();
    const of = () => new Response(make()[0] as never);
    t.is(of().headers.get('content-type'), type);
    t.is(await of().text(), text);
    t.deepEqual(await of().bytes(), bytes(text));
    t.deepEqual(await of().arrayBuffer(), bytes(text).buffer);
    const blob = await of().blob();
    t.is(await blob.text(), text);
    const response = of();
    t.false(response.bodyUsed);
    const reading = response.text();
    t.true(response.bodyUsed);
    await reading;
    for (const method of ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const) {
      await t.throwsAsync(response[method]() as Promise<unknown>, used, method);
    }
    t.throws(() => response.clone(), { instanceOf: TypeError });
  });

  test(`Response(${name}).body gives the same bytes, and locks the methods out`, async (t) => {
    const response = new Response(make()[0] as never);
    const { body } = response;
    t.true(body instanceof ReadableStream);
    t.is(response.body, body);
    t.false(response.bodyUsed);
    const reader = body!.getReader();
    await t.throwsAsync(response.text(), { instanceOf: TypeError });
    t.false(response.bodyUsed);
    let read = '';
    for (let step = await reader.read(); !step.done; step = await reader.read())
      read += new TextDecoder().decode(step.value);
    t.is(read, make()[1]);
    t.true(response.bodyUsed);
  });

  test(`Response(${name}).clone() gives both the whole body`, async (t) => {
    const response = new Response(make()[0] as never);
    const copy = response.clone();
    t.deepEqual(await Promise.all([response.text(), copy.text()]), [make()[1], make()[1]]);
    const seen = new Response(make()[0] as never);
    const before = seen.body!;
    const other = seen.clone();
    t.true(before.locked);
    t.not(seen.body, before);
    t.deepEqual(await Promise.all([seen.text(), other.text()]), [make()[1], make()[1]]);
  });
}

test('Response without a body reads as empty, again and again', async (t) => {
  const response = new Response();
  t.is(await response.text(), '');
  t.is(await response.text(), '');
  t.is((await response.bytes()).length, 0);
  t.is((await response.blob()).size, 0);
  t.false(response.bodyUsed);
  await t.throwsAsync(response.json(), { instanceOf: SyntaxError });
  await t.throwsAsync(response.formData(), { instanceOf: TypeError });
});

test('Response.text() and json() drop a byte order mark', async (t) => {
  t.is(await new Response('\ufeffa').text(), 'a');
  t.is(await new Response(bytes('\ufeff\ufeffa')).text(), '\ufeffa');
  t.deepEqual(await new Response(bytes('\ufeff{}')).json(), {});
  await t.throwsAsync(new Response('{').json(), { instanceOf: SyntaxError });
});

test('Response(bytes) keeps a copy of its own', async (t) => {
  const given = bytes('abc');
  const response = new Response(given);
  given[0] = 0;
  const copy = response.clone();
  const first = await response.bytes();
  first[1] = 0;
  t.is(await copy.text(), 'abc');
  const blob = new Blob(['abc']);
  (await new Response(blob).bytes())[0] = 0;
  t.is(await blob.text(), 'abc');
});

test('Response.blob() takes its type from the headers', async (t) => {
  const typed = (type: string) => new Response('x', { headers: { 'content-type': type } }).blob();
  t.is((await typed('Text/HTML; Charset=utf-8')).type, 'text/html;charset=utf-8');
  t.is((await typed('nonsense')).type, '');
  t.is((await new Response(bytes('x')).blob()).type, '');
});

test('Response(FormData) has the boundary in its type and gives the form back', async (t) => {
  const response = new Response(form());
  t.regex(response.headers.get('content-type')!, /^multipart\/form-data; boundary=----tineFormBoundary[0-9a-z]{10,}$/);
  t.is((await response.formData()).get('a'), 'é');
});

test('Response.formData() reads URL-encoded forms and refuses other types', async (t) => {
  const data = await new Response(new URLSearchParams('a=1&b=%C3%A9&a=2')).formData();
  t.deepEqual(
    [...data],
    [
      ['a', '1'],
      ['b', 'é'],
      ['a', '2'],
    ],
  );
  await t.throwsAsync(new Response('a=1').formData(), { instanceOf: TypeError, message: /got text\/plain/ });
});

test('Response(stream) refuses a stream that is locked or was read', async (t) => {
  const locked = streamOf('x');
  locked.getReader();
  t.throws(() => new Response(locked), { instanceOf: TypeError });
  const read = streamOf(bytes('x'));
  const reader = read.getReader();
  await reader.read();
  reader.releaseLock();
  t.throws(() => new Response(read), used);
});

test('Response.text() of a stream refuses chunks that are no Uint8Array', async (t) => {
  for (const chunk of ['text', 1, null, undefined, {}, new ArrayBuffer(1), Promise.resolve(bytes('x'))]) {
    await t.throwsAsync(new Response(streamOf(chunk)).text(), {
      instanceOf: TypeError,
      message: 'body: a chunk must be a Uint8Array',
    });
  }
});

test('Response.text() rejects with what the stream failed with', async (t) => {
  const reason = new Error('broken');
  const response = new Response(
    new ReadableStream({
      start: (controller) => controller.error(reason),
    }),
  );
  t.is(await t.throwsAsync(response.text()), reason);
});

test('Response(response.body) shares the stream: read by one, used in both', async (t) => {
  const first = new Response('abc');
  const second = new Response(first.body);
  t.is(second.body, first.body);
  t.is(await second.text(), 'abc');
  t.true(first.bodyUsed);
  await t.throwsAsync(first.text(), used);
  t.true(first.body!.locked);
});

test('Response.body of a body that was read is closed, locked and used', async (t) => {
  const response = new Response('abc');
  await response.text();
  t.true(response.body!.locked);
  t.true(response.bodyUsed);
  await t.throwsAsync(response.text(), used);
});

test('Response.body is a byte stream: readers with their own buffer', async (t) => {
  for (const init of ['abc', '']) {
    const reader = new Response(init).body!.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(8));
    t.is(new TextDecoder().decode(first.value), init);
    t.is(first.done, init === '');
    if (!first.done) t.true((await reader.read(new Uint8Array(8))).done);
  }
});

test('Response.clone() of a stream of the guest does not share memory', async (t) => {
  const response = new Response(streamOf(bytes('abc')));
  const copy = response.clone();
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  (value as Uint8Array)[0] = 0;
  t.is(await copy.text(), 'abc');
});

test('Response(x) converts once, by the toString of the object', async (t) => {
  let calls = 0;
  const response = new Response({
    toString: () => {
      calls++;
      return 'mine';
    },
  } as never);
  t.is(await response.text(), 'mine');
  t.is(calls, 1);
  t.throws(() => new Response(Symbol('x') as never), { instanceOf: TypeError });
});
