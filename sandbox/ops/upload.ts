// The body of a streamed upload: the guest pushes chunks with op `send`, undici pulls them. One chunk is held at a
// time; `push` resolves when it was taken, which is the backpressure. It has one reader.
import { OpError, type OpRun } from './op.ts';

const CUT = 'fetch: the upload is over';

export class Upload implements AsyncIterable<Uint8Array> {
  readonly #chunks: { bytes: Uint8Array; taken: () => void; refused: (error: OpError) => void }[] = [];
  #state: 'open' | 'ended' | 'failed' | 'cut' = 'open';
  #wake: () => void = () => {};

  /** Resolves when the reader has taken the chunk. @throws OpError when there is no reader any more */
  push(bytes: Uint8Array): Promise<void> {
    if (this.#state !== 'open') return Promise.reject(new OpError('TypeError', CUT));
    return new Promise((taken, refused) => {
      this.#chunks.push({ bytes, taken, refused });
      this.#wake();
    });
  }

  /** The body is whole. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake();
  }

  /** The guest's stream failed: the server must not take what it got for a whole body. */
  fail(): void {
    if (this.#state === 'open') this.#state = 'failed';
    this.#wake();
  }

  /** Nobody reads any more. */
  cut(): void {
    this.#state = 'cut';
    for (const { refused } of this.#chunks.splice(0)) refused(new OpError('TypeError', CUT));
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const next = this.#chunks[0];
        if (next !== undefined) {
          yield next.bytes;
          // Asked for more: the chunk has been written.
          this.#chunks.shift();
          next.taken();
        } else if (this.#state === 'open') {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if (this.#state === 'failed') {
          throw new OpError('TypeError', 'fetch: the body of the request failed');
        } else return;
      }
    } finally {
      this.cut();
    }
  }
}

const uploads = new WeakMap<OpRun, Map<number, Upload>>();

/** Open uploads of a run, by the id of their fetch op. */
export function uploadsOf(run: OpRun): Map<number, Upload> {
  let open = uploads.get(run);
  if (open === undefined) {
    open = new Map();
    uploads.set(run, open);
  }
  return open;
}
