// Rounds in which every subject gets its turn, so that a noisy minute of the machine hits all of them alike. Of each
// subject the median of its rounds counts.
import type { Job, Throughput } from './generator.ts';
import { median } from './statistics.ts';

export interface Subject {
  name: string;
  url: string;
  host: string;
  connections: number;
}

export interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  failures: number;
  rounds: number[];
}

export interface RoundOptions {
  rounds: number;
  seconds: number;
  measure(job: Job): Promise<Throughput>;
  /** Once in each round, before the subjects. */
  between?: () => Promise<void>;
}

/** @returns the figures of each subject by its name */
export async function inRounds(
  subjects: readonly Subject[],
  { rounds, seconds, measure, between }: RoundOptions,
): Promise<Map<string, Measured>> {
  const results = new Map<string, Throughput[]>();
  for (let round = 0; round < rounds; round++) {
    await between?.();
    for (const { name, url, host, connections } of subjects) {
      const result = await measure({ url, host, connections, seconds });
      results.set(name, [...(results.get(name) ?? []), result]);
    }
  }
  return new Map([...results].map(([name, list]) => [name, summarise(list)]));
}

function summarise(list: readonly Throughput[]): Measured {
  const of = (key: keyof Throughput) => list.map((result) => result[key]);
  return {
    perSecond: median(of('perSecond')),
    p50Ms: median(of('p50Ms')),
    p99Ms: median(of('p99Ms')),
    failures: of('failures').reduce((sum, count) => sum + count, 0),
    rounds: of('perSecond').map(Math.round),
  };
}
