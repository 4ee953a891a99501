// Fifty deploys of one program under traffic (D09). No request fails; each answer is wholly of one version, in head
// and body; and after the 201 the very next request is answered by the new one.
import { check, sleep } from 'k6';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { trendStats } from './shared/summary.ts';
import { CONTROL_URL, get, numberSetting, TOKEN } from './shared/target.ts';
import { allChecks, keptItsRate } from './shared/thresholds.ts';

export { handleSummary } from './shared/summary.ts';

const DEPLOYS = numberSetting('DEPLOYS', 50);
const EVERY_SECONDS = 0.7;
const source = open('./programs/numbered.js');

export const options: Options = {
  summaryTrendStats: trendStats,
  setupTimeout: '30s',
  scenarios: {
    deploys: { executor: 'per-vu-iterations', exec: 'deploys', vus: 1, iterations: DEPLOYS, maxDuration: '5m' },
    readers: {
      executor: 'constant-arrival-rate',
      exec: 'readers',
      rate: numberSetting('RATE', 300),
      duration: `${Math.ceil(DEPLOYS * EVERY_SECONDS)}s`,
      preAllocatedVUs: 200,
    },
  },
  thresholds: {
    ...keptItsRate,
    ...allChecks,
    http_req_failed: ['rate==0'],
    'http_req_duration{program:numbered}': ['p(99)<500'],
    'http_req_duration{name:deploy}': ['p(95)<2000'],
    'http_reqs{name:deploy}': [`count>=${DEPLOYS}`],
  },
};

function deploy(number: number): number {
  return http.put(`${CONTROL_URL}/v1/programs/numbered`, source.replace('NUMBER', String(number)), {
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/javascript' },
    tags: { name: 'deploy' },
  }).status;
}

export function setup(): void {
  if (deploy(0) !== 201) throw new Error('Cannot deploy the first version');
}

export function deploys(): void {
  const began = Date.now();
  const number = __ITER + 1;
  const status = deploy(number);
  const next = get('numbered', '/', { name: 'after-deploy' });
  check(null, {
    'the deploy is a 201': () => status === 201,
    'the next request is answered by it': () => next.headers['X-Number'] === String(number),
  });
  sleep(Math.max(0, EVERY_SECONDS - (Date.now() - began) / 1000));
}

/** The body is the number, a hundred times over. */
function wholly(body: string | null, number: string | undefined): boolean {
  return number !== undefined && body === `${number};`.repeat(100);
}

export function readers(): void {
  check(get('numbered'), {
    'no request fails': ({ status }) => status === 200,
    'each answer is of one version': ({ body, headers }) => wholly(body, headers['X-Number']),
  });
}
