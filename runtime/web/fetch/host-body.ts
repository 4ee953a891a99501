// A body whose bytes are with the host: of the request that came in, or of the answer to a `fetch` op. It is read
// chunk by chunk, one op at a time, and only when somebody asks, so that a slow reader slows the sender.

import { cancel, currentRun, type OpHandle, type OpResult, op } from '../outbox.ts';
import { Promise, PromisePrototypeThen, PromiseReject, TypeError, Uint8Array } from '../primordials.ts';
import type { Run } from '../run.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** A step of reading: `value` is the chunk unless `done`. */
export interface Step {
  done: boolean;
  value: unknown;
}

export class HostBody {
  /** What the ops call it: 0 for the request, else the id of the `fetch` op. */
  readonly from: number;
  readonly run: Run | undefined = currentRun();
  /** A chunk has been asked for: what is left cannot be piped. */
  started = false;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #reason: unknown;
  /** The read under way. */
  #pending: { call: OpHandle; reject: (reason: unknown) => void } | undefined;

  constructor(from: number) {
    this.from = from;
  }

  /** The next chunk, as an iterator gives it. Rejects with a TypeError when the sender failed, with the reason of
   * `fail` after that one. Not to be called again before it has settled. */
  read(): Promise<Step> {
    if (this.#state === 'failed') return PromiseReject(this.#reason);
    if (currentRun() !== this.run) return PromiseReject(new TypeError('body: it belongs to another request'));
    this.started = true;
    return new Promise((resolve, reject) => {
      if (this.#state === 'ended') return resolve({ done: true, value: undefined });
      const call = op('read', { from: this.from });
      this.#pending = { call, reject };
      PromisePrototypeThen(
        call.promise,
        (result) => resolve(this.#received(result)),
        (error) => {
          this.#end('failed', error);
          reject(error);
        },
      );
    });
  }

  /** The rest is not wanted. */
  discard(): void {
    this.#stop('ended', undefined, new TypeError('body: reading was cancelled'));
  }

  /** Ends a read under way, and all later ones, with `reason`. */
  fail(reason: unknown): void {
    this.#stop('failed', reason, reason);
  }

  #stop(state: 'ended' | 'failed', later: unknown, now: unknown): void {
    if (this.#state !== 'open') return;
    const pending = this.#pending;
    this.#end(state, later);
    if (pending !== undefined) {
      cancel(pending.call);
      pending.reject(now);
    }
    if (this.run === undefined) return;
    try {
      const { promise } = op('discard', { from: this.from }, undefined, this.run);
      PromisePrototypeThen(promise, undefined, () => undefined);
    } catch {
      // At a limit, or after the end: the host drops what is left with the run, a little later.
    }
  }

  #received({ value, bytes }: OpResult): Step {
    this.#pending = undefined;
    if ((value as { done: boolean }).done) {
      this.#end('ended', undefined);
      if (bytes === undefined) return { done: true, value: undefined };
    }
    return { done: false, value: bytes ?? new Uint8Array(0) };
  }

  #end(state: 'ended' | 'failed', reason: unknown): void {
    this.#state = state;
    this.#reason = reason;
    this.#pending = undefined;
  }
}
