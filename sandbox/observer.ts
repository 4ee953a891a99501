// What happens at the wall, for whoever wants to count or log it. All methods have empty bodies here; metrics and logs
// are implementations in `router/observers/`. Observers never throw.
import type { LogLine } from '#runtime';
import type { Code } from './errors.ts';
import type { EndReason } from './executor/executor.ts';
import type { Outcome } from './outcome.ts';

/** How a run went, when it is over. */
export interface Finished {
  outcome: Outcome;
  /** The code for the client; undefined when the guest's own answer was sent. */
  code: Code | undefined;
  /** The guest's error, its stack as V8 wrote it. */
  thrown: { name: string; message: string; stack: string } | undefined;
  cpuUs: number;
  /** Making of the context, when none was warm. */
  forkUs: number;
  queuedMs: number;
  wallMs: number;
  /** Time spent waiting for ops. */
  opsMs: number;
  slices: number;
  ops: number;
}

/** Which run an event belongs to. */
export interface RunLabel {
  readonly requestId: string;
  readonly program: string;
  readonly version: string;
}

export class Observer {
  /** A run got its permit. */
  admitted(_run: RunLabel, _queuedMs: number): void {}
  /** No permit: `overloaded`, `quarantined`, or the request was over while it waited. */
  refused(_run: RunLabel, _code: Code): void {}
  /** A slice came back. */
  sliced(_run: RunLabel, _cpuUs: number, _forkUs: number): void {}
  /** The machine gave a slice too little CPU before its time was up. */
  starved(_run: RunLabel): void {}
  /** A line of a guest's console, or of ours about a guest. */
  logged(_run: RunLabel, _level: LogLine['level'], _text: string, _code?: string): void {}
  /** Lines of a guest's console that were dropped. */
  dropped(_run: RunLabel, _lines: number): void {}
  finished(_run: RunLabel, _finished: Finished): void {}
  /** A run whose executor died is run once more. */
  ranAgain(_run: RunLabel): void {}
  executorStarted(_pid: number): void {}
  executorEnded(_pid: number, _reason: EndReason, _program: string | undefined, _lastWords: string): void {}
  /** An executor could not load a template that the builder had tried. */
  loadFailed(_program: string, _reason: string): void {}
  quarantined(_program: string, _ms: number): void {}
}
