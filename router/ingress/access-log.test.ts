import test from 'ava';
import { pino } from 'pino';
import type { Finished } from '#sandbox';
import { accessLog } from './access-log.ts';
import type { Access } from './app.ts';

const finished: Finished = {
  outcome: 'ok',
  code: undefined,
  thrown: undefined,
  cpuUs: 1_234.5,
  forkUs: 345.6,
  queuedMs: 0.123_4,
  wallMs: 9,
  opsMs: 1,
  slices: 2,
  ops: 3,
};

const access: Access = {
  requestId: 'r-1',
  program: 'p',
  version: 'ab'.repeat(32),
  method: 'POST',
  target: '/x?y=1',
  status: 201,
  bytes: 17,
  finished,
  code: undefined,
  wallMs: 12.345_67,
};

function make(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return { log: accessLog(pino({ base: null, timestamp: false, level }, { write })), lines };
}

test('accessLog() writes one line: who, what, how it ended, and what it cost in ms', (t) => {
  const { log, lines } = make();
  log(access);
  t.deepEqual(lines, [
    {
      level: 30,
      requestId: 'r-1',
      program: 'p',
      version: 'abababababab',
      method: 'POST',
      target: '/x?y=1',
      status: 201,
      bytes: 17,
      outcome: 'ok',
      wallMs: 12.35,
      cpuMs: 1.23,
      forkMs: 0.35,
      queuedMs: 0.12,
      ops: 3,
      msg: 'request',
    },
  ]);
});

test('accessLog() leaves out the cost of a request that never ran, and names the code', (t) => {
  const { log, lines } = make();
  log({ ...access, program: '', version: '', status: 404, finished: undefined, code: 'not_found' });
  const [line] = lines;
  t.like(line, { status: 404, code: 'not_found', program: '', version: '' });
  for (const name of ['outcome', 'cpuMs', 'forkMs', 'queuedMs', 'ops']) t.false(name in line!, name);
});

test('accessLog() warns of what is 500 or more, and of nothing else', (t) => {
  const { log, lines } = make();
  for (const status of [200, 404, 499, 500, 503, 508]) log({ ...access, status });
  t.deepEqual(
    lines.map(({ level }) => level),
    [30, 30, 30, 40, 40, 40],
  );
});

test('accessLog() writes nothing below the level of the log', (t) => {
  const { log, lines } = make('warn');
  log(access);
  log({ ...access, status: 500 });
  t.deepEqual(
    lines.map(({ status }) => status),
    [500],
  );
  const silent = make('silent');
  silent.log({ ...access, status: 500 });
  t.deepEqual(silent.lines, []);
});

test('accessLog() cuts a target at 1,000 characters and says so', (t) => {
  const { log, lines } = make();
  log({ ...access, target: '/'.repeat(1_000) });
  log({ ...access, target: `/${'x'.repeat(15_000)}` });
  t.is(lines[0]!['target'], '/'.repeat(1_000));
  t.is(lines[1]!['target'], `/${'x'.repeat(999)}…`);
});

test('accessLog() writes one line, whatever is in the target', (t) => {
  const raw: string[] = [];
  const log = accessLog(pino({ base: null }, { write: (line: string) => void raw.push(line) }));
  log({ ...access, target: '/\n{"level":60}\r\x1b[31m' });
  t.is(raw.length, 1);
  t.is(raw[0]!.indexOf('\n'), raw[0]!.length - 1);
  t.false(raw[0]!.includes('\x1b'));
});
