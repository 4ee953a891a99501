// Frames between the ingress and an executor, over an inherited, connected unix socket: 32 bytes of head, then text
// (UTF-8), then bytes. Numbers are little-endian. The ingress trusts nothing of what it reads: a frame that is too
// long, too short or of an unknown type is a `ProtocolError`, and the executor that sent it is killed.
//
//   0 u32 length of all that follows   4 u8 type   5 u8 flag   8 u32 id   12 u32 length of the text   16 u32 a   20 u32 b   24 u32 c   28 u32 d

/** The peer broke the protocol; nothing it says can be used any more. */
export class ProtocolError extends Error {
  readonly code = 'protocol';
}

export const FRAME = {
  // ingress → executor
  /** id: template number, text: JSON of `LoadHead`, bytes: the template */
  load: 1,
  /** id: template number */
  unload: 2,
  /** id: run, a: template number, b: what is left of `wall_ms`, text: JSON of `EnterHead`, bytes: body */
  enter: 3,
  /** id: run, b: what is left of `wall_ms`, text: JSON of `Settlement`, bytes: its bytes */
  settle: 4,
  /** id: run. The client is gone: one last slice, then the context is dropped; answered by `gone` */
  abort: 5,
  /** id: run. The context is dropped; answered by `gone` */
  drop: 6,
  // executor → ingress
  ready: 16,
  /** id: template number, text: empty or why the template cannot be loaded */
  loaded: 17,
  /** id: run, flag: `SLICE`, a: thread CPU in µs, b: wall in µs, c: making of the context in µs (first slice),
   * d: serial number of the slice in the register, text: JSON of `Outbox`. In isolation `program` also without having
   * been asked for, when something came of a run in the slice of another one; d is 0 then */
  slice: 18,
  /** id: run, a: thread CPU in µs, d: as in `slice`, text: JSON of `Outbox` of the last slice, or empty */
  gone: 19,
  /** text: JSON of `ExecutorStats` */
  stats: 20,
} as const;

/** How a slice ended: the three states of `protocol.ts`, or what stopped it. */
export const SLICE = {
  waiting: 1,
  done: 2,
  stuck: 3,
  cpuLimit: 4,
  wallLimit: 5,
  /** The machine gave the slice too little CPU before its time was up. */
  starved: 6,
  memoryLimit: 7,
  /** The isolate was lost through another run; nothing of this one had left it since its last slice. */
  lost: 8,
} as const;

export interface Frame {
  type: number;
  flag: number;
  id: number;
  a: number;
  b: number;
  c: number;
  d: number;
  text: string;
  bytes: Uint8Array | undefined;
}

const HEAD_BYTES = 32;
const FIRST_BUFFER_BYTES = 65_536;

/** Collects frames and hands them over in one piece. Strings are encoded once, right into the buffer. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  #used = 0;

  get size(): number {
    return this.#used;
  }

  add(
    type: number,
    {
      flag = 0,
      id = 0,
      a = 0,
      b = 0,
      c = 0,
      d = 0,
      text = '',
      bytes,
    }: Partial<Omit<Frame, 'type'>> & { bytes?: Uint8Array | undefined },
  ): void {
    const bytesLength = bytes?.byteLength ?? 0;
    this.#reserve(HEAD_BYTES + text.length * 3 + bytesLength);
    const buffer = this.#buffer;
    const start = this.#used;
    const textLength = text === '' ? 0 : buffer.write(text, start + HEAD_BYTES, 'utf8');
    buffer.writeUInt32LE(HEAD_BYTES - 4 + textLength + bytesLength, start);
    buffer[start + 4] = type;
    buffer[start + 5] = flag;
    buffer.writeUInt16LE(0, start + 6);
    buffer.writeUInt32LE(id, start + 8);
    buffer.writeUInt32LE(textLength, start + 12);
    buffer.writeUInt32LE(a >>> 0, start + 16);
    buffer.writeUInt32LE(b >>> 0, start + 20);
    buffer.writeUInt32LE(c >>> 0, start + 24);
    buffer.writeUInt32LE(d >>> 0, start + 28);
    if (bytes !== undefined) buffer.set(bytes, start + HEAD_BYTES + textLength);
    this.#used = start + HEAD_BYTES + textLength + bytesLength;
  }

  /** All frames so far as one piece; the writer is empty afterwards. */
  take(): Buffer {
    const piece = this.#buffer.subarray(0, this.#used);
    // The piece may be under way for a while: a new buffer for what comes next. A fresh 64 KiB costs less than a copy.
    const rest = this.#buffer.subarray(this.#used);
    this.#buffer = rest.length >= FIRST_BUFFER_BYTES / 8 ? rest : Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
    this.#used = 0;
    return piece;
  }

  #reserve(more: number): void {
    if (this.#used + more <= this.#buffer.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#used + more, FIRST_BUFFER_BYTES));
    this.#buffer.copy(bigger, 0, 0, this.#used);
    this.#buffer = bigger;
  }
}

/** Takes what arrives, in any pieces, and calls `onFrame` for each whole frame. */
export class FrameReader {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes of the frame that is arriving, its length field included; 0: not known yet. */
  #wanted = 0;
  readonly #frameBytesMax: number;
  readonly #onFrame: (frame: Frame) => void;

  constructor(onFrame: (frame: Frame) => void, { frameBytesMax }: { frameBytesMax: number }) {
    this.#onFrame = onFrame;
    this.#frameBytesMax = frameBytesMax;
  }

  /** @throws ProtocolError */
  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#wanted > this.#pendingBytes) return;
    let data = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    this.#wanted = 0;
    while (data.length >= 4) {
      const total = data.readUInt32LE(0) + 4;
      if (total > this.#frameBytesMax)
        throw new ProtocolError(`frame must be <= ${this.#frameBytesMax} bytes: got ${total}`);
      if (data.length < total) {
        this.#wanted = total;
        break;
      }
      this.#onFrame(parseFrame(data.subarray(0, total)));
      data = data.subarray(total);
    }
    this.#pending = data.length === 0 ? [] : [data];
    this.#pendingBytes = data.length;
  }
}

function parseFrame(data: Buffer): Frame {
  if (data.length < HEAD_BYTES) throw new ProtocolError(`frame must have >= ${HEAD_BYTES} bytes: got ${data.length}`);
  const textLength = data.readUInt32LE(12);
  const bytesStart = HEAD_BYTES + textLength;
  if (bytesStart > data.length)
    throw new ProtocolError(`text of ${textLength} bytes is longer than its frame of ${data.length}`);
  return {
    type: data[4]!,
    flag: data[5]!,
    id: data.readUInt32LE(8),
    a: data.readUInt32LE(16),
    b: data.readUInt32LE(20),
    c: data.readUInt32LE(24),
    d: data.readUInt32LE(28),
    text: textLength === 0 ? '' : data.toString('utf8', HEAD_BYTES, bytesStart),
    bytes: bytesStart === data.length ? undefined : data.subarray(bytesStart),
  };
}
