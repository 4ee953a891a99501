// A context, seen from the ingress: it lives in an executor, and is entered and settled by frames. Whoever took it
// must leave it in one of three ways: its last slice said so, `abort`, or `drop`; then it is gone, and only then may
// the permit of its run be given back.
import type { EndReason, Executor, RemoteRun, SliceReply } from './executor.ts';
import { SLICE } from './frames.ts';

let lastId = 0;

/** What a context is forked from: its number in the executor, and whether other runs share it. */
export interface RemoteTemplate {
  readonly id: number;
  readonly isolation: 'request' | 'program';
}

export class RemoteContext implements RemoteRun {
  readonly id: number;
  readonly executor: Executor;
  reply: ((reply: SliceReply) => void) | undefined;
  lost: ((reason: EndReason) => void) | undefined;
  gone: ((text: string) => void) | undefined;
  readonly unasked: ((reply: SliceReply) => void) | undefined;
  readonly #unasked: SliceReply[] = [];
  #arrival: PromiseWithResolvers<void> | undefined;
  readonly #template: number;
  readonly #weight: number;
  readonly #onClose: (id: number) => void;
  #state: 'fresh' | 'open' | 'closed' = 'fresh';
  #died: EndReason | undefined;
  #onLost: ((reason: EndReason) => void) | undefined;

  constructor(executor: Executor, { id, isolation }: RemoteTemplate, weight: number, onClose: (id: number) => void) {
    // 32 bits on the wire; a run that is four thousand million requests old has ended.
    lastId = (lastId + 1) >>> 0;
    this.id = lastId;
    this.executor = executor;
    this.#template = id;
    this.#weight = weight;
    this.#onClose = onClose;
    this.lost = (reason) => {
      this.#died = reason;
      this.#close();
      this.#onLost?.(reason);
    };
    this.unasked = isolation === 'program' ? (reply) => this.#keepUnasked(reply) : undefined;
    // Counted from the moment it is taken, so that takers in the same turn see each other.
    executor.outstanding += weight;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** Tells when the executor dies between two slices. */
  onLost(callback: (reason: EndReason) => void): void {
    this.#onLost = callback;
    if (this.#died !== undefined) callback(this.#died);
  }

  /** @param head JSON of `EnterHead` */
  enter(head: string, body: Uint8Array | undefined, wallLeftMs: number): Promise<SliceReply> {
    if (this.executor.state === 'ended') return Promise.resolve(this.#dead('outside'));
    this.#state = 'open';
    const reply = this.#nextReply();
    this.executor.enter(this, this.#template, wallLeftMs, head, body);
    return reply;
  }

  /** @param settlement JSON of `Settlement` */
  settle(settlement: string, bytes: Uint8Array | undefined, wallLeftMs: number): Promise<SliceReply> {
    if (this.#died !== undefined || this.executor.state === 'ended')
      return Promise.resolve(this.#dead(this.#died ?? 'outside'));
    this.executor.outstanding += this.#weight;
    const reply = this.#nextReply();
    this.executor.settle(this, wallLeftMs, settlement, bytes);
    return reply;
  }

  /** What came of this run in the slice of another one that shares its context. To be looked at before `settle`, as
   * it comes before whatever that brings. */
  takeUnasked(): SliceReply | undefined {
    return this.#unasked.shift();
  }

  /** Resolves when `takeUnasked` has something to give; undefined where no run shares the context. */
  whenUnasked(): Promise<void> | undefined {
    if (this.unasked === undefined) return undefined;
    if (this.#unasked.length > 0) return Promise.resolve();
    this.#arrival ??= Promise.withResolvers<void>();
    return this.#arrival.promise;
  }

  /** The client is gone. Resolves with the outbox of one last slice when the guest has stopped. */
  abort(): Promise<string> {
    return this.#leave(() => this.executor.abort(this));
  }

  /** Resolves when the guest has stopped. */
  async drop(): Promise<void> {
    await this.#leave(() => this.executor.drop(this));
  }

  #leave(tell: () => void): Promise<string> {
    if (this.#state === 'fresh') {
      this.executor.outstanding -= this.#weight;
      this.#close();
    }
    if (this.#state === 'closed' || this.executor.state === 'ended') {
      this.#close();
      return Promise.resolve('');
    }
    return new Promise((resolve) => {
      this.gone = (text) => {
        this.#close();
        resolve(text);
      };
      tell();
    });
  }

  #keepUnasked(reply: SliceReply): void {
    if (reply.kind !== SLICE.waiting) this.#close();
    this.#unasked.push(reply);
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }

  #nextReply(): Promise<SliceReply> {
    return new Promise((resolve) => {
      this.reply = (reply) => {
        if (reply.kind !== 'died') this.executor.outstanding -= this.#weight;
        if (reply.kind !== SLICE.waiting) this.#close();
        resolve(reply);
      };
    });
  }

  #dead(reason: EndReason): SliceReply {
    this.#close();
    return { kind: 'died', cpuUs: 0, wallUs: 0, forkUs: 0, text: '{}', bytes: undefined, reason, culprit: false };
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#onClose(this.id);
  }
}
