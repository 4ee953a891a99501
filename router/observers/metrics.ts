// Counts what happens at the wall for Prometheus. Labels are bounded: programs up to a cap and outcomes, never a path,
// an address or an id. Handles of labelled children are kept, as looking one up costs more than counting.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Code, type Finished, Observer, type RunLabel } from '#sandbox';
import { HTTP } from '../limits.ts';

/** Read when the metrics are collected. */
export interface Levels {
  permitsInUse: number;
  queued: number;
  waitingForExecutor: number;
  /** Lines of the log that nobody took. */
  logLinesDropped: number;
  executors: { rssBytes: number; contexts: number; warm: number; runs: number }[];
}

interface Inc {
  inc(value?: number): void;
}

interface Observe {
  observe(value: number): void;
}

const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const OTHER = 'other';

export class MetricsObserver extends Observer {
  readonly #register: Registry;
  readonly #programs = new Set<string>();
  readonly #requests = new Map<string, Inc>();
  readonly #durations = new Map<string, Observe>();
  readonly #requestsTotal: Counter;
  readonly #requestSeconds: Histogram;
  readonly #refused: Counter;
  readonly #queueSeconds: Observe;
  readonly #forkSeconds: Observe;
  readonly #sliceCpuSeconds: Observe;
  readonly #restarts: Counter;
  readonly #starved: Inc;
  readonly #ranAgain: Inc;
  readonly #dropped: Inc;
  readonly #quarantines: Inc;

  constructor(register: Registry, levels: () => Levels) {
    super();
    this.#register = register;
    const counter = (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ name, help, labelNames, registers: [register] });
    const seconds = (name: string, help: string, labelNames: string[] = []) =>
      new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [register] });
    this.#requestsTotal = counter('tine_requests_total', 'Runs by program and outcome', ['program', 'outcome']);
    this.#requestSeconds = seconds('tine_request_seconds', 'Arrival to end of a run', ['program']);
    this.#refused = counter('tine_refused_total', 'Requests that got no permit, by code', ['program', 'code']);
    this.#queueSeconds = seconds('tine_queue_seconds', 'Wait for a permit');
    this.#forkSeconds = seconds('tine_fork_seconds', 'Making of a context when none was warm');
    this.#sliceCpuSeconds = seconds('tine_slice_cpu_seconds', 'CPU of one slice');
    this.#restarts = counter('tine_executor_restarts_total', 'Executors that ended, by reason', ['reason']);
    this.#starved = counter(
      'tine_slices_starved_total',
      'Slices that ran out of wall time before they had their CPU time',
    );
    this.#ranAgain = counter('tine_runs_again_total', 'Runs that were run once more as their executor had died');
    this.#dropped = counter('tine_log_lines_dropped_total', 'Lines of guests beyond log_bytes');
    this.#quarantines = counter('tine_quarantines_total', 'Times a program was put aside');
    defineLevels(register, levels);
  }

  override admitted(_run: RunLabel, queuedMs: number): void {
    this.#queueSeconds.observe(queuedMs / 1000);
  }

  override refused({ program }: RunLabel, code: Code): void {
    this.#refused.labels(this.#label(program), code).inc();
  }

  override sliced(_run: RunLabel, cpuUs: number, forkUs: number): void {
    this.#sliceCpuSeconds.observe(cpuUs / 1e6);
    if (forkUs > 0) this.#forkSeconds.observe(forkUs / 1e6);
  }

  override starved(): void {
    this.#starved.inc();
  }

  override dropped(_run: RunLabel, lines: number): void {
    this.#dropped.inc(lines);
  }

  override ranAgain(): void {
    this.#ranAgain.inc();
  }

  override quarantined(): void {
    this.#quarantines.inc();
  }

  override executorEnded(_pid: number, reason: string): void {
    if (reason !== 'retired') this.#restarts.labels(reason).inc();
  }

  override finished({ program }: RunLabel, { outcome, wallMs }: Finished): void {
    const label = this.#label(program);
    const key = `${label} ${outcome}`;
    let requests = this.#requests.get(key);
    if (requests === undefined) {
      requests = this.#requestsTotal.labels(label, outcome);
      this.#requests.set(key, requests);
    }
    requests.inc();
    let durations = this.#durations.get(label);
    if (durations === undefined) {
      durations = this.#requestSeconds.labels(label);
      this.#durations.set(label, durations);
    }
    durations.observe(wallMs / 1000);
  }

  text(): Promise<string> {
    return this.#register.metrics();
  }

  #label(program: string): string {
    if (this.#programs.has(program)) return program;
    if (this.#programs.size >= HTTP.programLabelsMax) return OTHER;
    this.#programs.add(program);
    return program;
  }
}

function defineLevels(register: Registry, levels: () => Levels): void {
  const gauge = (name: string, help: string, read: (now: Levels) => number) =>
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        this.set(read(levels()));
      },
    });
  const sum = (read: (executor: Levels['executors'][number]) => number) => (now: Levels) =>
    now.executors.reduce((total, executor) => total + read(executor), 0);
  new Counter({
    name: 'tine_ingress_log_lines_dropped_total',
    help: 'Log lines of the ingress that nobody took',
    registers: [register],
    collect() {
      this.reset();
      this.inc(levels().logLinesDropped);
    },
  });
  gauge('tine_permits_in_use', 'Permits held by running guests', (now) => now.permitsInUse);
  gauge('tine_queue_length', 'Requests that wait for a permit', (now) => now.queued);
  gauge('tine_executor_queue_length', 'Runs that wait for an executor', (now) => now.waitingForExecutor);
  gauge('tine_executors', 'Executors that are alive', (now) => now.executors.length);
  gauge(
    'tine_executor_rss_bytes',
    'Resident memory of all executors',
    sum(({ rssBytes }) => rssBytes),
  );
  gauge(
    'tine_contexts',
    'Contexts that exist in all executors',
    sum(({ contexts }) => contexts),
  );
  gauge(
    'tine_contexts_warm',
    'Contexts made ahead',
    sum(({ warm }) => warm),
  );
}
