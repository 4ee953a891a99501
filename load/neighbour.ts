// One program is asked at a constant rate. After a quiet time another one, of another namespace, begins to loop, to
// allocate without end and to do what nobody can interrupt. The first must not notice much: no failure, and its p99
// stays. `run.ts` prints both p99 side by side; the bound here is absolute, as k6 cannot compare two series.
import { check } from 'k6';
import type { Options, Scenario } from 'k6/options';
import { trendStats } from './shared/summary.ts';
import { errorCode, get, numberSetting } from './shared/target.ts';
import { allChecks, keptItsRate } from './shared/thresholds.ts';

export { handleSummary } from './shared/summary.ts';

const QUIET_SECONDS = 10;
const LOUD_SECONDS = numberSetting('SECONDS', 20);

function attack(rate: number, path: string): Scenario {
  return {
    executor: 'constant-arrival-rate',
    exec: 'attack',
    rate,
    duration: `${LOUD_SECONDS}s`,
    startTime: `${QUIET_SECONDS}s`,
    preAllocatedVUs: 30,
    env: { ATTACK: path },
  };
}

function good(phase: 'quiet' | 'loud', startSeconds: number, seconds: number): Scenario {
  return {
    executor: 'constant-arrival-rate',
    exec: 'neighbour',
    rate: numberSetting('RATE', 200),
    duration: `${seconds}s`,
    startTime: `${startSeconds}s`,
    preAllocatedVUs: 100,
    env: { PHASE: phase },
  };
}

export const options: Options = {
  summaryTrendStats: trendStats,
  scenarios: {
    quiet: good('quiet', 0, QUIET_SECONDS),
    loud: good('loud', QUIET_SECONDS, LOUD_SECONDS),
    loops: attack(4, '/loop'),
    memory: attack(1, '/allocate'),
    stuck: attack(1, '/stuck'),
    crash: attack(1, '/reject'),
  },
  thresholds: {
    ...keptItsRate,
    ...allChecks,
    'http_req_duration{program:good,phase:quiet}': ['p(99)<50'],
    // Two cores: while a loop burns its 50 ms on one, the other does everything else, k6 included.
    'http_req_duration{program:good,phase:loud}': ['p(50)<20', 'p(99)<150'],
    'http_reqs{program:hostile}': ['count>50'],
  },
};

export function neighbour(): void {
  const response = get('good', '/', { phase: __ENV['PHASE'] as string });
  check(response, { 'the neighbour is answered': ({ status, body }) => status === 200 && body === 'hello' });
}

const ENDINGS = ['cpu_limit', 'memory_limit', 'crashed', 'threw', 'quarantined', 'overloaded', 'wall_limit'];

function attack_(): void {
  const response = get('hostile', __ENV['ATTACK'] as string);
  check(response, { 'an attack ends in a known way': () => ENDINGS.includes(errorCode(response)) });
}

export { attack_ as attack };
