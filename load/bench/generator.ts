// Throughput with many connections: wrk when it is on PATH, else autocannon, which takes more of the machine for
// itself. One run uses one generator for everything, or its figures could not be compared.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import autocannon from 'autocannon';

export interface Throughput {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were not 2xx, and connections that failed. */
  failures: number;
}

export interface Job {
  url: string;
  /** Value of the Host header. */
  host: string;
  connections: number;
  seconds: number;
}

/** The one that this run uses. */
export function chooseGenerator(): { name: 'wrk' | 'autocannon'; measure(job: Job): Promise<Throughput> } {
  try {
    execFileSync('wrk', ['-v'], { stdio: 'ignore' });
  } catch (error) {
    // wrk exits with 1 after it has told its version.
    if ((error as { code?: string }).code === 'ENOENT') return { name: 'autocannon', measure: withAutocannon };
  }
  return { name: 'wrk', measure: withWrk };
}

async function withWrk({ url, host, connections, seconds }: Job): Promise<Throughput> {
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-H', `Host: ${host}`, url];
  const { stdout } = await promisify(execFile)('wrk', flags);
  return parseWrk(stdout);
}

/** Reads wrk's own words: `50%  512.00us`, `Requests/sec:  4321.00`, `Non-2xx or 3xx responses: 3`. */
export function parseWrk(text: string): Throughput {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
    failures: number(/Non-2xx or 3xx responses: (\d+)/) + sockets.reduce((sum, count) => sum + Number(count), 0),
  };
}

function milliseconds(match: RegExpExecArray | null): number {
  const factor = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? 'ms'] ?? 1;
  return Number(match?.[1] ?? Number.NaN) * factor;
}

async function withAutocannon({ url, host, connections, seconds }: Job): Promise<Throughput> {
  const result = await autocannon({ url, connections, duration: seconds, headers: { host } });
  const { requests, latency, non2xx, errors } = result;
  return { perSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99, failures: non2xx + errors };
}
