// The contexts of one template in one executor: warm ones made ahead in idle time, and those in use. Giving a context
// back is one call that decides its fate: today it is always released after its run (`isolation: request`), or kept
// for the next (`isolation: program`) until something went wrong with it.
import type { Template } from '../template/template.ts';
import { forkMsMax, type GuestContext, GuestIsolate } from './isolate.ts';

/** An isolate takes contexts up to this share of its heap limit; then another isolate of the program is opened. */
const HEAP_SHARE_FOR_CONTEXTS = 0.5;
/** `isolation: program`: a context is replaced after this many requests, so that what leaks cannot grow for ever. */
const RUNS_PER_KEPT_CONTEXT = 100_000;
const MEMORY_MB_BYTES = 1_000_000;

export interface PoolOptions {
  isolation: 'request' | 'program';
  /** Contexts kept ready. */
  min: number;
  /** Called for each run whose isolate is gone, but for the one that is given back as `lost`. */
  onLost(run: number): void;
}

/** `fine`: the run ended by itself. `tainted`: an error or a limit. `lost`: its isolate is gone. */
export type Fate = 'fine' | 'tainted' | 'lost';

export class ContextPool {
  readonly #template: Template;
  readonly #options: PoolOptions;
  readonly #contextsPerIsolate: number;
  readonly #isolates: GuestIsolate[] = [];
  readonly #warm: GuestContext[] = [];
  /** `isolation: program`: the context that takes the next run. */
  #kept: GuestContext | undefined;

  constructor(template: Template, options: PoolOptions) {
    this.#template = template;
    this.#options = options;
    const room = template.memoryMb * MEMORY_MB_BYTES * HEAP_SHARE_FOR_CONTEXTS;
    this.#contextsPerIsolate = Math.max(1, Math.floor(room / Math.max(1, template.figures.contextBytes)));
  }

  get warm(): number {
    return this.#warm.length;
  }

  /** Contexts that exist, warm ones included. */
  get live(): number {
    return this.#isolates.reduce((sum, isolate) => sum + isolate.live, 0);
  }

  get isolates(): number {
    return this.#isolates.length;
  }

  /** Whether `take` finds a context that was made ahead. */
  get ready(): boolean {
    return this.#options.isolation === 'program' ? this.#kept !== undefined : this.#warm.length > 0;
  }

  /** How long `take` may be under way: a fork that fails is tried once more. */
  get forkMsMax(): number {
    return 2 * forkMsMax(this.#template);
  }

  /** A context for this run: kept, warm, or forked now. @throws when the template cannot be forked */
  take(run: number): GuestContext {
    const context = this.#options.isolation === 'program' ? this.#takeKept() : (this.#warm.pop() ?? this.#fork());
    context.entered += 1;
    context.runs.add(run);
    return context;
  }

  /** Decides what becomes of a context when a run leaves it. */
  giveBack(context: GuestContext, run: number, fate: Fate): void {
    context.runs.delete(run);
    if (fate === 'lost') {
      this.#lose(context.isolate);
      return;
    }
    const keep = this.#options.isolation === 'program' && fate === 'fine' && context.entered < RUNS_PER_KEPT_CONTEXT;
    if (!keep) {
      context.retired = true;
      if (this.#kept === context) this.#kept = undefined;
    }
    if (context.retired && context.runs.size === 0) this.#release(context);
  }

  /** Makes one context ahead when fewer than `min` are ready. @returns whether it made one */
  refill(): boolean {
    if (this.#options.isolation === 'program') {
      if (this.#kept !== undefined || this.#options.min === 0) return false;
      this.#kept = this.#fork();
      return true;
    }
    if (this.#warm.length >= this.#options.min) return false;
    this.#warm.push(this.#fork());
    return true;
  }

  dispose(): void {
    for (const isolate of this.#isolates) isolate.dispose();
    this.#isolates.length = 0;
    this.#warm.length = 0;
    this.#kept = undefined;
  }

  #takeKept(): GuestContext {
    if (this.#kept === undefined || this.#kept.retired) this.#kept = this.#fork();
    return this.#kept;
  }

  /** A fork that fails may be the fault of a worn-out isolate: one more try in a new one. */
  #fork(): GuestContext {
    const isolate = this.#isolates.find((candidate) => candidate.live < this.#contextsPerIsolate);
    if (isolate !== undefined) {
      try {
        return isolate.fork();
      } catch {
        this.#lose(isolate);
      }
    }
    const fresh = new GuestIsolate(this.#template);
    try {
      const context = fresh.fork();
      this.#isolates.push(fresh);
      return context;
    } catch (error) {
      fresh.dispose();
      throw error;
    }
  }

  #release(context: GuestContext): void {
    const { isolate } = context;
    isolate.release(context);
    // Of several isolates the empty ones go: the burst that needed them is over.
    if (isolate.live === 0 && this.#isolates.length > 1) this.#remove(isolate);
  }

  #lose(isolate: GuestIsolate): void {
    for (let i = this.#warm.length - 1; i >= 0; i--) if (this.#warm[i]!.isolate === isolate) this.#warm.splice(i, 1);
    const runs: number[] = [];
    for (const context of isolate.contexts) {
      context.retired = true;
      runs.push(...context.runs);
      context.runs.clear();
    }
    if (this.#kept?.isolate === isolate) this.#kept = undefined;
    this.#remove(isolate);
    for (const run of runs) this.#options.onLost(run);
  }

  #remove(isolate: GuestIsolate): void {
    const at = this.#isolates.indexOf(isolate);
    if (at >= 0) this.#isolates.splice(at, 1);
    isolate.dispose();
  }
}
