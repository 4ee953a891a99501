// One executor as the ingress sees it: a child process that is fed frames, watched, and killed. It may die at any
// instant; then every run in it learns what happened, and whose slice it was. A slice that misses its deadline and a
// process that grows past its ceiling end by SIGKILL: some guest code cannot be stopped in any other way.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { BOUNDS, LIMITS } from '../limits.ts';
import type { ExecutorStats, LoadHead } from './core.ts';
import { FRAME, type Frame, FrameReader, FrameWriter, ProtocolError, SLICE } from './frames.ts';
import { monotonicMs, openRegister, type RegisterEntry, RegisterReader } from './register.ts';

/** Why an executor ended, as a value. */
export type EndReason =
  /** A slice missed its deadline. */
  | 'slice_deadline'
  /** RSS above the ceiling. */
  | 'rss'
  /** It had work and made no progress outside of any slice. */
  | 'hung'
  /** It sent something that no executor sends. */
  | 'protocol'
  /** It was not needed any more. */
  | 'retired'
  /** Ended by a signal that came from outside. */
  | 'outside'
  /** Died by itself, on a signal that says a fault: SIGSEGV, SIGTRAP, SIGABRT … */
  | 'fault'
  /** Died by itself, out of memory. */
  | 'out_of_memory';

/** What a slice came back with, or that its executor died. */
export interface SliceReply {
  kind: (typeof SLICE)[keyof typeof SLICE] | 'died';
  cpuUs: number;
  wallUs: number;
  forkUs: number;
  text: string;
  bytes: Uint8Array | undefined;
  /** For `died`: why, and whether this run's slice was the one that ran. */
  reason?: EndReason;
  culprit?: boolean;
}

/** A run as its executor knows it. */
export interface RemoteRun {
  readonly id: number;
  /** Called once for each slice that was asked for. */
  reply: ((reply: SliceReply) => void) | undefined;
  /** Called when something came of the run in the slice of another one; undefined where runs share no context. */
  readonly unasked: ((reply: SliceReply) => void) | undefined;
  /** Called when the executor dies while no slice of the run is under way. */
  lost: ((reason: EndReason) => void) | undefined;
  /** Called when the context is gone for good. */
  gone: ((text: string) => void) | undefined;
}

export interface ExecutorOptions {
  command: { command: string; args: string[] };
  env: Record<string, string>;
  /** Asked for at each look, as it grows with the programs. */
  rssBytesMax(): number;
  onReady(executor: Executor): void;
  /** A slice came back: there is room for more. */
  onProgress(executor: Executor): void;
  onEnd(executor: Executor, reason: EndReason, culprit: number | undefined): void;
  onLoadFailed(executor: Executor, template: number, reason: string): void;
}

const STDERR_CHARS_MAX = 8_192;
const PAGE_BYTES = 4_096;
/** Without an entered slice: making contexts, loading templates. Script mode runs a top level there, of at most 10 s. */
const HUNG_MS = 15_000;
/** No slice has more, and no fork takes longer. */
const SLICE_MS_MAX = LIMITS.wallMs.max;
/** Both clocks are the same, but `now` was read a little earlier. */
const FUTURE_MS_MAX = 1_000;
const FRAME_BYTES_MAX = BOUNDS.outboxChars * 3 + BOUNDS.outboxBytes + 4_096;
const OUT_OF_MEMORY = /heap out of memory|Allocation failed|out of memory|OOM|invalid size error/i;
/** Endings that are the fault of the run whose slice was under way. */
const BLAMES = new Set<EndReason>(['slice_deadline', 'rss', 'fault', 'out_of_memory']);
const FAULT_SIGNALS = new Set(['SIGSEGV', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS']);

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #register: RegisterReader;
  readonly #writer = new FrameWriter();
  readonly #runs = new Map<number, RemoteRun>();
  readonly #templates = new Set<number>();
  #flushing = false;
  #stderr = '';
  #endReason: EndReason | undefined;
  #progressMs = monotonicMs();
  #answeredSlice = 0;
  #rssBytes = 0;
  /** Slices asked for and not answered, by weight. */
  outstanding = 0;
  state: 'starting' | 'ready' | 'retiring' | 'ended' = 'starting';
  /** It has come up: what ends it later is not a fault of its start. */
  wasReady = false;
  stats: ExecutorStats = { contexts: 0, warm: 0, isolates: 0, runs: 0, loadRatio: 1 };

  constructor(options: ExecutorOptions) {
    this.#options = options;
    const registerFd = openRegister();
    this.#register = new RegisterReader(registerFd);
    const { command, args } = options.command;
    this.#child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', registerFd], env: options.env });
    this.#socket = this.#child.stdio[3] as unknown as Socket;
    const reader = new FrameReader((frame) => this.#take(frame), { frameBytesMax: FRAME_BYTES_MAX });
    this.#socket.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    this.#socket.on('error', () => {}); // the exit of the process says it all
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX);
    });
    this.#child.on('error', () => this.#ended('fault'));
    // `close` and not `exit`: answers that are still in the socket come first.
    this.#child.on('close', (_code, signal) => this.#ended(this.#endReason ?? this.#whyExited(signal)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get runs(): number {
    return this.#runs.size;
  }

  get rssBytes(): number {
    return this.#rssBytes;
  }

  /** What it wrote before it died, for the operator's log. */
  get lastWords(): string {
    return this.#stderr.trim();
  }

  has(template: number): boolean {
    return this.#templates.has(template);
  }

  load(template: number, head: LoadHead, bytes: Uint8Array): void {
    this.#templates.add(template);
    this.#send(FRAME.load, { id: template, text: JSON.stringify(head), bytes });
  }

  unload(template: number): void {
    if (this.#templates.delete(template)) this.#send(FRAME.unload, { id: template });
  }

  enter(run: RemoteRun, template: number, wallLeftMs: number, head: string, body: Uint8Array | undefined): void {
    this.#runs.set(run.id, run);
    this.#send(FRAME.enter, { id: run.id, a: template, b: wallLeftMs, text: head, bytes: body });
  }

  settle(run: RemoteRun, wallLeftMs: number, settlement: string, bytes: Uint8Array | undefined): void {
    this.#send(FRAME.settle, { id: run.id, b: wallLeftMs, text: settlement, bytes });
  }

  /** Answered through `run.gone`. */
  abort(run: RemoteRun): void {
    this.#send(FRAME.abort, { id: run.id });
  }

  drop(run: RemoteRun): void {
    this.#send(FRAME.drop, { id: run.id });
  }

  kill(reason: EndReason): void {
    if (this.state === 'ended') return;
    this.#endReason ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Looks whether it has to be killed; called every `BOUNDS.watchEveryMs`. */
  watch(now: number): void {
    if (this.state === 'ended') return;
    this.#rssBytes = readRssBytes(this.pid);
    if (this.#rssBytes > this.#options.rssBytesMax()) return this.kill('rss');
    if (this.#runs.size === 0) return;
    const entry = this.#register.read();
    if (this.#isInside(entry)) {
      if (isLate(entry, now) && isSame(entry, this.#register.read())) this.kill('slice_deadline');
    } else if (now > this.#progressMs + HUNG_MS && this.#owesAnswer()) {
      this.kill('hung');
    }
  }

  #owesAnswer(): boolean {
    for (const { reply, gone } of this.#runs.values()) if (reply !== undefined || gone !== undefined) return true;
    return false;
  }

  /** The register is one slice ahead of the answers: the executor is in that slice, or its answer is on the way. */
  #isInside({ slice }: RegisterEntry): boolean {
    return slice !== this.#answeredSlice && slice !== 0;
  }

  #send(type: number, fields: Parameters<FrameWriter['add']>[1]): void {
    if (this.state === 'ended') return;
    this.#writer.add(type, fields);
    if (this.#flushing) return;
    this.#flushing = true;
    // All that is written in this turn of the event loop goes out in one piece.
    setImmediate(() => {
      this.#flushing = false;
      if (this.state !== 'ended') this.#socket.write(this.#writer.take());
    });
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    if (this.#endReason === 'protocol') return;
    try {
      reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.kill('protocol');
      return;
    }
    if (this.state !== 'ended') this.#options.onProgress(this);
  }

  #take(frame: Frame): void {
    this.#progressMs = monotonicMs();
    switch (frame.type) {
      case FRAME.ready:
        if (this.state === 'starting') this.state = 'ready';
        this.wasReady = true;
        return this.#options.onReady(this);
      case FRAME.loaded:
        if (frame.text !== '') this.#options.onLoadFailed(this, frame.id, frame.text);
        return;
      case FRAME.slice:
        return this.#takeSlice(frame);
      case FRAME.gone:
        return this.#takeGone(frame);
      case FRAME.stats:
        this.stats = parseStats(frame.text);
        return;
      default:
        throw new ProtocolError(`frame type ${frame.type} is not one of an executor`);
    }
  }

  #takeSlice({ id, flag, a, b, c, d, text, bytes }: Frame): void {
    if (flag < SLICE.waiting || flag > SLICE.lost) throw new ProtocolError(`slice kind ${flag} is unknown`);
    const run = this.#runs.get(id);
    // Runs that are lost through another one, or get something from it, have asked for nothing.
    const take = run?.reply ?? (run?.gone === undefined ? run?.unasked : undefined);
    if (run !== undefined && run.reply === undefined) {
      if (run.gone !== undefined) return; // it is being left, and `gone` is on its way
      if (flag === SLICE.lost) return this.#loseRun(run);
    }
    if (run === undefined || take === undefined) {
      throw new ProtocolError(`run ${id} has no slice under way in this executor`);
    }
    if (d !== 0) this.#answeredSlice = d;
    const kind = flag as (typeof SLICE)[keyof typeof SLICE];
    if (kind !== SLICE.waiting) this.#runs.delete(id);
    run.reply = undefined;
    take({ kind, cpuUs: a, wallUs: b, forkUs: c, text, bytes });
  }

  #loseRun(run: RemoteRun): void {
    this.#runs.delete(run.id);
    run.lost?.('out_of_memory');
  }

  #takeGone({ id, d, text }: Frame): void {
    const run = this.#runs.get(id);
    if (run?.gone === undefined) throw new ProtocolError(`run ${id} is not being left in this executor`);
    if (d !== 0) this.#answeredSlice = d;
    this.#runs.delete(id);
    run.gone(text);
  }

  #whyExited(signal: NodeJS.Signals | null): EndReason {
    if (OUT_OF_MEMORY.test(this.#stderr)) return 'out_of_memory';
    if (signal !== null && !FAULT_SIGNALS.has(signal)) return 'outside';
    return this.#rssBytes > this.#options.rssBytesMax() / 2 ? 'out_of_memory' : 'fault';
  }

  #ended(reason: EndReason): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    const entry = this.#register.read();
    this.#register.close();
    this.#socket.destroy();
    // The register is the executor's word: it can accuse only a run of its own.
    const inside = BLAMES.has(reason) && this.#isInside(entry) && this.#runs.has(entry.run) ? entry.run : undefined;
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    this.outstanding = 0;
    this.#options.onEnd(this, reason, inside);
    for (const run of runs) tellDeath(run, reason, run.id === inside);
  }
}

/** What is no number, or in the future, was written by nobody of ours. */
function isLate({ enteredMs, timeoutMs }: RegisterEntry, now: number): boolean {
  const deadlineMs = enteredMs + Math.min(timeoutMs, SLICE_MS_MAX) + BOUNDS.killGraceMs;
  return !(now <= deadlineMs) || enteredMs > now + FUTURE_MS_MAX;
}

/** What is read while it is being written may be half of one slice and half of the next. */
function isSame(a: RegisterEntry, b: RegisterEntry): boolean {
  return a.slice === b.slice && Object.is(a.enteredMs, b.enteredMs) && Object.is(a.timeoutMs, b.timeoutMs);
}

function tellDeath(run: RemoteRun, reason: EndReason, culprit: boolean): void {
  const { reply, gone, lost } = run;
  run.reply = undefined;
  if (gone !== undefined) gone('');
  else if (reply !== undefined)
    reply({ kind: 'died', cpuUs: 0, wallUs: 0, forkUs: 0, text: '{}', bytes: undefined, reason, culprit });
  else lost?.(reason);
}

/** @returns 0 when it cannot be read: the process has just ended, or there is no /proc */
function readRssBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

/** @throws ProtocolError */
function parseStats(text: string): ExecutorStats {
  let parsed: Partial<Record<keyof ExecutorStats, unknown>> | null;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ProtocolError('stats must be JSON');
  }
  const number = (name: keyof ExecutorStats) => {
    const value = parsed?.[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ProtocolError(`stats.${name} must be a number`);
    return value;
  };
  return {
    contexts: number('contexts'),
    warm: number('warm'),
    isolates: number('isolates'),
    runs: number('runs'),
    loadRatio: number('loadRatio'),
  };
}
