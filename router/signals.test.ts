import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const FIXTURE = fileURLToPath(new URL('./signals.fixture.ts', import.meta.url));
const STOPPING = 'log stopping: requests that run are finished first';

/** A process that stops on signals. `says` waits for a line of it. */
async function start(t: ExecutionContext, mode: string) {
  const child = spawn(process.execPath, [FIXTURE, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (out += chunk));
  const says = async (line: string) => {
    while (!out.split('\n').includes(line)) await once(child.stdout, 'data');
  };
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, lines: out.trim().split('\n') }));
  await says('ready');
  return { child, says, ended };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`stopOnSignals(): ${signal} finishes what runs, and what else has to be ended, then exits 0`, async (t) => {
    const { child, ended } = await start(t, 'good');
    child.kill(signal);
    const { code, signal: by, lines } = await ended;
    t.is(code, 0);
    t.is(by, null);
    t.deepEqual(lines, ['ready', STOPPING, 'before', 'stop gracefully', 'stopped']);
  });
}

test('stopOnSignals(): a second signal of either kind ends it at once, also when the stop never ends', async (t) => {
  for (const [first, second] of [
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const) {
    const { child, says, ended } = await start(t, 'stuck');
    child.kill(first);
    await says('stop gracefully');
    child.kill(second);
    const { code, lines } = await ended;
    t.is(code, 0);
    t.deepEqual(lines, ['ready', STOPPING, 'stop gracefully', 'stop now']);
  }
});

for (const mode of ['fails', 'fails_before']) {
  test(`stopOnSignals(): a stop that fails is logged and exits 1 (${mode})`, async (t) => {
    const { child, ended } = await start(t, mode);
    child.kill('SIGTERM');
    const { code, lines } = await ended;
    t.is(code, 1);
    t.true(lines.includes('log the stop failed'));
    t.true(lines.includes('stop gracefully'));
  });
}
