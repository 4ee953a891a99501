// A context, seen from the ingress: it lives in an executor, and is entered and settled by frames. Whoever took it
// must leave it in one of three ways: its last slice said so, `abort`, or `drop`; then it is gone, and only then may
// the permit of its run be given back.
import type { EndReason, Executor, RemoteRun, SliceReply } from './executor.ts';
import { SLICE } from './frames.ts';

let lastId = 0;

export class RemoteContext implements RemoteRun {
  readonly id: number;
  readonly executor: Executor;
  reply: ((reply: SliceReply) => void) | undefined;
  lost: ((reason: EndReason) => void) | undefined;
  gone: ((text: string) => void) | undefined;
  readonly #template: number;
  readonly #weight: number;
  readonly #onClose: (id: number) => void;
  #state: 'fresh' | 'open' | 'closed' = 'fresh';
  #died: EndReason | undefined;
  #onLost: ((reason: EndReason) => void) | undefined;

  constructor(executor: Executor, template: number, weight: number, onClose: (id: number) => void) {
    // 32 bits on the wire; a run that is four thousand million requests old has ended.
    lastId = (lastId + 1) >>> 0;
    this.id = lastId;
    this.executor = executor;
    this.#template = template;
    this.#weight = weight;
    this.#onClose = onClose;
    this.lost = (reason) => {
      this.#died = reason;
      this.#close();
      this.#onLost?.(reason);
    };
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
