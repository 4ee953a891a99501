// Builds templates in children that may die. One child waits warm; each builds once and is killed. A build has a
// deadline, an address space, and two tries: as a snapshot, and, where V8 cannot snapshot the program, in no-snapshot
// mode. Only a template that was tried comes out.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { CODES, type Details, TineError } from '../errors.ts';
import { type ConfineOptions, confined, GUEST_ENV } from '../executor/confine.ts';
import { type Frame, FrameReader, FrameWriter, ProtocolError } from '../executor/frames.ts';
import { BOUNDS } from '../limits.ts';
import type { Upload } from '../template/key.ts';
import { type BuildWarning, headOf, type TemplateHead } from '../template/template.ts';
import { blame } from './blame.ts';
import { BUILD_FRAME, type BuildFailure, type BuildJob, type BuildPhase } from './job.ts';

export interface Built {
  /** Encoded, see `template/template.ts`. */
  bytes: Buffer;
  template: TemplateHead;
}

export interface BuilderOptions {
  confine: Omit<ConfineOptions, 'args' | 'nodeFlags' | 'addressSpaceBytes'>;
  /** Builds at once; further ones wait. */
  concurrency?: number;
  env?: Record<string, string>;
}

type Ending =
  | { kind: 'built'; built: Built }
  | { kind: 'failed'; failure: BuildFailure }
  | { kind: 'died'; phase: BuildPhase | undefined; signal: string; lastWords: string }
  | { kind: 'late'; phase: BuildPhase | undefined };

const PHASES: readonly BuildPhase[] = ['compile', 'init', 'trial'];
const ADDRESS_SPACE_BYTES = 4_294_967_296;
/** For compiling alone: bounded by the size of the source, so this is never met in good order. */
const COMPILE_MS_MAX = 15_000;
const BUILT_BYTES_MAX = 200_000_000;
const STDERR_CHARS_MAX = 8_192;
/** The second one bounds what Node's own type stripper reserves: two gigabytes of address space otherwise. */
const NODE_FLAGS = ['--max-heap-size=512', '--wasm-max-mem-pages=2048'];
/** Read when the compiler's native part is loaded: without them it reserves more address space than a builder has. */
const COMPILER_ENV = {
  MIMALLOC_ARENA_RESERVE: '65536',
  MALLOC_ARENA_MAX: '2',
  ROLLDOWN_WORKER_THREADS: '1',
  ROLLDOWN_MAX_BLOCKING_THREADS: '1',
  RAYON_NUM_THREADS: '1',
  // Source that is nested thousands of levels deep otherwise overflows the stack of the compiler's thread.
  RUST_MIN_STACK: '67108864',
};

export class Builder {
  readonly #options: BuilderOptions;
  readonly #concurrency: number;
  readonly #waiting: (() => void)[] = [];
  readonly #children = new Set<BuilderChild>();
  #warm: BuilderChild | undefined;
  #running = 0;
  #ended = false;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency ?? 2;
    this.#warm = this.#spawn();
  }

  /** @param bundle text of the language's bundle
   * @throws TineError one of the 422 codes, with `details` for the author */
  async build(upload: Upload, bundle: string): Promise<Built> {
    await this.#turn();
    try {
      return await this.#buildInTurn(upload, bundle);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next(); // the turn is handed over, so that nobody can come in between
    }
  }

  /** Ends all children at once. */
  end(): void {
    this.#ended = true;
    for (const child of this.#children) child.kill();
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#concurrency) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #buildInTurn(upload: Upload, bundle: string): Promise<Built> {
    const { mode } = upload.config.snapshot;
    if (mode === 'off') return this.#finish(await this.#run({ upload, bundle, mode: 'script', warnings: [] }), upload);
    const ending = await this.#run({ upload, bundle, mode: 'snapshot', warnings: [] });
    const why = whyNoSnapshot(ending, upload);
    if (why === undefined || mode === 'require') return this.#finish(ending, upload);
    const second = await this.#run({ upload, bundle, mode: 'script', warnings: [{ code: 'no_snapshot', ...why }] });
    return this.#finish(second.kind === 'built' ? second : ending, upload);
  }

  #finish(ending: Ending, upload: Upload): Built {
    switch (ending.kind) {
      case 'built':
        return ending.built;
      case 'failed':
        throw new TineError(ending.failure.code, undefined, { details: ending.failure.details });
      case 'late': {
        const text = `the top level must end within init_ms = ${upload.config.limits.initMs}: it was still running`;
        throw new TineError('build_timeout', undefined, { details: { text, ...blame(upload) } });
      }
      case 'died': {
        // It never got as far as the program: the fault is ours, or that of the machine.
        if (ending.phase === undefined && ending.signal.startsWith('exit code')) {
          throw new TineError(
            'internal',
            `the builder did not start: ${ending.signal} ${ending.lastWords.slice(-500)}`,
          );
        }
        const code = ending.phase === 'trial' ? 'unloadable_template' : 'build_crashed';
        const text = `the builder died of ${ending.signal} in phase ${ending.phase ?? 'start'}${hintOf(ending)}`;
        throw new TineError(code, undefined, { details: { text, signal: ending.signal, ...blame(upload) } });
      }
    }
  }

  async #run(job: BuildJob): Promise<Ending> {
    if (this.#ended) throw new TineError('draining', 'The builder has been ended');
    const child = this.#warm ?? this.#spawn();
    this.#warm = undefined;
    try {
      const ending = child.run(job);
      if (!this.#ended) this.#warm = this.#spawn();
      const ended = await ending;
      if (this.#ended) throw new TineError('draining', 'The builder has been ended');
      return ended;
    } finally {
      child.kill();
    }
  }

  #spawn(): BuilderChild {
    const child = new BuilderChild(this.#options, () => {
      this.#children.delete(child);
      if (this.#warm === child) this.#warm = undefined;
    });
    this.#children.add(child);
    return child;
  }
}

/** @returns the reason when another try without a snapshot makes sense */
function whyNoSnapshot(ending: Ending, upload: Upload): (Omit<BuildWarning, 'code'> & Details) | undefined {
  if (ending.kind === 'failed' && ending.failure.retry) {
    return { text: `served without a snapshot: ${ending.failure.details.text}`, ...blame(upload) };
  }
  if (ending.kind === 'died' && (ending.phase === 'init' || ending.phase === 'trial')) {
    const culprit = blame(upload);
    const hint =
      typeof culprit['hint'] === 'string' ? culprit['hint'] : `V8 died of ${ending.signal} in phase ${ending.phase}`;
    return { text: `served without a snapshot: ${hint}`, ...culprit };
  }
  return undefined;
}

/** @throws when it is not the JSON of a failure */
function parseFailure(text: string): BuildFailure {
  const { code, details, retry } = JSON.parse(text) as BuildFailure;
  if (!Object.hasOwn(CODES, code) || typeof details !== 'object' || details === null || typeof retry !== 'boolean') {
    throw new ProtocolError('failure must have a code, details and retry');
  }
  return { code, details, retry };
}

function hintOf({ phase, signal }: Extract<Ending, { kind: 'died' }>): string {
  return phase === 'compile' && signal === 'SIGSEGV' ? ': the source is most likely nested too deeply' : '';
}

class BuilderChild {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  #phase: BuildPhase | undefined;
  #stderr = '';
  #end: ((ending: Ending) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #initMs = 0;
  #exited: string | undefined;

  constructor({ confine, env = {} }: BuilderOptions, onExit: () => void) {
    const line = confined({ ...confine, addressSpaceBytes: ADDRESS_SPACE_BYTES, nodeFlags: NODE_FLAGS });
    this.#child = spawn(line.command, line.args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...GUEST_ENV, ...COMPILER_ENV, ...env },
    });
    this.#socket = this.#child.stdio[3] as unknown as Socket;
    this.#socket.on('error', () => {}); // the exit of the process says it all
    const reader = new FrameReader((frame) => this.#take(frame), { frameBytesMax: BUILT_BYTES_MAX });
    this.#socket.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX);
    });
    const exited = (signal: string) => {
      this.#exited = signal;
      onExit();
      this.#finish({ kind: 'died', phase: this.#phase, signal, lastWords: this.#stderr });
    };
    this.#child.on('error', (error) => exited(error.message));
    this.#child.on('close', (code, signal) => exited(signal ?? `exit code ${code}`));
  }

  run(job: BuildJob): Promise<Ending> {
    this.#initMs = job.upload.config.limits.initMs;
    return new Promise((resolve) => {
      this.#end = resolve;
      if (this.#exited !== undefined) {
        this.#finish({ kind: 'died', phase: undefined, signal: this.#exited, lastWords: this.#stderr });
        return;
      }
      this.#deadline(COMPILE_MS_MAX);
      const writer = new FrameWriter();
      writer.add(BUILD_FRAME.job, { text: JSON.stringify(job) });
      this.#socket.write(writer.take());
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** What a child sends is as little to be trusted as what an executor sends: it has run the guest's top level. */
  #read(reader: FrameReader, chunk: Buffer): void {
    if (this.#end === undefined && this.#initMs > 0) return; // it has ended
    try {
      reader.push(chunk);
    } catch (error) {
      const signal = `a broken protocol: ${(error as Error).message}`;
      this.#finish({ kind: 'died', phase: this.#phase, signal, lastWords: this.#stderr });
      this.kill();
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case BUILD_FRAME.ready:
        return;
      case BUILD_FRAME.phase:
        return this.#takePhase(frame.text);
      case BUILD_FRAME.built: {
        const bytes = Buffer.from(frame.bytes ?? []);
        return this.#finish({ kind: 'built', built: { bytes, template: headOf(bytes) } });
      }
      case BUILD_FRAME.failed:
        return this.#finish({ kind: 'failed', failure: parseFailure(frame.text) });
      default:
        throw new ProtocolError(`frame type ${frame.type} is not one of a builder`);
    }
  }

  /** Each phase comes once, so that nobody gets its time twice. */
  #takePhase(text: string): void {
    const at = PHASES.indexOf(text as BuildPhase);
    if (at !== (this.#phase === undefined ? 0 : PHASES.indexOf(this.#phase) + 1)) {
      throw new ProtocolError(`phase "${text.slice(0, 20)}" cannot follow "${this.#phase}"`);
    }
    this.#phase = PHASES[at]!;
    if (this.#phase === 'init') this.#deadline(this.#initMs + BOUNDS.buildOverheadMs - 500);
  }

  #deadline(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#finish({ kind: 'late', phase: this.#phase });
      this.kill();
    }, ms);
  }

  #finish(ending: Ending): void {
    clearTimeout(this.#timer);
    this.#end?.(ending);
    this.#end = undefined;
  }
}
