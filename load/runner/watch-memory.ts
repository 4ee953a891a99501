// Looks at the memory of every process of a runner once a second while a scenario runs, and says afterwards whether
// it grew. Executors come and go, so they are added up; a sum that swings is compared by medians.
import { family, type Process } from './processes.ts';

const EVERY_MS = 1_000;
/** Growth that is still flat: V8 keeps pages it may need again. */
const SLACK_SHARE = 0.15;
const SLACK_BYTES = 24_000_000;

type Role = Process['role'];

export interface Growth {
  role: Role;
  /** Median of the second quarter of the run: what is before that is warming up. */
  earlyBytes: number;
  /** Median of the last quarter. */
  lateBytes: number;
  maxBytes: number;
  flat: boolean;
}

/** Watches until `stop()`, which tells the growth by role. */
export function watchMemory(pid: number): { stop(): Promise<Growth[]> } {
  const samples: Map<Role, number>[] = [];
  const look = async () => {
    const sums = new Map<Role, number>();
    for (const { role, rssBytes } of await family(pid)) sums.set(role, (sums.get(role) ?? 0) + rssBytes);
    samples.push(sums);
  };
  let looking: Promise<void> = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, EVERY_MS);
  const stop = async () => {
    clearInterval(timer);
    await looking;
    return growths(samples);
  };
  return { stop };
}

/** The growth of each long-lived role over samples taken at equal distances. */
export function growths(samples: readonly ReadonlyMap<Role, number>[]): Growth[] {
  return (['supervisor', 'ingress', 'executor'] as const).map((role) => {
    const series = samples.map((sums) => sums.get(role) ?? 0);
    const quarter = Math.max(1, Math.floor(series.length / 4));
    const earlyBytes = median(series.slice(quarter, 2 * quarter));
    const lateBytes = median(series.slice(-quarter));
    const flat = lateBytes <= earlyBytes * (1 + SLACK_SHARE) + SLACK_BYTES;
    return { role, earlyBytes, lateBytes, maxBytes: Math.max(0, ...series), flat };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
