// The right to run. There is a fixed number of permits; who finds none waits in a bounded queue, or is refused at
// once. A queue without an end would turn every overload into a time-out for everybody; a 503 at once is kinder.
//
// Queues are per program, first come first served, and the programs that wait take turns: a program that sends ten
// times as much as another gets no more of the permits that come free. A cap per program keeps the rest for others.
// A permit belongs to an execution, not to a connection: it is given back when the guest has really stopped.
import { TineError } from './errors.ts';

export interface PermitRequest {
  program: string;
  /** Permits that this program may hold at once. The latest request decides. */
  concurrencyMax: number;
  /** Requests of this program that may wait. */
  queueMax: number;
  queueTimeoutMs: number;
  /** Ends the wait: the client has gone. Looked at only by those who wait, so a getter may make it on demand. */
  signal?: AbortSignal | undefined;
}

/** What one may want to count. `admitted` gets the time spent waiting, 0 for those who did not wait. */
export interface PermitObserver {
  admitted(program: string, queuedMs: number): void;
  refused(program: string, reason: 'queue_full' | 'queue_timeout' | 'cancelled'): void;
}

/** Given back by `using`, or by hand; once. */
export interface Permit extends Disposable {
  readonly program: string;
}

export interface PermitsOptions {
  permitsMax: number;
  observer?: PermitObserver | undefined;
}

interface Waiter {
  grant(permit: Permit): void;
}

/** One program that holds permits, or waits for some. Forgotten when it does neither. */
class Line {
  readonly program: string;
  concurrencyMax = 0;
  inUse = 0;
  /** In the order of arrival; a Set, as waiters leave from anywhere. */
  readonly waiting = new Set<Waiter>();

  constructor(program: string) {
    this.program = program;
  }

  get mayTake(): boolean {
    return this.waiting.size > 0 && this.inUse < this.concurrencyMax;
  }
}

const SILENT: PermitObserver = { admitted() {}, refused() {} };

export class Permits {
  readonly #permitsMax: number;
  readonly #observer: PermitObserver;
  readonly #lines = new Map<string, Line>();
  /** Programs that wait, in the order of their turns. */
  readonly #turns = new Set<Line>();
  readonly #drained: (() => void)[] = [];
  #inUse = 0;
  #queued = 0;

  constructor({ permitsMax, observer = SILENT }: PermitsOptions) {
    if (!Number.isInteger(permitsMax) || permitsMax < 1) {
      throw new RangeError(`permitsMax must be an integer of at least 1: got ${permitsMax}`);
    }
    this.#permitsMax = permitsMax;
    this.#observer = observer;
  }

  /** Permits held now. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Requests that wait now, over all programs. */
  get queued(): number {
    return this.#queued;
  }

  inUseBy(program: string): number {
    return this.#lines.get(program)?.inUse ?? 0;
  }

  /**
   * Takes a permit: at once and without a promise when one is free, else after a wait.
   * @throws TineError `overloaded` when the queue of the program is full (thrown at once) or the wait took longer than
   * `queueTimeoutMs` (the promise rejects); `cancelled` when `signal` is aborted before or during a wait
   */
  enter(request: PermitRequest): Permit | Promise<Permit> {
    const { program, concurrencyMax, queueMax, queueTimeoutMs } = request;
    if (concurrencyMax < 1) throw new RangeError(`concurrencyMax must be at least 1: got ${concurrencyMax}`);
    const line = this.#line(program, concurrencyMax);
    if (this.#inUse < this.#permitsMax && line.inUse < concurrencyMax) {
      this.#observer.admitted(program, 0);
      return this.#take(line);
    }
    if (line.waiting.size >= queueMax || queueTimeoutMs <= 0) {
      this.#forget(line);
      this.#observer.refused(program, 'queue_full');
      throw new TineError('overloaded', `No permit for "${program}" as its queue must be <= ${queueMax}: got one more`);
    }
    const { signal } = request;
    if (signal?.aborted) {
      this.#forget(line);
      this.#observer.refused(program, 'cancelled');
      throw cancelled(program, signal);
    }
    return this.#wait(line, queueTimeoutMs, signal);
  }

  /** Resolves when no permit is in use and nobody waits for one; does not stop anybody from entering. */
  drain(): Promise<void> {
    if (this.#inUse === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #line(program: string, concurrencyMax: number): Line {
    let line = this.#lines.get(program);
    if (line === undefined) {
      line = new Line(program);
      this.#lines.set(program, line);
    }
    const raised = concurrencyMax > line.concurrencyMax;
    line.concurrencyMax = concurrencyMax;
    // Those who wait because of the old cap come before the one who brings the new one.
    if (raised && line.waiting.size > 0) this.#handOut();
    return line;
  }

  #forget(line: Line): void {
    if (line.inUse === 0 && line.waiting.size === 0) this.#lines.delete(line.program);
  }

  #take(line: Line): Permit {
    line.inUse += 1;
    this.#inUse += 1;
    let given = true;
    return {
      program: line.program,
      [Symbol.dispose]: () => {
        if (!given) throw new Error(`A permit of "${line.program}" must be given back once: got a second time`);
        given = false;
        this.#giveBack(line);
      },
    };
  }

  #giveBack(line: Line): void {
    line.inUse -= 1;
    this.#inUse -= 1;
    this.#handOut();
    this.#forget(line);
    if (this.#inUse === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  #wait(line: Line, queueTimeoutMs: number, signal: AbortSignal | undefined): Promise<Permit> {
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    const since = performance.now();
    const leave = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      line.waiting.delete(waiter);
      this.#queued -= 1;
      if (line.waiting.size === 0) this.#turns.delete(line);
    };
    const waiter: Waiter = {
      grant: (permit) => {
        leave();
        this.#observer.admitted(line.program, performance.now() - since);
        resolve(permit);
      },
    };
    const refuse = (reason: 'queue_timeout' | 'cancelled', error: TineError) => {
      leave();
      this.#forget(line);
      this.#observer.refused(line.program, reason);
      reject(error);
    };
    const aborted = () => refuse('cancelled', cancelled(line.program, signal));
    const timer = setTimeout(() => {
      const text = `No permit for "${line.program}" as its wait must be <= ${queueTimeoutMs} ms: got more`;
      refuse('queue_timeout', new TineError('overloaded', text));
    }, queueTimeoutMs);
    signal?.addEventListener('abort', aborted, { once: true });
    line.waiting.add(waiter);
    this.#turns.add(line);
    this.#queued += 1;
    return promise;
  }

  /** Gives what is free to those who wait, one permit per program and turn. */
  #handOut(): void {
    while (this.#inUse < this.#permitsMax) {
      const line = this.#next();
      if (line === undefined) return;
      const [waiter] = line.waiting;
      if (waiter === undefined) return;
      // Moved to the end before the grant, which removes the line when nobody of it waits any more.
      this.#turns.delete(line);
      this.#turns.add(line);
      waiter.grant(this.#take(line));
    }
  }

  #next(): Line | undefined {
    for (const line of this.#turns) if (line.mayTake) return line;
    return undefined;
  }
}

function cancelled(program: string, signal: AbortSignal | undefined): TineError {
  return new TineError('cancelled', `The wait for a permit of "${program}" was cancelled`, { cause: signal?.reason });
}
