// Real executors, served versions and clients for the tests of this folder. No part of the product.
import { fileURLToPath } from 'node:url';
import type { Answer } from '#runtime';
import { NO_LAYER2 } from './executor/confine.ts';
import type { EndReason } from './executor/executor.ts';
import { Executors, type ExecutorsOptions, type Runnable } from './executor/executors.ts';
import { monotonicMs } from './executor/register.ts';
import { type Finished, Observer, type RunLabel } from './observer.ts';
import type { Client, GuestRequest, ServedVersion } from './run.ts';
import { encodeTemplate, type Template } from './template/template.ts';
import { type ConfigParts, configOf, program, SETUP, templateOf } from './test-program.ts';

export const EXECUTOR_ENTRY: string = fileURLToPath(new URL('executor/main.ts', import.meta.url));

export interface Ended {
  pid: number;
  reason: EndReason;
  program: string | undefined;
}

/** Executors that note what ends. */
export function startExecutors(options: Partial<ExecutorsOptions> = {}): {
  executors: Executors;
  ended: Ended[];
  failed: string[];
  started: number[];
} {
  const ended: Ended[] = [];
  const failed: string[] = [];
  const started: number[] = [];
  const executors = new Executors({
    executors: 1,
    executorsMax: 8,
    rssBytesMax: 400_000_000,
    confine: { layer2: NO_LAYER2, entry: EXECUTOR_ENTRY },
    env: {},
    observer: {
      started: (pid) => started.push(pid),
      ended: (pid, reason, of) => ended.push({ pid, reason, program: of }),
      loadFailed: (of, reason) => failed.push(`${of}: ${reason}`),
    },
    ...options,
  });
  return { executors, ended, failed, started };
}

let lastRunnable = 0;

export interface ServedParts extends ConfigParts {
  contextsMax?: number;
  poolMin?: number;
  concurrencyMax?: number;
  fetchTemplate?: () => Promise<Uint8Array>;
}

/** A version that is served from this template. */
export function servedFrom(
  template: Template,
  { contextsMax = 16, poolMin = 0, concurrencyMax = 100, fetchTemplate, ...parts }: ServedParts = {},
): ServedVersion & { runnable: Runnable } {
  const { name, limits, isolation, namespace } = configOf(parts);
  const bytes = encodeTemplate(template);
  lastRunnable += 1;
  return {
    program: name,
    version: 'f'.repeat(64),
    limits,
    permits: { concurrencyMax, queueMax: 100, queueTimeoutMs: 10_000 },
    runnable: {
      id: lastRunnable,
      program: name,
      namespace,
      isolation,
      contextsMax,
      memoryMb: limits.memoryMb,
      pace: { sliceUs: 0 },
      head: { isolation, poolMin, cpuMs: limits.cpuMs, setup: SETUP },
      template: fetchTemplate ?? (async () => bytes),
    },
  };
}

/** A version whose handler has this body. */
export async function served(
  body: string,
  parts: ServedParts & { top?: string; mode?: Template['mode'] } = {},
): Promise<ServedVersion & { runnable: Runnable }> {
  return servedFrom(await templateOf(program(body, parts.top), parts), parts);
}

export function requestOf(more: Partial<GuestRequest> = {}): GuestRequest {
  return {
    requestId: 'r-1',
    traceparent: undefined,
    hops: 0,
    method: 'GET',
    url: 'http://test.localhost/',
    headers: [],
    body: undefined,
    arrivedMs: monotonicMs(),
    ...more,
  };
}

/** A client that keeps what it gets. */
export class TestClient implements Client {
  answered: Answer | undefined;
  body = '';
  ended = false;
  failed: string | undefined;
  /** Resolves with the first chunk of a streamed body. */
  readonly firstChunk: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #gone: (() => void) | undefined;

  answer(answer: Answer, body: Uint8Array | undefined): void {
    this.answered = answer;
    if (answer.body.kind === 'text') this.body = answer.body.text;
    if (body !== undefined) this.body = Buffer.from(body).toString();
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.body += Buffer.from(chunk).toString();
    this.firstChunk.resolve();
  }

  async end(): Promise<void> {
    this.ended = true;
  }

  fail(reason: string): void {
    this.failed ??= reason;
  }

  onGone(callback: () => void): void {
    this.#gone = callback;
  }

  leave(): void {
    this.#gone?.();
  }
}

/** Keeps log lines and events, and lets a test wait for them. */
export class TestObserver extends Observer {
  readonly lines: string[] = [];
  readonly events: string[] = [];
  readonly done: Finished[] = [];
  readonly #waiting: { matches: (event: string) => boolean; resolve: () => void }[] = [];

  /** Resolves when an event or a line has this text in it. */
  until(text: string): Promise<void> {
    const matches = (event: string) => event.includes(text);
    if ([...this.events, ...this.lines].some(matches)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  #note(list: string[], event: string): void {
    list.push(event);
    for (const waiter of this.#waiting) if (waiter.matches(event)) waiter.resolve();
  }

  override admitted(run: RunLabel): void {
    this.#note(this.events, `admitted ${run.requestId}`);
  }

  override refused(run: RunLabel, code: string): void {
    this.#note(this.events, `refused ${run.requestId} ${code}`);
  }

  override sliced(run: RunLabel): void {
    this.#note(this.events, `sliced ${run.requestId}`);
  }

  override starved(run: RunLabel): void {
    this.#note(this.events, `starved ${run.requestId}`);
  }

  override ranAgain(run: RunLabel): void {
    this.#note(this.events, `again ${run.requestId}`);
  }

  override dropped(run: RunLabel, lines: number): void {
    this.#note(this.events, `dropped ${run.requestId} ${lines}`);
  }

  override logged(_run: RunLabel, level: string, text: string, code?: string): void {
    this.#note(this.lines, code === undefined ? `${level}: ${text}` : `${level} ${code}: ${text}`);
  }

  override finished(run: RunLabel, finished: Finished): void {
    this.done.push({ ...finished });
    this.#note(this.events, `finished ${run.requestId} ${finished.outcome}`);
  }
}
