import { Readable } from 'node:stream';
import test from 'ava';
import type { BodySource } from './op.ts';
import { INLINE_BYTES, StreamBody, takeSmall } from './stream-body.ts';
import { failure } from './test-server.ts';

const LONG_MS = 60_000;

/** A source whose chunks arrive when the test says so. */
function arriving() {
  const reads: PromiseWithResolvers<Uint8Array | undefined>[] = [];
  const come: PromiseWithResolvers<Uint8Array | undefined>[] = [];
  const state = { cancelled: false };
  const slot = (list: typeof reads, other: typeof reads) => {
    const found = other.shift();
    if (found !== undefined) return found;
    const made = Promise.withResolvers<Uint8Array | undefined>();
    list.push(made);
    return made;
  };
  const source: BodySource = {
    read: () => slot(reads, come).promise,
    cancel: () => {
      state.cancelled = true;
    },
  };
  return {
    source,
    state,
    arrive: (chunk: Uint8Array | undefined) => slot(come, reads).resolve(chunk),
    break: (error: Error) => slot(come, reads).reject(error),
  };
}

async function collect(body: BodySource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('StreamBody cuts large chunks to 64 KiB, and loses nothing', async (t) => {
  const data = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n & 0xff));
  const body = new StreamBody(Readable.from([data.subarray(0, 150_000), data.subarray(150_000)]));
  const sizes: number[] = [];
  const chunks: Uint8Array[] = [];
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    sizes.push(chunk.length);
    chunks.push(chunk);
  }
  t.true(sizes.every((size) => size > 0 && size <= 65_536));
  t.true(Buffer.concat(chunks).equals(data));
});

test('StreamBody skips empty chunks', async (t) => {
  const body = new StreamBody(Readable.from([Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(0)]));
  t.is(`${await body.read()}`, 'a');
  t.is(await body.read(), undefined);
  t.is(await body.read(), undefined);
});

test('StreamBody rejects when its stream fails, also when that was before the read', async (t) => {
  const stream = new Readable({ read() {} });
  const body = new StreamBody(stream);
  stream.destroy(new Error('reset'));
  await new Promise(setImmediate);
  t.is(await failure(body.read()), 'Error: reset');
});

test('StreamBody.cancel() destroys the stream', (t) => {
  const stream = new Readable({ read() {} });
  new StreamBody(stream).cancel();
  t.true(stream.destroyed);
});

test('takeSmall() gives a small body as a whole', async (t) => {
  const { source, arrive } = arriving();
  const taken = takeSmall(source, LONG_MS);
  for (const text of ['a', 'b', 'c']) arrive(Buffer.from(text));
  arrive(undefined);
  t.is(`${Buffer.from((await taken) as Uint8Array)}`, 'abc');
});

test('takeSmall() takes up to 64 KiB, and one byte more is a stream', async (t) => {
  for (const [more, whole] of [
    [0, true],
    [1, false],
  ] as const) {
    const { source, arrive } = arriving();
    const taken = takeSmall(source, LONG_MS);
    arrive(Buffer.alloc(INLINE_BYTES / 2));
    arrive(Buffer.alloc(INLINE_BYTES / 2 + more));
    arrive(undefined);
    const body = await taken;
    t.is(body instanceof Uint8Array, whole);
    if (!(body instanceof Uint8Array)) t.is((await collect(body)).length, INLINE_BYTES + 1);
  }
});

test('takeSmall() does not wait for what has not come, and loses nothing of it', async (t) => {
  for (const waitMs of [0, 1]) {
    const { source, arrive } = arriving();
    arrive(Buffer.from('early '));
    const body = (await takeSmall(source, waitMs)) as BodySource;
    t.false(body instanceof Uint8Array);
    arrive(Buffer.from('late'));
    arrive(undefined);
    t.is(`${await collect(body)}`, 'early late');
  }
});

test('takeSmall() leaves a failure to the reader of the body', async (t) => {
  const source = arriving();
  source.arrive(Buffer.from('a'));
  source.break(new Error('reset'));
  const body = (await takeSmall(source.source, LONG_MS)) as BodySource;
  t.is(`${await body.read()}`, 'a');
  t.is(await failure(body.read()), 'Error: reset');
});

test('takeSmall() gives a source that can be cancelled', async (t) => {
  const { source, state, arrive } = arriving();
  arrive(Buffer.from('a'));
  const body = (await takeSmall(source, 0)) as BodySource;
  body.cancel();
  t.true(state.cancelled);
});
