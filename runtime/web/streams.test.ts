import test from 'ava';
import { AbortController } from './events/abort.ts';
import { isStream } from './stream-tools.ts';
import * as streams from './streams.ts';

const { ReadableStream, TransformStream, WritableStream } = streams;

async function all(stream: InstanceType<typeof ReadableStream>): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test('streams has every interface of the standard, named as there', (t) => {
  const names = Object.keys(streams).sort();
  t.is(names.length, 15);
  for (const name of names) {
    const made = (streams as Record<string, { name: string; prototype: object }>)[name]!;
    t.is(made.name, name);
    t.is(Reflect.get(made.prototype, Symbol.toStringTag), name);
  }
});

test('ReadableStream.from() takes iterables of both kinds', async (t) => {
  t.deepEqual(await all(ReadableStream.from([1, 2])), [1, 2]);
  async function* later() {
    yield 'a';
    yield 'b';
  }
  t.deepEqual(await all(ReadableStream.from(later())), ['a', 'b']);
});

test('leaving the iteration of a ReadableStream cancels it', async (t) => {
  let cancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(1),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of stream) break;
  t.true(cancelled);
  t.false(stream.locked);
});

test('ReadableStream.tee() gives both branches everything', async (t) => {
  const [left, right] = ReadableStream.from([1, 2]).tee();
  t.deepEqual(await Promise.all([all(left), all(right)]), [
    [1, 2],
    [1, 2],
  ]);
});

test('ReadableStream.pipeThrough() and pipeTo() carry chunks and the end', async (t) => {
  const written: unknown[] = [];
  const double = new TransformStream({ transform: (chunk: number, controller) => controller.enqueue(chunk * 2) });
  const sink = new WritableStream({
    write: (chunk) => {
      written.push(chunk);
    },
    close: () => {
      written.push('closed');
    },
  });
  await ReadableStream.from([1, 2]).pipeThrough(double).pipeTo(sink);
  t.deepEqual(written, [2, 4, 'closed']);
});

test('ReadableStream.pipeTo() stops for an AbortSignal of ours, with its reason', async (t) => {
  const controller = new AbortController();
  let ended: unknown;
  const source = new ReadableStream({ cancel: (reason) => (ended = reason) });
  const piped = source.pipeTo(new WritableStream(), { signal: controller.signal as never });
  const rejected = t.throwsAsync(piped, { any: true } as never);
  controller.abort();
  const error = (await rejected) as Error;
  t.is(error.name, 'AbortError');
  t.is(ended, error);
  t.is(error, controller.signal.reason);
});

test('a byte stream fills the buffer of its reader', async (t) => {
  const stream = new ReadableStream({
    type: 'bytes',
    pull: (controller) => {
      const view = controller.byobRequest!.view as Uint8Array;
      view[0] = 7;
      controller.byobRequest!.respond(1);
    },
  });
  const reader = stream.getReader({ mode: 'byob' });
  const { value } = await reader.read(new Uint8Array(4));
  t.deepEqual([...(value as Uint8Array)], [7]);
});

test('isStream() goes by brand', (t) => {
  t.true(isStream(new ReadableStream()));
  t.true(isStream(new (class extends ReadableStream {})()));
  t.false(isStream({ _readableStreamController: {} }));
  t.false(isStream(new WritableStream()));
  t.false(isStream({ __proto__: ReadableStream.prototype } as object));
});
