// The set of executors: who gets the next request. One central queue per trust group gives work to the least loaded
// executor, so that cores stay busy and one slow guest does not hold up a queue behind it. One warm spare takes the
// place of an executor that died. Programs of different trust groups never share an executor.
import { TineError } from '../errors.ts';
import { BOUNDS } from '../limits.ts';
import { type ConfineOptions, confined } from './confine.ts';
import type { LoadHead } from './core.ts';
import { type EndReason, Executor } from './executor.ts';
import { monotonicMs } from './register.ts';
import { RemoteContext } from './remote-context.ts';

/** A version that can run: what executors need of it. */
export interface Runnable {
  /** Unique in this process, never used again. */
  readonly id: number;
  readonly program: string;
  /** Trust group. */
  readonly namespace: string;
  readonly isolation: 'request' | 'program';
  /** Contexts at once, per executor. */
  readonly contextsMax: number;
  readonly head: LoadHead;
  readonly memoryMb: number;
  /** How long its slices take, on average; kept by its runs. */
  readonly pace: { sliceUs: number };
  /** The encoded template, its sha256 checked. */
  template(): Promise<Uint8Array>;
}

export interface ExecutorsObserver {
  started(pid: number): void;
  ended(pid: number, reason: EndReason, program: string | undefined, lastWords: string): void;
  loadFailed(program: string, reason: string): void;
}

export interface ExecutorsOptions {
  /** Per trust group. */
  executors: number;
  /** All together, the spare not counted. */
  executorsMax: number;
  /** Ceiling of one executor. Undefined: from the largest `memory_mb` among the programs. */
  rssBytesMax: number | undefined;
  confine: Omit<ConfineOptions, 'args' | 'nodeFlags' | 'addressSpaceBytes'>;
  env: Record<string, string>;
  observer: ExecutorsObserver;
}

/** Who waits. The signal is made on demand. */
interface Waits {
  readonly signal: AbortSignal;
}

interface Waiter {
  runnable: Runnable;
  take(executor: Executor): void;
  refuse(error: TineError): void;
}

interface Group {
  namespace: string;
  executors: Executor[];
  waiting: Set<Waiter>;
  usedMs: number;
}

/** Work handed to an executor ahead of its answers: a forked request weighs 2, one in a kept context 1. */
const OUTSTANDING_MAX = 16;
const WEIGHT = { request: 2, program: 1 } as const;
/** Above this share of its ceiling an executor takes no new requests and is replaced when it is empty. */
const RETIRE_SHARE = 0.7;
/** Of the ceiling, besides one heap of the largest program: the process itself, further isolates, buffers. */
const RSS_BYTES_BASE = 640_000_000;
const MEMORY_MB_BYTES = 1_000_000;
/** A slice of less CPU than this costs less than waking a process. */
const QUICK_SLICE_US = 100;
const IDLE_GROUP_MS = 300_000;
const RESPAWN_MS = 100;
const RESPAWN_MS_MAX = 5_000;

export class Executors {
  readonly #options: ExecutorsOptions;
  readonly #groups = new Map<string, Group>();
  readonly #all = new Set<Executor>();
  readonly #runnables = new Map<number, Runnable>();
  /** Not served any more: whatever of them is loaded late leaves again. */
  readonly #retired = new WeakSet<Runnable>();
  readonly #openContexts = new WeakMap<Executor, Map<number, number>>();
  readonly #programOf = new Map<number, string>();
  /** The largest `memory_mb` that was seen. */
  #memoryMbMax = 0;
  #spare: Executor | undefined;
  #watching: NodeJS.Timeout;
  #ended = false;
  #respawnMs = RESPAWN_MS;
  #pausing = false;

  constructor(options: ExecutorsOptions) {
    this.#options = options;
    this.#spare = this.#spawn();
    this.#watching = setInterval(() => this.#watch(), BOUNDS.watchEveryMs);
  }

  /** An executor may hold isolates of several programs, each with up to its own heap. */
  get #rssBytesMax(): number {
    return this.#options.rssBytesMax ?? RSS_BYTES_BASE + this.#memoryMbMax * MEMORY_MB_BYTES;
  }

  get all(): ReadonlySet<Executor> {
    return this.#all;
  }

  /** Requests that wait for an executor. */
  get waiting(): number {
    let sum = 0;
    for (const group of this.#groups.values()) sum += group.waiting.size;
    return sum;
  }

  /** Starts the executors of a trust group before its first request. */
  prepare(namespace: string): void {
    this.#group(namespace);
  }

  /** A context of this version in the least loaded executor. Waits when all have enough to do.
   * @throws TineError `cancelled` when `waits.signal`, which is asked for only then, is aborted while it waits */
  take(runnable: Runnable, waits: Waits): RemoteContext | Promise<RemoteContext> {
    this.#memoryMbMax = Math.max(this.#memoryMbMax, runnable.memoryMb);
    const group = this.#group(runnable.namespace);
    const executor = this.#leastLoaded(group, runnable);
    if (executor?.has(runnable.id)) return this.#open(executor, runnable);
    if (executor !== undefined) return this.#loadAndTake(executor, runnable, waits);
    return this.#wait(group, runnable, waits);
  }

  /** The version is not served any more: its template leaves the executors as soon as it is not in use. */
  retire(runnable: Runnable): void {
    this.#retired.add(runnable);
    this.#runnables.delete(runnable.id);
    for (const executor of this.#all) this.#unloadWhenUnused(executor, runnable.id);
  }

  /** Ends all of them at once. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#watching);
    for (const executor of this.#all) executor.kill('retired');
    for (const { waiting } of this.#groups.values()) {
      for (const waiter of [...waiting]) waiter.refuse(new TineError('draining', 'The executors have been ended'));
    }
  }

  #group(namespace: string): Group {
    let group = this.#groups.get(namespace);
    if (group === undefined) {
      group = { namespace, executors: [], waiting: new Set(), usedMs: 0 };
      this.#groups.set(namespace, group);
      this.#fill(group);
    }
    group.usedMs = monotonicMs();
    return group;
  }

  #fill(group: Group): void {
    if (this.#ended) return;
    while (group.executors.length < this.#options.executors) {
      if (this.#pausing && this.#spare === undefined) return;
      const assigned = this.#all.size - (this.#spare === undefined ? 0 : 1);
      if (assigned >= this.#options.executorsMax && !this.#endIdleGroup(group)) break;
      group.executors.push(this.#takeSpare());
    }
    if (!this.#pausing) this.#spare ??= this.#spawn();
  }

  #takeSpare(): Executor {
    const spare = this.#spare ?? this.#spawn();
    this.#spare = undefined;
    return spare;
  }

  /** Makes room for another trust group. */
  #endIdleGroup(wanting: Group): boolean {
    const idle = [...this.#groups.values()]
      .filter(
        (group) => group !== wanting && group.waiting.size === 0 && group.executors.every(({ runs }) => runs === 0),
      )
      .sort((a, b) => a.usedMs - b.usedMs)[0];
    if (idle === undefined) return wanting.executors.length === 0;
    this.#endGroup(idle);
    return true;
  }

  #endGroup(group: Group): void {
    this.#groups.delete(group.namespace);
    for (const executor of group.executors.splice(0)) {
      this.#all.delete(executor);
      executor.kill('retired');
    }
  }

  #spawn(): Executor {
    const { confine, env, observer } = this.#options;
    const executor = new Executor({
      command: confined(confine),
      env,
      rssBytesMax: () => this.#rssBytesMax,
      onReady: () => {
        this.#respawnMs = RESPAWN_MS;
        this.#pump();
      },
      onProgress: () => this.#pump(),
      onEnd: (ended, reason, culprit) => this.#replace(ended, reason, culprit),
      onLoadFailed: (failed, template, reason) => {
        failed.unload(template);
        observer.loadFailed(this.#runnables.get(template)?.program ?? 'unknown', reason);
      },
    });
    this.#all.add(executor);
    observer.started(executor.pid);
    return executor;
  }

  #replace(executor: Executor, reason: EndReason, culprit: number | undefined): void {
    this.#all.delete(executor);
    const program = culprit === undefined ? undefined : this.#programOf.get(culprit);
    this.#options.observer.ended(executor.pid, reason, program, executor.lastWords);
    if (this.#ended) return;
    if (this.#spare === executor) this.#spare = undefined;
    if (!executor.wasReady && reason !== 'retired' && reason !== 'outside') this.#pause();
    for (const group of this.#groups.values()) {
      const at = group.executors.indexOf(executor);
      if (at < 0) continue;
      group.executors.splice(at, 1);
      this.#fill(group);
      this.#pumpGroup(group);
    }
    if (!this.#pausing) this.#spare ??= this.#spawn();
  }

  /** What dies before it was ready would be started in a loop: nothing is, for a while. */
  #pause(): void {
    if (this.#pausing) return;
    this.#pausing = true;
    setTimeout(() => {
      this.#pausing = false;
      for (const group of this.#groups.values()) this.#fill(group);
      if (!this.#ended) this.#spare ??= this.#spawn();
    }, this.#respawnMs).unref();
    this.#respawnMs = Math.min(RESPAWN_MS_MAX, this.#respawnMs * 2);
  }

  /** Quick requests of a kept context go to one executor as long as it has room: their frames then travel together,
   * and the processes wake each other less often. All others are spread. */
  #leastLoaded(group: Group, { id, isolation, contextsMax, pace }: Runnable): Executor | undefined {
    const room = OUTSTANDING_MAX - WEIGHT[isolation];
    const packs = isolation === 'program' && pace.sliceUs < QUICK_SLICE_US;
    let best: Executor | undefined;
    for (const executor of group.executors) {
      if (executor.state !== 'ready' || executor.outstanding > room) continue;
      if (this.#contextsOf(executor, id) >= contextsMax) continue;
      if (packs) return executor;
      if (best === undefined || isLighter(executor, best)) best = executor;
    }
    return best;
  }

  #open(executor: Executor, runnable: Runnable): RemoteContext {
    const counts = this.#counts(executor);
    counts.set(runnable.id, (counts.get(runnable.id) ?? 0) + 1);
    const context = new RemoteContext(executor, runnable, WEIGHT[runnable.isolation], (run) => {
      counts.set(runnable.id, (counts.get(runnable.id) ?? 1) - 1);
      this.#programOf.delete(run);
      if (!this.#runnables.has(runnable.id)) this.#unloadWhenUnused(executor, runnable.id);
      if (executor.state === 'retiring' && executor.runs === 0) executor.kill('retired');
    });
    this.#programOf.set(context.id, runnable.program);
    return context;
  }

  /** The frames of a socket keep their order: the first `enter` may follow the template at once. */
  async #load(executor: Executor, runnable: Runnable): Promise<void> {
    const bytes = await runnable.template();
    if (!this.#retired.has(runnable)) this.#runnables.set(runnable.id, runnable);
    if (!executor.has(runnable.id)) executor.load(runnable.id, runnable.head, bytes);
  }

  /** While the template is fetched others may have taken the executor: one is looked for again. */
  async #loadAndTake(executor: Executor, runnable: Runnable, waits: Waits): Promise<RemoteContext> {
    await this.#load(executor, runnable);
    if (waits.signal.aborted) throw waitCancelled();
    return this.take(runnable, waits);
  }

  #wait(group: Group, runnable: Runnable, waits: Waits): Promise<RemoteContext> {
    const { signal } = waits;
    const { promise, resolve, reject } = Promise.withResolvers<RemoteContext>();
    const waiter: Waiter = {
      runnable,
      take: (executor) => {
        group.waiting.delete(waiter);
        signal.removeEventListener('abort', leave);
        if (executor.has(runnable.id)) resolve(this.#open(executor, runnable));
        else resolve(this.#loadAndTake(executor, runnable, waits));
      },
      refuse: (error) => {
        group.waiting.delete(waiter);
        signal.removeEventListener('abort', leave);
        reject(error);
      },
    };
    const leave = () => waiter.refuse(waitCancelled());
    if (this.#ended || signal.aborted) {
      reject(this.#ended ? new TineError('draining', 'The executors have been ended') : waitCancelled());
      return promise;
    }
    signal.addEventListener('abort', leave, { once: true });
    group.waiting.add(waiter);
    return promise;
  }

  #pump(): void {
    for (const group of this.#groups.values()) if (group.waiting.size > 0) this.#pumpGroup(group);
  }

  #pumpGroup(group: Group): void {
    for (const waiter of group.waiting) {
      const executor = this.#leastLoaded(group, waiter.runnable);
      if (executor === undefined) {
        if (group.executors.every(({ state, outstanding }) => state !== 'ready' || outstanding >= OUTSTANDING_MAX))
          return;
        continue; // this program has all the contexts it may have; the next may be another one
      }
      waiter.take(executor);
    }
  }

  #watch(): void {
    const now = monotonicMs();
    for (const executor of this.#all) {
      executor.watch(now);
      if (executor.state === 'ready' && executor.rssBytes > this.#rssBytesMax * RETIRE_SHARE)
        this.#retireExecutor(executor);
    }
    for (const group of [...this.#groups.values()]) {
      const idle = now - group.usedMs > IDLE_GROUP_MS && group.waiting.size === 0;
      if (idle && this.#groups.size > 1 && group.executors.every(({ runs }) => runs === 0)) this.#endGroup(group);
    }
  }

  /** A fresh one takes its place first; it ends when its last run has. */
  #retireExecutor(executor: Executor): void {
    executor.state = 'retiring';
    for (const group of this.#groups.values()) {
      const at = group.executors.indexOf(executor);
      if (at < 0) continue;
      group.executors.splice(at, 1);
      this.#fill(group);
    }
    if (executor.runs === 0) executor.kill('retired');
  }

  #unloadWhenUnused(executor: Executor, template: number): void {
    if (this.#contextsOf(executor, template) === 0) executor.unload(template);
  }

  #contextsOf(executor: Executor, template: number): number {
    return this.#openContexts.get(executor)?.get(template) ?? 0;
  }

  #counts(executor: Executor): Map<number, number> {
    let counts = this.#openContexts.get(executor);
    if (counts === undefined) {
      counts = new Map();
      this.#openContexts.set(executor, counts);
    }
    return counts;
  }
}

function waitCancelled(): TineError {
  return new TineError('cancelled', 'The wait for an executor was cancelled');
}

function isLighter(a: Executor, b: Executor): boolean {
  return a.outstanding < b.outstanding || (a.outstanding === b.outstanding && a.runs < b.runs);
}
