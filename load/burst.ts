// Three times what the permits allow, twice: first with requests that wait, then with requests that compute. What is
// over gets its 503 at once, with Retry-After; what was let in is answered as well as before.
//
// `run.ts` gives 32 permits and a queue of 16. A waiting request holds its permit for 50 ms: 640 a second fit. A
// computing one takes about 10 ms of CPU: two cores do less than 200 a second, as k6 and the ingress share them.
import { check } from 'k6';
import type { Options } from 'k6/options';
import { trendStats } from './shared/summary.ts';
import { errorCode, get, numberSetting } from './shared/target.ts';
import { allChecks, keptItsRate, refusalLatency } from './shared/thresholds.ts';

export { handleSummary } from './shared/summary.ts';

const SECONDS = 12;
const rate = numberSetting('RATE', 2_000);

/** k6 makes a series of its own only for what a threshold names. */
export const options: Options = {
  summaryTrendStats: trendStats,
  scenarios: {
    waiting: {
      executor: 'constant-arrival-rate',
      exec: 'waiting',
      rate,
      duration: `${SECONDS}s`,
      preAllocatedVUs: 400,
    },
    computing: {
      executor: 'constant-arrival-rate',
      exec: 'computing',
      rate: Math.round(rate / 3),
      duration: `${SECONDS}s`,
      startTime: `${SECONDS + 2}s`,
      preAllocatedVUs: 400,
    },
  },
  thresholds: {
    ...keptItsRate,
    ...allChecks,
    'http_req_duration{program:waiting,status:503}': refusalLatency,
    'http_req_duration{program:computing,status:503}': refusalLatency,
    // 50 ms of waiting, and at most a queue of 16 before it.
    'http_req_duration{program:waiting,status:200}': ['p(95)<250'],
    // Permits and queue together are 48 requests of 10 ms, on less than two cores.
    'http_req_duration{program:computing,status:200}': ['p(95)<1500'],
    // Both kinds must have happened, else nothing was tested.
    'http_reqs{program:waiting,status:200}': ['count>1000'],
    'http_reqs{program:waiting,status:503}': ['count>100'],
    'http_reqs{program:computing,status:200}': ['count>100'],
    'http_reqs{program:computing,status:503}': ['count>100'],
  },
};

export function waiting(): void {
  burst('waiting');
}

export function computing(): void {
  burst('computing');
}

function burst(program: string): void {
  const response = get(program);
  check(response, {
    'is 200, or 503 overloaded': ({ status }) =>
      status === 200 || (status === 503 && errorCode(response) === 'overloaded'),
    'a 503 says when to come back': ({ status, headers }) => status === 200 || headers['Retry-After'] === '1',
  });
}
