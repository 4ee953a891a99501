import { randomInt } from 'node:crypto';
import test from 'ava';
import { FRAME, type Frame, FrameReader, FrameWriter, ProtocolError, SLICE } from './frames.ts';

const LIMIT = { frameBytesMax: 1_000_000 };

/** Everything that a reader makes of these chunks; bytes are copied, as they belong to the chunk. */
function read(chunks: readonly Buffer[], limit = LIMIT): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader(
    (frame) => frames.push({ ...frame, bytes: frame.bytes && Uint8Array.from(frame.bytes) }),
    limit,
  );
  for (const chunk of chunks) reader.push(chunk);
  return frames;
}

function frameOf(type: number, fields: Partial<Frame> = {}): Frame {
  return { type, flag: 0, id: 0, a: 0, b: 0, c: 0, d: 0, text: '', bytes: undefined, ...fields };
}

function written(...frames: Frame[]): Buffer {
  const writer = new FrameWriter();
  for (const { type, ...fields } of frames) writer.add(type, fields);
  return writer.take();
}

/** Cuts at random places, empty chunks included. */
function cut(data: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const length = randomInt(0, 3) === 0 ? randomInt(0, 5) : randomInt(0, data.length - at + 1);
    chunks.push(Buffer.from(data.subarray(at, at + length)));
    at += length;
  }
  return chunks;
}

const ALL = [
  frameOf(FRAME.ready),
  frameOf(FRAME.slice, { flag: SLICE.done, id: 0xff_ff_ff_ff, a: 1, b: 2, c: 3, d: 4, text: '{"log":[]}' }),
  frameOf(FRAME.enter, { id: 7, text: 'ä€😀\ud800', bytes: Uint8Array.from([0, 255, 1]) }),
  frameOf(FRAME.gone, { bytes: Uint8Array.from([9]) }),
  frameOf(255, { flag: 255, a: 0xff_ff_ff_ff }),
  frameOf(FRAME.settle, { text: 'x'.repeat(70_000), bytes: new Uint8Array(500).fill(3) }),
];
/** As UTF-8 has no lone surrogates. */
const EXPECTED = ALL.map((frame) => ({ ...frame, text: frame.text.toWellFormed() }));

test('FrameReader gives what FrameWriter took', (t) => {
  t.deepEqual(read([written(...ALL)]), EXPECTED);
});

test('FrameReader gives the same frames however they are cut', (t) => {
  const data = written(...ALL);
  for (let round = 0; round < 200; round++) t.deepEqual(read(cut(data)), EXPECTED);
  const small = written(...ALL.slice(0, 5));
  t.deepEqual(read([...small].map((byte) => Buffer.from([byte]))), EXPECTED.slice(0, 5));
});

test('FrameWriter.take() leaves pieces alone that are still under way', (t) => {
  const writer = new FrameWriter();
  const pieces: Buffer[] = [];
  for (let i = 0; i < 3_000; i++) {
    writer.add(FRAME.slice, { id: i, text: `number ${i}` });
    pieces.push(writer.take());
    t.is(writer.size, 0);
  }
  t.deepEqual(
    read(pieces).map(({ id, text }) => `${id} ${text}`),
    pieces.map((_, i) => `${i} number ${i}`),
  );
});

test('FrameWriter.size counts bytes that were not taken', (t) => {
  const writer = new FrameWriter();
  t.is(writer.size, 0);
  writer.add(FRAME.ready, { text: 'ab', bytes: Uint8Array.from([1]) });
  t.is(writer.size, 35);
});

test('FrameReader refuses a frame that is longer than allowed as soon as its length is there', (t) => {
  for (const length of [0xff_ff_ff_ff, 1_000_000]) {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(length);
    const error = t.throws(() => read([head]), { instanceOf: ProtocolError });
    t.regex(error.message, /frame must be <= 1000000 bytes: got \d+/);
  }
});

test('FrameReader refuses a frame that is shorter than its head', (t) => {
  for (const length of [0, 1, 27]) {
    const data = Buffer.alloc(64);
    data.writeUInt32LE(length);
    t.throws(() => read([data]), { instanceOf: ProtocolError, message: /must have >= 32 bytes/ });
  }
});

test('FrameReader refuses text that is longer than its frame', (t) => {
  for (const textLength of [4, 0x7f_ff_ff_ff, 0xff_ff_ff_ff]) {
    const data = written(frameOf(FRAME.slice, { text: 'abc' }));
    data.writeUInt32LE(textLength, 12);
    t.throws(() => read([data]), { instanceOf: ProtocolError, message: /longer than its frame/ });
  }
});

test('FrameReader throws nothing but ProtocolError for 2,000 random inputs', (t) => {
  for (let round = 0; round < 2_000; round++) {
    const data = written(...ALL.slice(0, 5));
    for (let flips = randomInt(1, 6); flips > 0; flips--) data[randomInt(data.length)] = randomInt(256);
    try {
      read(cut(data));
    } catch (error) {
      t.true(error instanceof ProtocolError, `${error}`);
    }
  }
  t.pass();
});

test('FrameReader keeps a frame until it is whole, and no longer', (t) => {
  const data = written(ALL[1]!, ALL[2]!);
  const seen: number[] = [];
  const reader = new FrameReader(({ type }) => seen.push(type), LIMIT);
  reader.push(data.subarray(0, data.length - 1));
  t.deepEqual(seen, [FRAME.slice]);
  reader.push(data.subarray(data.length - 1));
  t.deepEqual(seen, [FRAME.slice, FRAME.enter]);
});

test('FrameReader reads one large frame in many chunks in linear time', (t) => {
  const bytes = new Uint8Array(8_000_000);
  const data = written(frameOf(FRAME.load, { bytes }));
  const chunks: Buffer[] = [];
  for (let at = 0; at < data.length; at += 1_000) chunks.push(data.subarray(at, at + 1_000));
  const start = process.cpuUsage();
  t.is(read(chunks, { frameBytesMax: 10_000_000 })[0]!.bytes!.length, 8_000_000);
  // 8,000 chunks: joining them each time would copy 32 GB
  t.true(process.cpuUsage(start).user < 2_000_000);
});
