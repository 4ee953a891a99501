// Moves a body out of the context: reads ahead at most one chunk's worth while the host takes the last write, so that
// a slow receiver stops the reading, and many small chunks of one slice leave together in the next write.

import { type CalledOp, currentRun, op } from '../outbox.ts';
import {
  ArrayPrototypePush,
  ArrayPrototypeShift,
  bytesOf,
  MathMin,
  PromisePrototypeThen,
  PromiseResolve,
  StringPrototypeSlice,
  subarray,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import type { ReadableStream } from '../stream-tools.ts';
import * as lazyStreams from '../stream-tools.ts';
import type { Body } from './body-state.ts';
import type { Bytes, Step } from './host-body.ts';

type SendArg = { to?: number; end?: true; error?: string };

const CHUNK_BYTES = 65_536;
const ERROR_CHARS = 1_024;

export interface Source {
  /** The next chunk: bytes of any kind. */
  next: () => Promise<Step>;
  /** Nobody wants the rest. */
  stop: (reason: unknown) => void;
}

/** A claimed body that has neither text nor bytes. */
export const sourceOfBody = (body: Body): Source => {
  const { host, stream } = body;
  if (host !== undefined) return { next: () => host.read(), stop: () => host.discard() };
  return lazyStreams.sourceOf(stream as ReadableStream);
};

export const sourceOfBytes = (bytes: Bytes): Source => {
  let at = 0;
  const next = () => {
    const start = at;
    at = MathMin(start + CHUNK_BYTES, TypedArrayPrototypeGetLength(bytes));
    return PromiseResolve({ done: start === at, value: subarray(bytes, start, at) });
  };
  return { next, stop: () => undefined };
};

/** Sends everything from `source` by ops of that name, at most 64 KiB each, the last one with `end`.
 * @returns a function that stops it without an end */
export const pump = (source: Source, name: 'write' | 'send', arg: { to?: number }): ((reason: unknown) => void) => {
  const state = new Pump(source, name, arg);
  state.read();
  return (reason) => state.stop(reason);
};

class Pump {
  readonly #source: Source;
  readonly #name: 'write' | 'send';
  readonly #arg: { to?: number };
  readonly #run = currentRun();
  /** Read and not yet written. */
  readonly #queue: Bytes[] = [];
  #queued = 0;
  #reading = false;
  #writing = false;
  #state: 'open' | 'ended' | 'over' = 'open';
  #error: string | undefined;

  constructor(source: Source, name: 'write' | 'send', arg: { to?: number }) {
    this.#source = source;
    this.#name = name;
    this.#arg = arg;
  }

  read(): void {
    if (this.#reading || this.#state !== 'open' || this.#queued >= CHUNK_BYTES) return;
    this.#reading = true;
    PromisePrototypeThen(
      this.#source.next(),
      (step) => this.#received(step),
      (error) => this.#ended(errorText(error)),
    );
  }

  stop(reason: unknown): void {
    if (this.#state === 'over') return;
    const open = this.#state === 'open';
    this.#state = 'over';
    if (open) this.#source.stop(reason);
  }

  #received({ done, value }: Step): void {
    this.#reading = false;
    if (this.#state !== 'open') return;
    if (done) {
      this.#ended(undefined);
      return;
    }
    const bytes = bytesOf(value);
    if (bytes === undefined) {
      const error = new TypeError(`body: a chunk must be a Uint8Array, got ${typeof value}`);
      this.#source.stop(error);
      this.#ended(errorText(error));
      return;
    }
    const length = TypedArrayPrototypeGetLength(bytes);
    if (length > 0) {
      // A copy: the guest may go on to use its buffer.
      ArrayPrototypePush(this.#queue, new Uint8Array(bytes));
      this.#queued += length;
    }
    this.#write();
    this.read();
  }

  #ended(error: string | undefined): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#error = error;
    this.#write();
  }

  /** One write at a time. */
  #write(): void {
    if (this.#writing || this.#state === 'over') return;
    if (this.#queued === 0 && this.#state === 'open') return;
    const bytes = this.#queued === 0 ? undefined : this.#take();
    const arg: SendArg = { ...this.#arg };
    if (this.#queued === 0 && this.#state === 'ended') {
      if (this.#error === undefined) arg.end = true;
      else if (bytes === undefined) arg.error = this.#error;
    }
    if (arg.end === true || arg.error !== undefined) this.#state = 'over';
    this.#send(arg, bytes);
  }

  #send(arg: SendArg, bytes: Bytes | undefined): void {
    let call: CalledOp;
    try {
      // Of the run that began it: the chunk may have come in a slice of another one.
      call = op(this.#name, arg, bytes, this.#run);
    } catch (error) {
      this.stop(error);
      return;
    }
    this.#writing = true;
    PromisePrototypeThen(
      call.promise,
      () => {
        this.#writing = false;
        this.#write();
        this.read();
      },
      (error) => this.stop(error),
    );
  }

  /** The first 64 KiB of the queue in one piece. */
  #take(): Bytes {
    const first = this.#queue[0] as Bytes;
    const length = TypedArrayPrototypeGetLength(first);
    if (length > CHUNK_BYTES) {
      this.#queue[0] = subarray(first, CHUNK_BYTES);
      this.#queued -= CHUNK_BYTES;
      return subarray(first, 0, CHUNK_BYTES);
    }
    if (length === this.#queued || length === CHUNK_BYTES) {
      ArrayPrototypeShift(this.#queue);
      this.#queued -= length;
      return first;
    }
    return this.#joined();
  }

  /** As many whole chunks as fit. */
  #joined(): Bytes {
    const piece = new Uint8Array(MathMin(this.#queued, CHUNK_BYTES));
    let at = 0;
    while (this.#queue.length > 0) {
      const next = this.#queue[0] as Bytes;
      const length = TypedArrayPrototypeGetLength(next);
      if (at + length > piece.length) break;
      TypedArrayPrototypeSet(piece, next, at);
      at += length;
      ArrayPrototypeShift(this.#queue);
    }
    this.#queued -= at;
    return subarray(piece, 0, at);
  }
}

/** Runs the `toString` of whatever a stream failed with. */
const errorText = (error: unknown): string => {
  try {
    return StringPrototypeSlice(`${error as string}`, 0, ERROR_CHARS);
  } catch {
    return 'the body failed';
  }
};
