import test from 'ava';
import { measure } from './bench-context.ts';
import { makeSnapshotTemplate } from './builder/make.ts';
import { defaultLimits } from './limits.ts';
import type { ProgramConfig } from './program.ts';

const config: ProgramConfig = {
  name: 'bench',
  namespace: 'bench',
  limits: defaultLimits(),
  isolation: 'request',
  pool: { min: 0, max: 1, concurrency: undefined, queueMax: 0, queueTimeoutMs: 0 },
  snapshot: { mode: 'require', warmup: [], entropy: 'warn' },
  vars: {},
  routes: [],
  compile: {},
  compatibilityDate: undefined,
};

function template(program: string) {
  return makeSnapshotTemplate({
    bundle: '() => undefined',
    program: `const tine_program = {}; ${program}`,
    map: '{}',
    config,
  });
}

const short = { warmUpMs: 10, measureMs: 100 };

test('measure() gives times in microseconds that fit its rate, and positive sizes', (t) => {
  const { contextUs, cpuUs, perSecond, idleContextBytes, snapshotBytes } = measure(template(''), short);
  t.true(contextUs.p50 > 10 && contextUs.p50 < 50_000, `p50 ${contextUs.p50}`);
  t.true(contextUs.p50 <= contextUs.p99);
  t.true(cpuUs > 10 && cpuUs <= contextUs.mean * 1.1, `CPU ${cpuUs} of ${contextUs.mean}`);
  t.true(Math.abs(perSecond * contextUs.mean - 1e6) < 1);
  t.true(idleContextBytes > 10_000, `${idleContextBytes} bytes`);
  t.true(snapshotBytes > 100_000);
});

test('measure() sees what a program adds to each context', (t) => {
  const many = 'for (let i = 0; i < 600; i++) globalThis["f" + i] = new Function("return " + i);';
  const lean = measure(template(''), short);
  const heavy = measure(template(many), short);
  t.true(heavy.contextUs.p50 > lean.contextUs.p50 * 1.2, `${heavy.contextUs.p50} µs against ${lean.contextUs.p50} µs`);
  t.true(heavy.idleContextBytes > lean.idleContextBytes);
});
