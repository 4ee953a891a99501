// Bodies that come over the network, as a `BodySource`: read when asked for, in chunks that fit into one op. And the
// short cut for small ones: what has arrived as a whole crosses the wall together with its head.
import type { Readable } from 'node:stream';
import { BOUNDS } from '../limits.ts';
import type { BodySource } from './op.ts';

/** A body up to this size is handed over with the head. */
export const INLINE_BYTES = 65_536;
/** Reads a stream of Node; what it has buffered is bounded by the stream. */
export class StreamBody implements BodySource {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: Readable) {
    this.#stream = stream;
    // A body that nobody reads may fail too; whoever reads it gets the error from `read`.
    stream.on('error', () => {});
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#rest = next.value;
    }
    const chunk = this.#rest.subarray(0, BOUNDS.chunkBytes);
    this.#rest = this.#rest.subarray(chunk.length);
    return chunk;
  }

  cancel(): void {
    this.#rest = new Uint8Array();
    this.#stream.destroy();
  }
}

/** A source of which the beginning has been read already. */
class ResumedBody implements BodySource {
  readonly #source: BodySource;
  readonly #before: Uint8Array[];
  #pending: Promise<Uint8Array | undefined> | undefined;

  constructor(source: BodySource, before: Uint8Array[], pending: Promise<Uint8Array | undefined> | undefined) {
    this.#source = source;
    this.#before = before;
    this.#pending = pending;
  }

  async read(): Promise<Uint8Array | undefined> {
    const chunk = this.#before.shift();
    if (chunk !== undefined) return chunk;
    const pending = this.#pending ?? this.#source.read();
    this.#pending = undefined;
    return pending;
  }

  cancel(): void {
    this.#before.length = 0;
    this.#pending = undefined;
    this.#source.cancel();
  }
}

/**
 * The whole body, when it is small and arrives at once; else a source that begins where it begins.
 * @param waitMs how long to wait for more; 0: only what is already there is taken
 */
export async function takeSmall(source: BodySource, waitMs: number): Promise<Uint8Array | BodySource> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const cancel = after(waitMs, () => resolve('late'));
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const pending = source.read();
      const chunk = await Promise.race([pending.catch(() => 'failed' as const), late]);
      // A failure belongs to whoever reads the body: the head is good.
      if (chunk === 'late' || chunk === 'failed') return new ResumedBody(source, chunks, pending);
      if (chunk === undefined) return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
      chunks.push(chunk);
      size += chunk.length;
      if (size > INLINE_BYTES) return new ResumedBody(source, chunks, undefined);
    }
  } finally {
    cancel();
  }
}

function after(waitMs: number, callback: () => void): () => void {
  if (waitMs === 0) {
    const turn = setImmediate(callback);
    return () => clearImmediate(turn);
  }
  const wait = setTimeout(callback, waitMs);
  return () => clearTimeout(wait);
}
