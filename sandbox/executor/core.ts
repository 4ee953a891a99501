// What an executor does with each frame: load a template, enter, settle, abort, drop. It owns the pools and the runs;
// it knows nothing of sockets. Slices are answered in the order in which they were asked for.
import { CALL } from '#runtime';
import { BOUNDS } from '../limits.ts';
import { decodeTemplate } from '../template/template.ts';
import { ContextPool, type Fate } from './context-pool.ts';
import { FRAME, type Frame, SLICE } from './frames.ts';
import { type GuestContext, transferable } from './isolate.ts';
import { LoadRatio } from './load-ratio.ts';
import type { RegisterWriter } from './register.ts';
import { collectOther, type HostArgument, runSlice, type SliceResult } from './slice.ts';
import { threadCpuUs } from './thread-cpu.ts';

/** What comes with a template: how the program is to be run. JSON text of a `load` frame. */
export interface LoadHead {
  isolation: 'request' | 'program';
  poolMin: number;
  cpuMs: number;
  /** JSON of `Setup`, the same for every request. */
  setup: string;
}

export interface ExecutorStats {
  contexts: number;
  warm: number;
  isolates: number;
  runs: number;
  /** Wall over CPU time of the latest slices. */
  loadRatio: number;
}

export interface CoreParts {
  register: RegisterWriter;
  send(type: number, fields: Partial<Frame>): void;
  /** Called before guest code runs: what was sent may go out now, or wait for long.
   * @param expectedUs how long slices of this template take, on average */
  beforeSlice(expectedUs: number): void;
}

/** Of the latest slice in the mean. */
const PACE_WEIGHT = 0.2;
const UNKNOWN_SLICE_US = 10_000;

interface LoadedTemplate {
  pool: ContextPool;
  head: LoadHead;
  /** How long its slices take, on average. A new one may take any time. */
  sliceUs: number;
}

interface Run {
  id: number;
  template: LoadedTemplate;
  context: GuestContext;
  cpuLeftUs: number;
}

export class ExecutorCore {
  readonly #parts: CoreParts;
  readonly #templates = new Map<number, LoadedTemplate>();
  readonly #runs = new Map<number, Run>();
  readonly #load = new LoadRatio();

  constructor(parts: CoreParts) {
    this.#parts = parts;
  }

  ready(): void {
    this.#parts.send(FRAME.ready, {});
  }

  take(frame: Frame): void {
    switch (frame.type) {
      case FRAME.load:
        return this.#loadTemplate(frame);
      case FRAME.unload:
        return this.#unloadTemplate(frame.id);
      case FRAME.enter:
        return this.#enter(frame);
      case FRAME.settle:
        return this.#settle(frame);
      case FRAME.abort:
        return this.#abort(frame.id);
      case FRAME.drop:
        return this.#drop(frame.id);
    }
  }

  /** Makes one context ahead. @returns whether there may be more to make */
  workAhead(): boolean {
    for (const { pool } of this.#templates.values()) {
      const wall = performance.now();
      const cpu = threadCpuUs();
      try {
        if (!pool.refill()) continue;
      } catch {
        // The next request of this program will meet the same failure, and report it.
        continue;
      }
      this.#load.add((performance.now() - wall) * 1000, threadCpuUs() - cpu);
      return true;
    }
    return false;
  }

  sendStats(): void {
    const pools = [...this.#templates.values()].map(({ pool }) => pool);
    const stats: ExecutorStats = {
      contexts: pools.reduce((sum, pool) => sum + pool.live, 0),
      warm: pools.reduce((sum, pool) => sum + pool.warm, 0),
      isolates: pools.reduce((sum, pool) => sum + pool.isolates, 0),
      runs: this.#runs.size,
      loadRatio: this.#load.value,
    };
    this.#parts.send(FRAME.stats, { text: JSON.stringify(stats) });
  }

  #loadTemplate({ id, text, bytes }: Frame): void {
    try {
      const head = JSON.parse(text) as LoadHead;
      const template = decodeTemplate(new Uint8Array(bytes!));
      const onLost = (run: number) => {
        if (this.#runs.delete(run)) this.#sendLost(run);
      };
      const pool = new ContextPool(template, { isolation: head.isolation, min: head.poolMin, onLost });
      this.#templates.set(id, { pool, head, sliceUs: UNKNOWN_SLICE_US });
      this.#parts.send(FRAME.loaded, { id });
    } catch (error) {
      this.#parts.send(FRAME.loaded, { id, text: `Cannot load template: ${(error as Error).message}` });
    }
  }

  #unloadTemplate(id: number): void {
    const template = this.#templates.get(id);
    if (template === undefined) return;
    this.#templates.delete(id);
    for (const run of [...this.#runs.values()]) if (run.template === template) this.#runs.delete(run.id);
    template.pool.dispose();
  }

  #enter({ id, a, b, text, bytes }: Frame): void {
    const template = this.#templates.get(a);
    if (template === undefined) return this.#sendLost(id);
    const { pool } = template;
    const { register } = this.#parts;
    if (!pool.ready) {
      // In no-snapshot mode the top level runs now: the run that wants it is to blame, and nobody waits behind it.
      this.#parts.beforeSlice(template.sliceUs);
      register.enter(id, pool.forkMsMax);
    }
    const start = performance.now();
    let context: GuestContext;
    try {
      context = pool.take(id);
    } catch {
      // Its heap has no room for one more context, though the builder had tried it.
      this.#parts.send(FRAME.slice, { id, flag: SLICE.memoryLimit, d: register.slice, text: '{}' });
      return;
    }
    const forkUs = Math.round((performance.now() - start) * 1000);
    const run: Run = { id, template, context, cpuLeftUs: template.head.cpuMs * 1000 };
    this.#runs.set(id, run);
    this.#slice(run, [CALL.enter, id, text, template.head.setup, ownBuffer(bytes)], b, forkUs);
  }

  #settle({ id, b, text, bytes }: Frame): void {
    const run = this.#runs.get(id);
    if (run === undefined) return; // lost meanwhile; that was reported
    this.#slice(run, [CALL.settle, id, text, ownBuffer(bytes)], b, 0);
  }

  /** One last slice, so that listeners of `request.signal` run; whatever it wants, the run is over. */
  #abort(id: number): void {
    const run = this.#runs.get(id);
    if (run !== undefined) {
      const result = this.#runSlice(run, [CALL.abort, id, Date.now()], run.template.head.cpuMs);
      this.#parts.send(FRAME.gone, { id, a: result.cpuUs, d: this.#parts.register.slice, text: result.text });
      this.#end(run, result.isolateLost ? 'lost' : 'tainted');
      this.#sendOthers(run, result);
    } else {
      this.#parts.send(FRAME.gone, { id });
    }
  }

  #drop(id: number): void {
    const run = this.#runs.get(id);
    if (run !== undefined) this.#end(run, 'tainted');
    this.#parts.send(FRAME.gone, { id });
  }

  #slice(run: Run, args: HostArgument[], wallLeftMs: number, forkUs: number): void {
    const result = this.#runSlice(run, args, wallLeftMs);
    this.#parts.send(FRAME.slice, {
      id: run.id,
      flag: result.kind,
      a: result.cpuUs,
      b: result.wallUs,
      c: forkUs,
      d: this.#parts.register.slice,
      text: result.text,
      bytes: result.bytes,
    });
    if (result.kind !== SLICE.waiting) this.#end(run, fateOf(result));
    this.#sendOthers(run, result);
  }

  /** Runs that wait for a promise of this one got something without a slice of their own (isolation `program`). */
  #sendOthers({ context }: Run, { others, isolateLost }: SliceResult): void {
    if (isolateLost) return;
    for (const id of others) {
      const other = this.#runs.get(id);
      if (other === undefined || other.context !== context) continue;
      const result = collectOther(context.isolate.isolate, context.host, id);
      this.#parts.send(FRAME.slice, { id, flag: result.kind, text: result.text, bytes: result.bytes });
      if (result.kind !== SLICE.waiting) this.#end(other, fateOf(result));
      if (result.isolateLost) return;
    }
  }

  #runSlice(run: Run, args: HostArgument[], wallLeftMs: number): SliceResult {
    const { template } = run;
    this.#parts.beforeSlice(template.sliceUs);
    const { isolate } = run.context.isolate;
    const budget = { run: run.id, cpuLeftUs: Math.max(1, run.cpuLeftUs), wallLeftMs };
    const result = runSlice(isolate, run.context.host, args, budget, {
      register: this.#parts.register,
      load: this.#load,
    });
    run.cpuLeftUs -= result.cpuUs;
    template.sliceUs += (result.wallUs - template.sliceUs) * PACE_WEIGHT;
    if (result.stray !== undefined) result.text = withStray(result.text, result.stray);
    return result;
  }

  #end(run: Run, fate: Fate): void {
    this.#runs.delete(run.id);
    run.template.pool.giveBack(run.context, run.id, fate);
  }

  #sendLost(id: number): void {
    this.#parts.send(FRAME.slice, { id, flag: SLICE.lost, text: '{}' });
  }
}

function fateOf({ kind, isolateLost, stray, text }: SliceResult): Fate {
  if (isolateLost) return 'lost';
  // It is the first member where there is one, as nothing was answered then.
  const threw = text.startsWith('{"thrown":');
  return kind === SLICE.done && stray === undefined && !threw ? 'fine' : 'tainted';
}

/** Adds an unhandled rejection to the log of an outbox, without trusting the outbox to be JSON. */
function withStray(text: string, stray: string): string {
  try {
    const outbox = JSON.parse(text) as { log?: unknown[] };
    outbox.log = [
      ...(Array.isArray(outbox.log) ? outbox.log : []),
      { level: 'warn', text: `Unhandled rejection: ${stray}` },
    ];
    const longer = JSON.stringify(outbox);
    return longer.length > BOUNDS.outboxChars ? text : longer;
  } catch {
    return text;
  }
}

/** The bytes of a frame belong to a chunk of the socket: the guest gets a copy of its own. */
function ownBuffer(bytes: Uint8Array | undefined): HostArgument {
  return bytes === undefined ? undefined : transferable(bytes);
}
