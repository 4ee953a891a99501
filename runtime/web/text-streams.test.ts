import test from 'ava';
import { ReadableStream, TextDecoderStream, TextEncoderStream } from './streams.ts';

async function through(chunks: unknown[], pair: TextEncoderStream | TextDecoderStream): Promise<unknown[]> {
  const source = new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const out: unknown[] = [];
  for await (const chunk of source.pipeThrough(pair as never)) out.push(chunk);
  return out;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

test('TextEncoderStream encodes, joins split surrogates, and replaces lone ones', async (t) => {
  t.deepEqual(await through(['a', '', 'é'], new TextEncoderStream()), [bytes(0x61), bytes(0xc3, 0xa9)]);
  t.deepEqual(await through(['\ud83d', '\ude00'], new TextEncoderStream()), [bytes(0xf0, 0x9f, 0x98, 0x80)]);
  t.deepEqual(await through(['a\ud83d', 'b'], new TextEncoderStream()), [bytes(0x61), bytes(0xef, 0xbf, 0xbd, 0x62)]);
  t.deepEqual(await through(['\ud83d'], new TextEncoderStream()), [bytes(0xef, 0xbf, 0xbd)]);
  t.deepEqual(await through([1, null], new TextEncoderStream()), [bytes(0x31), new TextEncoder().encode('null')]);
});

test('TextDecoderStream decodes characters that are split between chunks', async (t) => {
  t.deepEqual(await through([bytes(0xf0, 0x9f), bytes(0x98, 0x80, 0x61)], new TextDecoderStream()), ['😀a']);
  t.deepEqual(await through([bytes(0xef, 0xbb), bytes(0xbf, 0x61)], new TextDecoderStream()), ['a']);
  t.deepEqual(await through([bytes(0xf0)], new TextDecoderStream()), ['\ufffd']);
  t.deepEqual(await through([bytes(0x61).buffer], new TextDecoderStream()), ['a']);
  t.deepEqual(await through([bytes(0x61, 0), bytes(0x62, 0)], new TextDecoderStream('utf-16le')), ['a', 'b']);
});

test('TextDecoderStream fails on chunks that are no bytes, and on malformed input when fatal', async (t) => {
  await t.throwsAsync(through(['a'], new TextDecoderStream()), { instanceOf: TypeError });
  await t.throwsAsync(through([bytes(0xff)], new TextDecoderStream('utf-8', { fatal: true })), {
    instanceOf: TypeError,
  });
  await t.throwsAsync(through([bytes(0xf0)], new TextDecoderStream('utf-8', { fatal: true })), {
    instanceOf: TypeError,
  });
  t.throws(() => new TextDecoderStream('nonsense'), { instanceOf: RangeError });
});

test('the text streams show what they were made with, and have brands', (t) => {
  const decoder = new TextDecoderStream('UTF-16', { fatal: true, ignoreBOM: true });
  t.deepEqual([decoder.encoding, decoder.fatal, decoder.ignoreBOM], ['utf-16le', true, true]);
  t.is(new TextEncoderStream().encoding, 'utf-8');
  t.is(Object.prototype.toString.call(decoder), '[object TextDecoderStream]');
  t.true(decoder.readable instanceof ReadableStream);
  t.throws(() => Reflect.get(TextEncoderStream.prototype, 'readable', {}), { instanceOf: TypeError });
  t.throws(() => Reflect.get(TextEncoderStream.prototype, 'encoding', {}), { instanceOf: TypeError });
});
