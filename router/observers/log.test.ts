import test from 'ava';
import { pino } from 'pino';
import type { Finished, RunLabel } from '#sandbox';
import { LogObserver } from './log.ts';

const run: RunLabel = { requestId: 'r', program: 'p', version: 'ab'.repeat(32) };
const finished = (thrown: Finished['thrown']) => ({ outcome: 'threw', thrown }) as Finished;

function make(mapStack: (run: RunLabel, stack: string) => Promise<string>) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { base: null, timestamp: false, level: 'trace' },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  return { log: new LogObserver({ logger, mapStack }), lines };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('logged() writes a guest line at once, with its level, request, program and short version', (t) => {
  const { log, lines } = make(async () => t.fail() as never);
  for (const level of ['trace', 'debug', 'log', 'info', 'warn', 'error'] as const) log.logged(run, level, 'text');
  t.deepEqual(
    lines.map(({ level }) => level),
    [20, 20, 30, 30, 40, 50],
  );
  t.like(lines[0], { msg: 'text', requestId: 'r', program: 'p', version: 'abababababab', source: 'guest' });
  log.logged(run, 'warn', 'ours', 'blocked_address');
  t.like(lines.at(-1), { msg: 'ours', source: 'tine', code: 'blocked_address' });
});

test('logged() maps compiled places, and lines of the same request stay in order', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { log, lines } = make(() => promise);
  log.logged(run, 'error', 'Error: x\n    at f (program.js:1:2)');
  log.logged(run, 'log', 'after');
  log.dropped(run, 3);
  log.logged({ ...run, requestId: 'other' }, 'log', 'of another');
  log.finished(run, finished({ name: 'Error', message: 'last', stack: 'program.js:3:4' }));
  t.deepEqual(
    lines.map(({ msg }) => msg),
    ['of another'],
  );
  resolve('mapped');
  await turn();
  t.deepEqual(
    lines.map(({ msg }) => msg),
    ['of another', 'mapped', 'after', '3 lines dropped', 'Error: last'],
  );
  t.is(lines.at(-1)!['stack'], 'mapped');
  log.logged(run, 'log', 'at once again');
  t.is(lines.at(-1)!['msg'], 'at once again');
});

test('a stack whose map cannot be had is written as it is', async (t) => {
  const { log, lines } = make(async () => {
    throw new Error('no map');
  });
  log.finished(run, finished({ name: 'Error', message: 'm', stack: 'raw program.js:1:1' }));
  log.logged(run, 'error', 'raw program.js:1:1');
  await turn();
  t.like(lines[0], { msg: 'Error: m', stack: 'raw program.js:1:1', outcome: 'threw' });
  t.is(lines[1]!['msg'], 'raw program.js:1:1');
});

test('finished() writes nothing for a run that did not throw, refused() nothing for a client that left', (t) => {
  const { log, lines } = make(async (_, stack) => stack);
  log.finished(run, finished(undefined));
  log.refused(run, 'cancelled');
  t.deepEqual(lines, []);
  log.refused(run, 'overloaded');
  t.like(lines[0], { code: 'overloaded', level: 40 });
});
