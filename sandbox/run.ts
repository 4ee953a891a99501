// One run: what came in, its budgets, and what has interrupted it. It is what ops see of their request (`OpRun`), and
// what `invoke` keeps its figures in. Things that most requests never need are made on first use.
import { randomFillSync } from 'node:crypto';
import type { Answer, EnterHead, FlatHeaders, Settlement } from '#runtime';
import type { SliceReply } from './executor/executor.ts';
import type { Runnable } from './executor/executors.ts';
import { monotonicMs } from './executor/register.ts';
import type { Limits } from './limits.ts';
import type { Finished, Observer, RunLabel } from './observer.ts';
import type { AnswerSink, BodySource, EndedOp, OpRun } from './ops/op.ts';
import type { PermitRequest } from './permits.ts';

/** A body that still arrives. */
export interface RequestBodySource extends BodySource {
  /** Called when it grows past `body_bytes`. */
  onTooLarge: (() => void) | undefined;
}

/** A request as the ingress hands it over. */
export interface GuestRequest {
  requestId: string;
  /** W3C trace context, to be passed on. */
  traceparent: string | undefined;
  /** How often it came through a tine already. */
  hops: number;
  method: string;
  /** Absolute. */
  url: string;
  headers: FlatHeaders;
  /** A whole small body, a body that still arrives, or none. */
  body: Uint8Array | RequestBodySource | undefined;
  /** `monotonicMs` at arrival. */
  arrivedMs: number;
}

/** The program version that answers, with what the ingress needs to know to run it. */
export interface ServedVersion {
  readonly program: string;
  /** Full, in hex. */
  readonly version: string;
  readonly runnable: Runnable;
  readonly limits: Limits;
  readonly permits: { concurrencyMax: number; queueMax: number; queueTimeoutMs: number };
}

/** Who waits for the answer. */
export interface Client extends AnswerSink {
  /** Sends status and headers, and the whole body unless it is streamed. `soFar`: how the run went until now.
   * @throws TineError `bad_response` when it cannot be sent; then nothing was sent */
  answer(answer: Answer, body: Uint8Array | undefined, soFar: Finished): void;
  /** Calls back, once, when the client goes away before the answer is complete. */
  onGone(callback: () => void): void;
}

/** Why a run has to stop although its guest does not know yet. */
export type Interruption = 'cancelled' | 'wall_limit' | 'body_too_large' | 'bad_body' | 'lost';

/** One for all: a fresh DOMException with its stack costs more than a request. */
const RUN_IS_OVER = new Error('the run is over');

/** Of the latest slice in the mean. */
const PACE_WEIGHT = 0.05;

const SEED_BYTES = 48;
const SEEDS = Buffer.alloc(SEED_BYTES * 128);
let nextSeed = SEEDS.length;

export class Run implements OpRun, RunLabel, PermitRequest {
  readonly request: GuestRequest;
  readonly served: ServedVersion;
  readonly client: Client;
  readonly observer: Observer;
  readonly finished: Finished = {
    outcome: 'ok',
    code: undefined,
    thrown: undefined,
    cpuUs: 0,
    forkUs: 0,
    queuedMs: 0,
    wallMs: 0,
    opsMs: 0,
    slices: 0,
    ops: 0,
  };
  subrequests = 0;
  /** Something of this run could be seen outside: it cannot be run again. */
  touched = false;
  answered = false;
  /** The body of the answer goes from host to client, past the guest. */
  piping: Promise<void> | undefined;
  interruption: Interruption | undefined;
  #afterLost: Interruption | undefined;
  #interrupted: PromiseWithResolvers<undefined> | undefined;
  #controller: AbortController | undefined;
  #bodies: Map<number, BodySource> | undefined;
  #sink: AnswerSink | undefined;
  #ended = false;
  readonly #wallTimer: NodeJS.Timeout;

  constructor(request: GuestRequest, served: ServedVersion, client: Client, observer: Observer) {
    this.request = request;
    this.served = served;
    this.client = client;
    this.observer = observer;
    this.#wallTimer = setTimeout(() => this.interrupt('wall_limit'), Math.max(1, this.wallLeftMs));
    client.onGone(() => this.interrupt('cancelled'));
    if (isStreamed(request.body)) request.body.onTooLarge = () => this.interrupt('body_too_large');
  }

  get requestId(): string {
    return this.request.requestId;
  }

  get program(): string {
    return this.served.program;
  }

  get version(): string {
    return this.served.version;
  }

  get concurrencyMax(): number {
    return this.served.permits.concurrencyMax;
  }

  get queueMax(): number {
    return this.served.permits.queueMax;
  }

  get queueTimeoutMs(): number {
    return this.served.permits.queueTimeoutMs;
  }

  get traceparent(): string | undefined {
    return this.request.traceparent;
  }

  get hops(): number {
    return this.request.hops;
  }

  get limits(): Limits {
    return this.served.limits;
  }

  /** Where ops write the answer. When that fails, nothing that the guest still does can be seen by anybody. */
  get sink(): AnswerSink {
    this.#sink ??= {
      write: (chunk) => this.client.write(chunk),
      end: () => this.client.end(),
      fail: (reason) => {
        this.client.fail(reason);
        this.interrupt('bad_body');
      },
    };
    return this.#sink;
  }

  /** Made on demand: most runs neither wait nor have ops. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.interruption !== undefined && !this.#controller.signal.aborted) this.#controller.abort(RUN_IS_OVER);
    return this.#controller.signal;
  }

  get bodies(): Map<number, BodySource> {
    if (this.#bodies === undefined) {
      this.#bodies = new Map();
      const { body } = this.request;
      if (isStreamed(body)) this.#bodies.set(0, body);
    }
    return this.#bodies;
  }

  /** What is left of `wall_ms`, in whole ms. */
  get wallLeftMs(): number {
    return Math.ceil(this.served.limits.wallMs - (monotonicMs() - this.request.arrivedMs));
  }

  warn(code: string, text: string): void {
    this.observer.logged(this, 'warn', text, code);
  }

  /** The first reason wins. */
  interrupt(why: Interruption): void {
    if (this.interruption !== undefined) {
      // A run whose executor died may begin anew: what came meanwhile must not be forgotten.
      if (this.interruption === 'lost') this.#afterLost ??= why;
      return;
    }
    this.interruption = why;
    this.#controller?.abort(RUN_IS_OVER);
    this.#interrupted?.resolve(undefined);
  }

  /** As if it had just come in: for a second attempt, when nothing of the first can have been seen. */
  renew(): void {
    if (this.interruption === 'lost') this.interruption = this.#afterLost;
    this.#afterLost = undefined;
    this.#controller?.abort(RUN_IS_OVER);
    this.#controller = undefined;
    this.#interrupted = undefined;
    this.#bodies = undefined;
    this.subrequests = 0;
  }

  /** Waits for an op, or the rest of a body; undefined when the run was interrupted first. */
  async waitFor<T>(next: Promise<T>): Promise<T | undefined> {
    if (this.interruption !== undefined) return undefined;
    this.#interrupted ??= Promise.withResolvers<undefined>();
    const start = performance.now();
    const ended = await Promise.race([next, this.#interrupted.promise]);
    this.finished.opsMs += performance.now() - start;
    return ended;
  }

  account({ cpuUs, forkUs }: SliceReply): void {
    this.finished.cpuUs += cpuUs;
    this.finished.forkUs += forkUs;
    this.finished.slices += 1;
    const { pace } = this.served.runnable;
    pace.sliceUs += (cpuUs - pace.sliceUs) * PACE_WEIGHT;
    this.observer.sliced(this, cpuUs, forkUs);
  }

  /** JSON of `EnterHead`, with a fresh seed. */
  head(): string {
    const { method, url, headers, requestId, body } = this.request;
    const head: EnterHead = {
      kind: 'fetch',
      now: Date.now(),
      seed: freshSeed(),
      requestId,
      method,
      url,
      headers,
      body: body === undefined ? 'none' : isStreamed(body) ? 'stream' : 'bytes',
    };
    return JSON.stringify(head);
  }

  /** JSON of `Settlement`. */
  settlement(ended: EndedOp): string {
    const now = Date.now();
    const settlement: Settlement = ended.ok
      ? { id: ended.id, now, ok: true, value: ended.value }
      : { id: ended.id, now, ok: false, error: ended.error };
    return JSON.stringify(settlement);
  }

  /** The run is over, whatever came of it: ops are aborted, timers stopped. */
  end(): Finished {
    if (this.#ended) return this.finished;
    this.#ended = true;
    clearTimeout(this.#wallTimer);
    this.#controller?.abort(RUN_IS_OVER);
    const { body } = this.request;
    if (isStreamed(body)) body.cancel();
    this.finished.wallMs = monotonicMs() - this.request.arrivedMs;
    return this.finished;
  }
}

export function isStreamed(body: GuestRequest['body']): body is RequestBodySource {
  return body !== undefined && !(body instanceof Uint8Array);
}

/** 384 bits from the system's random source, in hex. Drawn in batches: one call costs as much as a hundred. */
function freshSeed(): string {
  if (nextSeed >= SEEDS.length) {
    randomFillSync(SEEDS);
    nextSeed = 0;
  }
  const seed = SEEDS.toString('hex', nextSeed, nextSeed + SEED_BYTES);
  SEEDS.fill(0, nextSeed, nextSeed + SEED_BYTES);
  nextSeed += SEED_BYTES;
  return seed;
}
