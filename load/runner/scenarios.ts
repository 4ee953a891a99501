// What each scenario needs of the runner before k6 starts: settings of the server and programs.
import type { Program } from './deploy.ts';

export interface Scenario {
  /** A file in `load/`. */
  script: string;
  settings: Readonly<Record<string, string>>;
  programs: readonly Program[];
  examples?: 'all';
  /** Fail when the memory of a process grows: only where the run is long enough to tell. */
  memory?: 'flat';
}

const hello: Program = { name: 'hello', file: 'hello.js' };
const good: Program = { name: 'good', file: 'hello.js', config: { namespace: 'good' } };
const hostile: Program = { name: 'hostile', file: 'hostile.js', config: { namespace: 'hostile' } };
const full = { concurrency: 32, queue_max: 16 };

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  smoke: { script: 'smoke.ts', settings: {}, programs: [hello], examples: 'all' },
  steady: { script: 'steady.ts', settings: {}, programs: [hello] },
  burst: {
    script: 'burst.ts',
    settings: { TINE_PERMITS: '32' },
    programs: [
      { name: 'waiting', file: 'waiting.js', config: { pool: full } },
      { name: 'computing', file: 'computing.js', config: { pool: full, limits: { cpu_ms: 500 } } },
    ],
  },
  neighbour: { script: 'neighbour.ts', settings: {}, programs: [good, hostile] },
  deploys: { script: 'deploys.ts', settings: {}, programs: [] },
  soak: {
    script: 'soak.ts',
    settings: {},
    programs: [hello, good, hostile, { name: 'waiting', file: 'waiting.js' }],
    memory: 'flat',
  },
};
