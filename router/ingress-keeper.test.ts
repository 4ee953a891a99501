import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import type { PublishedProgram } from './ingress/published.ts';
import { IngressKeeper } from './ingress-keeper.ts';

const entry = fileURLToPath(new URL('./ingress-keeper.fixture.ts', import.meta.url));

function make(t: ExecutionContext, modes: string[] = [], port = 0) {
  const lines: string[] = [];
  const waiting: { fits: (line: string) => boolean; resolve: () => void }[] = [];
  const write = (line: string) => {
    lines.push(line);
    for (const { fits, resolve } of waiting) if (fits(line)) resolve();
  };
  let starts = 0;
  const keeper = new IngressKeeper(port, {
    logger: pino({ base: null }, { write }),
    handlers: {},
    entry,
    start: () => {
      const mode = modes[starts] ?? 'good';
      starts += 1;
      return { mode, programs: [] } as never;
    },
  });
  t.teardown(() => keeper.kill());
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const fits = (line: string) => line.includes(text);
      if (lines.some(fits)) resolve();
      else waiting.push({ fits, resolve });
    });
  const asked = async () =>
    JSON.parse((await keeper.metrics()) || '{"told":[]}') as { pid: number; told: { name: string }[] };
  return { keeper, says, asked, starts: () => starts };
}

const program = (name: string) => ({ name, revision: 1, traffic: {}, configs: {} }) as PublishedProgram;

test('start() resolves with the real port known, and the ingress is ready', async (t) => {
  const { keeper } = make(t);
  t.false(keeper.isReady);
  await keeper.start();
  t.true(keeper.isReady);
  t.is(keeper.port, 4_321);
});

test('start() throws when the ingress dies before it has answered, and starts no other', async (t) => {
  const { keeper, starts } = make(t, ['dies']);
  await t.throwsAsync(keeper.start());
  t.false(keeper.isReady);
  t.is(starts(), 1);
});

test('publish() between the start of an ingress and its answer is not lost', async (t) => {
  const { keeper, asked } = make(t, ['slow']);
  const started = keeper.start();
  await keeper.publish(program('between'));
  await started;
  t.deepEqual(
    (await asked()).told.map(({ name }) => name),
    ['between'],
  );
});

test('publish(), metrics() and health() say nothing to an ingress that is not there', async (t) => {
  const { keeper } = make(t);
  await keeper.publish(program('early'));
  t.is(await keeper.metrics(), '');
  t.is(await keeper.health(), undefined);
});

test('an ingress that dies is replaced on the same port', async (t) => {
  const { keeper, asked, says, starts } = make(t);
  await keeper.start();
  const { pid } = await asked();
  process.kill(pid, 'SIGKILL');
  await says('ingress ended');
  t.false(keeper.isReady);
  await keeper.publish(program('meanwhile')); // told by the start of the next one
  while ((await asked()).pid === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  t.true(keeper.isReady);
  t.is(keeper.port, 4_321);
  t.is(starts(), 2);
  t.not((await asked()).pid, pid);
});

test('a replacement that does not start is tried again', async (t) => {
  const { keeper, asked, says, starts } = make(t, ['good', 'dies', 'good']);
  await keeper.start();
  process.kill((await asked()).pid, 'SIGKILL');
  await says('the new ingress did not start');
  while (!keeper.isReady) await new Promise((resolve) => setTimeout(resolve, 5));
  t.is(starts(), 3);
});

test('drain() gives how many were cut off, ends the ingress, and starts no other', async (t) => {
  const { keeper, asked, starts } = make(t);
  await keeper.start();
  const { pid } = await asked();
  t.is(await keeper.drain(1_000), 7);
  t.false(keeper.isReady);
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  t.is(starts(), 1);
});

test('drain() ends an ingress that is stuck', async (t) => {
  const { keeper, asked, says } = make(t, ['stuck']);
  await keeper.start();
  const { pid } = await asked();
  t.is(await keeper.drain(1), 0);
  await says('the ingress ended while its requests were being finished');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  t.pass();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
