// The body of a request: small ones are read whole before a permit is taken, so that a slow sender holds none; larger
// ones are streamed at the pace of the guest. Counted while they arrive, whatever was declared.
import type { IncomingMessage } from 'node:http';
import { BOUNDS, type RequestBodySource, TineError } from '#sandbox';
import { HTTP } from '../limits.ts';
import type { RequestHead } from './head.ts';

/** @param onWanted called before the first byte is taken: a client that waits for `100 Continue` may send now
 * @returns undefined when there is none
 * @throws TineError `body_too_large` when more is declared than `body_bytes` */
export function bodyOf(
  request: IncomingMessage,
  head: RequestHead,
  bodyBytesMax: number,
  onWanted: () => void,
): RequestBody | Promise<Uint8Array> | undefined {
  if (!head.hasBody) return undefined;
  const { contentLength } = head;
  if (contentLength !== undefined && contentLength > bodyBytesMax) {
    throw new TineError('body_too_large', `body_bytes must be <= ${bodyBytesMax}: got ${contentLength}`);
  }
  if (contentLength === undefined || contentLength > HTTP.smallBodyBytes) {
    return new RequestBody(request, bodyBytesMax, onWanted);
  }
  onWanted();
  return whole(request);
}

/** @throws TineError `cancelled` when the client goes away first */
function whole(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const gone = () => reject(new TineError('cancelled'));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      request.off('close', gone);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('close', gone);
    request.on('error', gone);
  });
}

export class RequestBody implements RequestBodySource {
  readonly #request: IncomingMessage;
  readonly #bodyBytesMax: number;
  readonly #onWanted: () => void;
  #chunks: AsyncIterator<Buffer> | undefined;
  #rest: Buffer | undefined;
  #bytes = 0;
  #cancelled = false;
  /** Called when the body grows past its limit. */
  onTooLarge: (() => void) | undefined;

  constructor(request: IncomingMessage, bodyBytesMax: number, onWanted: () => void = () => {}) {
    this.#request = request;
    this.#bodyBytesMax = bodyBytesMax;
    this.#onWanted = onWanted;
  }

  async read(): Promise<Uint8Array | undefined> {
    const next = this.#rest ?? (await this.#next());
    if (next === undefined) return undefined;
    this.#rest = next.length > BOUNDS.chunkBytes ? next.subarray(BOUNDS.chunkBytes) : undefined;
    return next.subarray(0, BOUNDS.chunkBytes);
  }

  /** Nobody reads on: what still comes is thrown away, so that the connection can be used again. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#rest = undefined;
    // As long as an iterator listens, a stream does not flow.
    if (this.#chunks?.return === undefined) this.#discard();
    else
      void this.#chunks.return().then(
        () => this.#discard(),
        () => {},
      );
  }

  #discard(): void {
    const request = this.#request;
    if (request.readableEnded || request.destroyed) return;
    request.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      // Past its limit it is not even thrown away any more. What was answered still goes out.
      if (this.#bytes > this.#bodyBytesMax) request.socket.destroySoon();
    });
    request.resume();
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#chunks === undefined) {
      this.#onWanted();
      this.#chunks = this.#request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    }
    const { done, value } = await this.#chunks.next();
    if (done) return undefined;
    this.#bytes += value.length;
    if (this.#bytes > this.#bodyBytesMax) {
      this.onTooLarge?.();
      throw new TineError('body_too_large', `body_bytes must be <= ${this.#bodyBytesMax}: got at least ${this.#bytes}`);
    }
    return value;
  }
}
