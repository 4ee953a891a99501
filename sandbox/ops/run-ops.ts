// The ops of one run: starts them, and hands over those that have ended, one at a time, in the order in which they
// ended. Trusts the guest's own counting of its ops no further than to the limit. Knows no op by itself: what each
// does is in the file of its name.
import type { OpCall } from '#runtime';
import { ProtocolError } from '../executor/frames.ts';
import { discard, read } from './body.ts';
import { type FetchOptions, makeFetchOp } from './fetch.ts';
import { type EndedOp, OpError, type OpName, type OpResult, type OpRun, type OwnOp, type Perform } from './op.ts';
import { send } from './send.ts';
import { timer } from './timer.ts';
import { write } from './write.ts';

export type Performers = { readonly [N in OpName]: Perform<N> };

/** One set per ingress: runs share its connections. `close` ends them. */
export function makePerformers(options: FetchOptions): Performers & { close(): Promise<void> } {
  const fetchOp = makeFetchOp(options);
  return {
    timer: timer.perform,
    fetch: fetchOp.perform,
    read: read.perform,
    discard: discard.perform,
    write: write.perform,
    send: send.perform,
    close: fetchOp.close,
  };
}

/** Pending: started, and neither handed over nor cancelled. */
class PendingOp implements OwnOp {
  readonly id: number;
  readonly op: OpName;
  /** Made only for performers that look at it. */
  #abort: AbortController | undefined;

  constructor(id: number, op: OpName) {
    this.id = id;
    this.op = op;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort?.abort(new OpError('AbortError', 'the operation was aborted'));
  }
}

export class RunOps implements Disposable {
  readonly #run: OpRun;
  readonly #performers: Performers;
  readonly #pending = new Map<number, PendingOp>();
  /** Ended and not yet handed over, in the order of their ends; those cancelled since are skipped. */
  readonly #ended: { own: PendingOp; ended: EndedOp }[] = [];
  #timers = 0;
  #waiting: PromiseWithResolvers<EndedOp> | undefined;
  #state: 'fresh' | 'open' | 'disposed' = 'fresh';
  readonly #aborted = () => this[Symbol.dispose]();

  constructor(run: OpRun, performers: Performers) {
    this.#run = run;
    this.#performers = performers;
  }

  /** Ops that are started, and neither handed over nor cancelled. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Starts the ops of a slice, in their order. Those in `cancelled` are cancelled first, as they make room for others;
   * and not started at all when they are new: a guest may start and cancel an op in one slice.
   * @param bytes those of the ops only, one after the other
   * @throws ProtocolError for an id in use, for more ops than the guest may have, for bytes that do not add up
   */
  start(calls: readonly OpCall[], bytes: Uint8Array, cancelled: readonly number[] = []): void {
    if (this.#state === 'fresh') this.#open();
    if (this.#state === 'disposed') return;
    this.cancel(cancelled);
    const skipped = new Set(cancelled);
    let at = 0;
    for (const call of calls) {
      const from = at;
      at += call.bytes ?? 0;
      if (at > bytes.length) throw new ProtocolError(`ops must have <= ${bytes.length} bytes: got ${at}`);
      if (!skipped.has(call.id)) this.#start(call, bytes.subarray(from, at));
    }
    if (at !== bytes.length) throw new ProtocolError(`ops must have ${bytes.length} bytes: got ${at}`);
  }

  /** Nobody wants the results of these any more: they are aborted and never handed over. Unknown ids are ignored. */
  cancel(ids: readonly number[]): void {
    for (const id of ids) {
      const own = this.#pending.get(id);
      if (own === undefined) continue;
      this.#forget(own);
      own.abort();
      this.#dropBody(id);
    }
  }

  /**
   * The next op that has ended; when there is none, waits for one. Never rejects. Never settles after dispose: whoever
   * waits looks at the signal of the run as well.
   */
  next(): Promise<EndedOp> {
    for (let first = this.#ended.shift(); first !== undefined; first = this.#ended.shift()) {
      if (this.#pending.get(first.own.id) !== first.own) continue;
      this.#forget(first.own);
      return Promise.resolve(first.ended);
    }
    this.#waiting ??= Promise.withResolvers<EndedOp>();
    return this.#waiting.promise;
  }

  /** Aborts everything that is under way, and closes every open body but that of the request, which is the caller's. */
  [Symbol.dispose](): void {
    const before = this.#state;
    this.#state = 'disposed';
    // Most runs have no op at all, and are not to be asked for a signal and bodies that they make on demand.
    if (before !== 'open') return;
    this.#run.signal.removeEventListener('abort', this.#aborted);
    const open = [...this.#pending.values()];
    this.#pending.clear();
    this.#ended.length = 0;
    for (const own of open) own.abort();
    for (const id of [...this.#run.bodies.keys()]) if (id !== 0) this.#dropBody(id);
  }

  #open(): void {
    const { signal } = this.#run;
    this.#state = signal.aborted ? 'disposed' : 'open';
    signal.addEventListener('abort', this.#aborted, { once: true });
  }

  #start(call: OpCall, bytes: Uint8Array): void {
    const { id, op } = call;
    if (this.#pending.has(id) || this.#run.bodies.has(id)) throw new ProtocolError(`op ${id} must be new: it is open`);
    const { timers, pendingOps } = this.#run.limits;
    const others = this.#pending.size - this.#timers;
    if (op === 'timer' ? this.#timers >= timers : others >= pendingOps) {
      throw new ProtocolError(`open ops must be <= ${pendingOps} and timers <= ${timers}: got one more`);
    }
    const own = new PendingOp(id, op);
    this.#pending.set(id, own);
    if (op === 'timer') this.#timers += 1;
    this.#perform(call, bytes, own).then(
      (result) => this.#end(own, { id, ok: true, ...result }),
      (error) => this.#end(own, { id, ok: false, error: this.#readable(op, error) }),
    );
  }

  /** An async function, so that a performer that throws at once ends its op and not the ingress. */
  async #perform({ op, arg }: OpCall, bytes: Uint8Array, own: PendingOp): Promise<OpResult> {
    // The schema of the outbox has paired `op` with its `arg`, which the type system cannot follow.
    const perform = this.#performers[op] as (...of: unknown[]) => Promise<OpResult>;
    return perform(arg, this.#run, bytes, own);
  }

  #end(own: PendingOp, ended: EndedOp): void {
    if (this.#pending.get(own.id) !== own) {
      // Cancelled while it went on: what it brought has no owner.
      if (own.op === 'fetch') this.#dropBody(own.id);
      return;
    }
    if (this.#waiting === undefined) {
      this.#ended.push({ own, ended });
      return;
    }
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    this.#forget(own);
    resolve(ended);
  }

  #forget(own: PendingOp): void {
    this.#pending.delete(own.id);
    if (own.op === 'timer') this.#timers -= 1;
  }

  #dropBody(id: number): void {
    this.#run.bodies.get(id)?.cancel();
    this.#run.bodies.delete(id);
  }

  /** Only an `OpError` was written for guests; of anything else they learn that it happened. */
  #readable(op: OpName, error: unknown): { name: string; message: string } {
    if (error instanceof OpError) return { name: error.name, message: error.message };
    this.#run.warn(
      'internal',
      `op ${op} failed inside tine: ${error instanceof Error ? error.message : 'no reason given'}`,
    );
    return { name: 'Error', message: `${op}: something went wrong inside tine` };
  }
}
