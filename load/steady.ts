// A constant arrival rate of the same light request for a while: latency without queueing effects of the generator.
import { check } from 'k6';
import type { Options } from 'k6/options';
import { trendStats } from './shared/summary.ts';
import { get, numberSetting } from './shared/target.ts';
import { allChecks, keptItsRate, lightLatency } from './shared/thresholds.ts';

export { handleSummary } from './shared/summary.ts';

export const options: Options = {
  summaryTrendStats: trendStats,
  scenarios: {
    hello: {
      executor: 'constant-arrival-rate',
      rate: numberSetting('RATE', 500),
      duration: __ENV['DURATION'] ?? '30s',
      preAllocatedVUs: 200,
    },
  },
  thresholds: { ...keptItsRate, ...allChecks, 'http_req_duration{program:hello}': lightLatency },
};

export default function steady(): void {
  check(get('hello'), { 'answers hello': ({ status, body }) => status === 200 && body === 'hello' });
}
