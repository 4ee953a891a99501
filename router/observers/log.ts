// What happens at the wall as lines of a log. A guest's console line carries program, version and request id; the stack
// of a guest's error is written with places of the author's source, for which the map is fetched when it is first needed.
import type { Logger } from 'pino';
import type { LogLine } from '#runtime';
import { type Code, type Finished, Observer, type RunLabel } from '#sandbox';

const PINO_LEVEL = { trace: 'debug', debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

/** Names the compiled script in a stack. */
const COMPILED = 'program.js:';

export interface LogParts {
  logger: Logger;
  /** A stack text of the compiled script with the places of the author's source. */
  mapStack(run: RunLabel, stack: string): Promise<string>;
}

export class LogObserver extends Observer {
  readonly #logger: Logger;
  readonly #mapStack: LogParts['mapStack'];
  /** Lines of requests that wait for a map, in their order. Nearly always empty. */
  readonly #late = new Map<string, Promise<void>>();

  constructor({ logger, mapStack }: LogParts) {
    super();
    this.#logger = logger;
    this.#mapStack = mapStack;
  }

  override logged(run: RunLabel, level: LogLine['level'], text: string, code?: string): void {
    const source = code === undefined ? 'guest' : 'tine';
    const write = (mapped: string) => this.#logger[PINO_LEVEL[level]]({ ...label(run), source, code }, mapped);
    if (code === undefined && text.includes(COMPILED)) this.#writeMapped(run, text, write);
    else this.#inOrder(run, () => write(text));
  }

  override dropped(run: RunLabel, lines: number): void {
    this.#inOrder(run, () => this.#logger.warn({ ...label(run), source: 'tine' }, `${lines} lines dropped`));
  }

  override refused(run: RunLabel, code: Code): void {
    if (code !== 'cancelled') this.#logger.warn({ ...label(run), code }, 'refused');
  }

  override finished(run: RunLabel, { thrown, outcome }: Finished): void {
    if (thrown === undefined) return;
    const write = (stack: string) =>
      this.#logger.error({ ...label(run), outcome, source: 'guest', stack }, `${thrown.name}: ${thrown.message}`);
    this.#writeMapped(run, thrown.stack, write);
  }

  override ranAgain(run: RunLabel): void {
    this.#logger.warn(label(run), 'run once more, as its executor died');
  }

  override executorEnded(pid: number, reason: string, program: string | undefined, lastWords: string): void {
    const fields = { pid, reason, program, ...(lastWords === '' ? {} : { lastWords: lastWords.slice(-1_000) }) };
    this.#logger[reason === 'retired' ? 'debug' : 'warn'](fields, 'executor ended');
  }

  override loadFailed(program: string, reason: string): void {
    this.#logger.error({ program, reason }, 'template could not be loaded');
  }

  override quarantined(program: string, ms: number): void {
    this.#logger.error({ program, ms }, 'program put aside, as it keeps ending its executors');
  }

  /** Writes a text that has places of the compiled script; what the request logs meanwhile waits for it. */
  #writeMapped(run: RunLabel, text: string, write: (mapped: string) => void): void {
    const mapped = this.#mapStack(run, text).catch(() => text);
    this.#chain(run.requestId, async () => write(await mapped));
  }

  #inOrder({ requestId }: RunLabel, write: () => void): void {
    if (this.#late.has(requestId)) this.#chain(requestId, write);
    else write();
  }

  #chain(requestId: string, work: () => void | Promise<void>): void {
    const late = (this.#late.get(requestId) ?? Promise.resolve()).then(work);
    this.#late.set(requestId, late);
    void late.then(() => {
      if (this.#late.get(requestId) === late) this.#late.delete(requestId);
    });
  }
}

function label({ requestId, program, version }: RunLabel) {
  return { requestId, program, version: version.slice(0, 12) };
}
