import { brotliCompressSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { DecodedBody, encodingsOf } from './decode.ts';
import type { BodySource } from './op.ts';
import { failure } from './test-server.ts';

const MB = 1_048_576;

/** A source that gives its bytes in pieces of this size, and counts. */
function sourceOf(data: Uint8Array, piece = 1_000) {
  const state = { at: 0, cancelled: false };
  const source: BodySource = {
    async read() {
      if (state.at >= data.length) return undefined;
      const chunk = data.subarray(state.at, state.at + piece);
      state.at += chunk.length;
      return chunk;
    },
    cancel() {
      state.cancelled = true;
    },
  };
  return { source, state };
}

async function collect(body: BodySource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    if (chunk.length === 0 || chunk.length > 65_536) throw new Error(`a chunk of ${chunk.length} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const HEADERS: [header: string | undefined, encodings: string[]][] = [
  [undefined, []],
  ['', []],
  ['identity', []],
  ['gzip', ['gzip']],
  ['X-GZIP', ['gzip']],
  [' br ', ['br']],
  ['deflate, gzip', ['gzip', 'deflate']],
  ['identity, br', ['br']],
  ['zstd', []],
  ['zstd, gzip', []],
  ['gzip, constructor', []],
];

for (const [header, encodings] of HEADERS) {
  test(`encodingsOf() of ${JSON.stringify(header)} is [${encodings}]`, (t) => {
    t.deepEqual(encodingsOf(header) as string[], encodings);
  });
}

test('encodingsOf() refuses more than two', (t) => {
  t.throws(() => encodingsOf('gzip, gzip, br'), { name: 'TypeError' });
});

test('DecodedBody gives what was packed, however small the pieces were', async (t) => {
  const text = Buffer.from(Array.from({ length: 50_000 }, (_, n) => n * 31).join());
  for (const piece of [1, 7, 100_000]) {
    const { source } = sourceOf(gzipSync(text), piece === 1 ? 200 : piece);
    t.true((await collect(new DecodedBody(source, ['gzip'], 10 * MB))).equals(text));
  }
});

test('DecodedBody of nothing is empty', async (t) => {
  for (const encoding of ['gzip', 'deflate', 'br'] as const) {
    t.is((await collect(new DecodedBody(sourceOf(new Uint8Array()).source, [encoding], MB))).length, 0);
  }
});

test('DecodedBody reads no more of its source than it needs', async (t) => {
  // Noise does not pack, so what comes out tells how much went in.
  const noise = Buffer.from(Array.from({ length: 4 * MB }, (_, n) => (Math.imul(n, 2_654_435_761) >>> 13) & 0xff));
  const { source, state } = sourceOf(gzipSync(noise), 65_536);
  const body = new DecodedBody(source, ['gzip'], 10 * MB);
  await body.read();
  for (let n = 0; n < 200; n += 1) await new Promise(setImmediate);
  t.true(state.at < MB, `${state.at} bytes were read`);
  body.cancel();
  t.true(state.cancelled);
});

test('DecodedBody stops at its ratio, and lets small bodies of nothing pass', async (t) => {
  const small = new DecodedBody(sourceOf(gzipSync(Buffer.alloc(MB))).source, ['gzip'], 100 * MB);
  t.is((await collect(small)).length, MB);
  for (const [encoding, pack] of [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const) {
    const { source, state } = sourceOf(pack(Buffer.alloc(16 * MB)));
    const reason = await failure(collect(new DecodedBody(source, [encoding], 100 * MB)));
    t.is(reason, 'TypeError: fetch: the body is too large once decoded', encoding);
    t.true(state.cancelled);
  }
});

test('DecodedBody watches the stage in the middle too, where nothing comes out in the end', async (t) => {
  // Four megabytes of packed nothing, packed again: work for two stages, and not one byte at the end.
  const inner = gzipSync(Buffer.alloc(0));
  const many = Buffer.concat(Array.from({ length: 200_000 }, () => inner));
  const { source } = sourceOf(gzipSync(many));
  const reason = await failure(collect(new DecodedBody(source, ['gzip', 'gzip'], 100 * MB)));
  t.is(reason, 'TypeError: fetch: the body is too large once decoded');
});

test('DecodedBody stops at the bytes it may give', async (t) => {
  const text = Buffer.from(Array.from({ length: 10_000 }, (_, n) => n * 31).join());
  const { source } = sourceOf(gzipSync(text));
  t.is(
    await failure(collect(new DecodedBody(source, ['gzip'], 1_000))),
    'TypeError: fetch: the body is too large once decoded',
  );
});

test('DecodedBody passes on why its source failed', async (t) => {
  const cause = new Error('reset');
  let first: Uint8Array | undefined = gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 30);
  const source: BodySource = {
    async read() {
      if (first === undefined) throw cause;
      const chunk = first;
      first = undefined;
      return chunk;
    },
    cancel() {},
  };
  const error = await t.throwsAsync(collect(new DecodedBody(source, ['gzip'], MB)));
  t.is(error, cause);
});
