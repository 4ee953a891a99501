// A long time of mixed work, one request in twenty hostile. `run.ts` watches the memory of every process meanwhile,
// and fails when it grows. `DURATION=1h npm run load -- soak`
import { check } from 'k6';
import type { Options } from 'k6/options';
import { trendStats } from './shared/summary.ts';
import { errorCode, get, numberSetting } from './shared/target.ts';
import { keptItsRate } from './shared/thresholds.ts';

export { handleSummary } from './shared/summary.ts';

const ATTACKS = ['/loop', '/allocate', '/reject', '/throw', '/never'];

export const options: Options = {
  summaryTrendStats: trendStats,
  scenarios: {
    mixed: {
      executor: 'constant-arrival-rate',
      rate: numberSetting('RATE', 60),
      duration: __ENV['DURATION'] ?? '10m',
      preAllocatedVUs: 100,
    },
  },
  thresholds: {
    ...keptItsRate,
    'checks{kind:good}': ['rate==1'],
    'checks{kind:hostile}': ['rate==1'],
    'http_req_duration{kind:good}': ['p(95)<100', 'p(99)<300'],
  },
};

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

export default function soak(): void {
  if (Math.random() < 0.05) {
    const kind = { kind: 'hostile' };
    const response = get('hostile', pick(ATTACKS), kind);
    check(response, { 'an attack never succeeds': ({ status }) => status >= 500 && errorCode(response) !== '' }, kind);
    return;
  }
  const kind = { kind: 'good' };
  check(get(pick(['hello', 'waiting', 'good']), '/', kind), { 'answers 200': ({ status }) => status === 200 }, kind);
}
