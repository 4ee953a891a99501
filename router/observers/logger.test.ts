import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const FIXTURE = fileURLToPath(new URL('./logger.fixture.ts', import.meta.url));
const DEFAULTS = { lines: 3, bytes: 4, mode: 'flush', level: 'info', format: 'json' };

interface Ended {
  out: string;
  code: number | null;
  told: { dropped: number; isPretty: boolean };
}

function start(t: ExecutionContext, options: Partial<typeof DEFAULTS>): ChildProcess {
  const child = spawn(process.execPath, [FIXTURE, JSON.stringify({ ...DEFAULTS, ...options })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** The log of a process, read to its end. */
async function run(t: ExecutionContext, options: Partial<typeof DEFAULTS> = {}): Promise<Ended> {
  const child = start(t, options);
  let [out, err] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (chunk) => (out += chunk));
  child.stderr!.setEncoding('utf8').on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  return { out, code, told: err === '' ? undefined : JSON.parse(err) };
}

function linesOf(out: string): Record<string, unknown>[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('makeLog() writes JSON lines with the level, the time, the process and what is mixed in', async (t) => {
  const { out, told } = await run(t);
  const lines = linesOf(out);
  t.is(lines.length, 4);
  t.like(lines[0], { level: 30, process: 'test', mixed: 'in', n: 0, msg: 'xxxx' });
  t.like(lines[3], { level: 40, msg: 'the last line' });
  t.regex(String(lines[0]!['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.deepEqual(told, { dropped: 0, isPretty: false });
});

test('makeLog() writes nothing below its level', async (t) => {
  t.deepEqual(
    linesOf((await run(t, { level: 'warn' })).out).map(({ msg }) => msg),
    ['the last line'],
  );
});

test('makeLog() writes for people when told so, and JSON to what is no terminal by itself', async (t) => {
  const { out, told } = await run(t, { format: 'pretty' });
  t.true(told.isPretty);
  t.regex(out, /WARN.*the last line/);
  t.throws(() => JSON.parse(out.split('\n')[0]!));
  t.false(out.includes('"process"'));
  t.false((await run(t, { format: 'auto' })).told.isPretty);
});

for (const [mode, wanted] of [
  ['later', 5_000],
  ['flush', 300], // what a pipe holds: a reader that is late must not matter
] as const) {
  test(`makeLog(): all lines are there, in order, when the process has ended (${mode})`, async (t) => {
    const { out, code } = await run(t, { mode, lines: wanted, bytes: 100 });
    t.is(code, 0);
    t.deepEqual(
      linesOf(out).map(({ n }) => n),
      [...Array.from({ length: wanted }, (_, n) => n), undefined],
    );
  });
}

test('makeLog() drops what nobody reads, counts it, and lets the process end', async (t) => {
  const child = start(t, { lines: 20_000, bytes: 1_000 });
  let err = '';
  child.stderr!.setEncoding('utf8').on('data', (chunk) => (err += chunk));
  const [code, signal] = await once(child, 'exit');
  t.is(signal, null);
  t.is(code, 0);
  // 20 MB were written; a pipe holds 64 KB, and the buffer of the log 4 MB.
  t.true(JSON.parse(err).dropped > 14_000, err);
});

test('makeLog(): a reader that goes away ends nothing', async (t) => {
  const child = start(t, { lines: 20_000, bytes: 1_000 });
  child.stdout!.once('data', () => child.stdout!.destroy());
  const [code, signal] = await once(child, 'exit');
  t.is(signal, null);
  t.is(code, 0);
});
