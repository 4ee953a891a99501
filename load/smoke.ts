// Every example and a hello answer, under a light load, for a few seconds. CI runs it; it finds what is broken, not
// what is slow.
import { check } from 'k6';
import type { Options } from 'k6/options';
import { get, numberSetting, setting } from './shared/target.ts';
import { allChecks } from './shared/thresholds.ts';

export { handleSummary } from './shared/summary.ts';

import { trendStats } from './shared/summary.ts';

const programs = setting('PROGRAMS').split(',');

export const options: Options = {
  summaryTrendStats: trendStats,
  scenarios: {
    programs: {
      executor: 'constant-arrival-rate',
      rate: numberSetting('RATE', 50),
      duration: __ENV['DURATION'] ?? '12s',
      preAllocatedVUs: 50,
    },
  },
  thresholds: {
    // CI's machine may be busy with anything: this is about answers, `steady` is about time and rate.
    ...allChecks,
    http_req_failed: ['rate==0'],
    'http_req_duration{program:hello}': ['p(95)<2000'],
  },
};

export default function smoke(): void {
  const program = programs[Math.floor(Math.random() * programs.length)] as string;
  const response = get(program);
  check(response, {
    'answers 200': ({ status }) => status === 200,
    'has a body': ({ body }) => (body ?? '').length > 0,
    'has a request id': ({ headers }) => headers['X-Request-Id'] !== undefined,
  });
}
