// The third argument of a handler. A guest may keep it beyond its request: then it refuses.
import { defineConstant } from './lazy.ts';
import { SymbolToStringTag, TypeError } from './primordials.ts';
import type { Run } from './run.ts';
import * as lazyWaitUntil from './wait-until.ts';

export class ExecutionContext {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  get requestId(): string {
    return this.#run.requestId;
  }

  /** The run goes on until `work` has settled. A rejection is logged. @throws TypeError when the request is over */
  waitUntil(work: unknown): void {
    lazyWaitUntil.waitFor(this.#run, work);
  }

  passThroughOnException(): never {
    throw new TypeError('passThroughOnException is not supported: there is no origin behind a program');
  }
}

defineConstant(ExecutionContext.prototype, SymbolToStringTag, 'ExecutionContext', 'hidden');
