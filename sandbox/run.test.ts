import test, { type ExecutionContext } from 'ava';
import type { EnterHead, Settlement } from '#runtime';
import { monotonicMs } from './executor/register.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type RequestBodySource, Run, type ServedVersion } from './run.ts';
import { requestOf, TestClient, TestObserver } from './test-executors.ts';

function source(): RequestBodySource & { cancelled: number } {
  return {
    onTooLarge: undefined,
    cancelled: 0,
    read: async () => undefined,
    cancel() {
      this.cancelled += 1;
    },
  };
}

function start(t: ExecutionContext, more: Parameters<typeof requestOf>[0] = {}, limits: Partial<Limits> = {}) {
  const permits = { concurrencyMax: 3, queueMax: 4, queueTimeoutMs: 5 };
  const served = {
    program: 'p',
    version: 'v',
    limits: { ...defaultLimits(), ...limits },
    permits,
  } as unknown as ServedVersion;
  const client = new TestClient();
  const run = new Run(requestOf(more), served, client, new TestObserver());
  t.teardown(() => run.end());
  return { run, client };
}

test('Run.head() has a fresh seed of 96 hex digits each time, and says how the body comes', (t) => {
  const { run } = start(t, { headers: ['a', '1'] });
  const heads = Array.from({ length: 300 }, () => JSON.parse(run.head()) as EnterHead);
  t.is(new Set(heads.map(({ seed }) => seed)).size, 300);
  for (const { seed } of heads) t.regex(seed, /^[0-9a-f]{96}$/);
  t.like(heads[0], { kind: 'fetch', method: 'GET', headers: ['a', '1'], body: 'none' });
  t.is((JSON.parse(start(t, { body: Buffer.from('x') }).run.head()) as EnterHead).body, 'bytes');
  t.is((JSON.parse(start(t, { body: source() }).run.head()) as EnterHead).body, 'stream');
});

test('Run.settlement() hands over value or error, never both', (t) => {
  const { run } = start(t);
  const [good, bad] = [
    { id: 1, ok: true, value: { a: 1 } },
    { id: 2, ok: false, error: { name: 'TypeError', message: 'm' } },
  ] as const;
  const { now: _now, ...first } = JSON.parse(run.settlement({ ...good, bytes: Buffer.from('x') })) as Settlement;
  t.deepEqual(first, good);
  const { now: _then, ...second } = JSON.parse(run.settlement(bad)) as Settlement;
  t.deepEqual(second, bad);
});

test('Run.interrupt() the first reason wins, and ends every wait', async (t) => {
  const { run, client } = start(t);
  const { signal } = run;
  const waiting = run.waitFor(new Promise(() => {}));
  client.leave();
  run.interrupt('wall_limit');
  t.is(await waiting, undefined);
  t.is(run.interruption, 'cancelled');
  t.true(signal.aborted);
  t.is(await run.waitFor(Promise.resolve(1)), undefined);
});

test('Run.waitFor() gives what was waited for, and charges the time to ops', async (t) => {
  const { run } = start(t);
  t.is(await run.waitFor(new Promise((resolve) => setTimeout(resolve, 10, 7))), 7);
  t.true(run.finished.opsMs > 5);
});

test('Run.signal made after the interruption is aborted', (t) => {
  const { run } = start(t);
  run.interrupt('wall_limit');
  t.true(run.signal.aborted);
});

test('Run is interrupted when wall_ms have passed since the arrival', async (t) => {
  const { run } = start(t, { arrivedMs: monotonicMs() - 995 }, { wallMs: 1_000 });
  t.true(run.wallLeftMs <= 5);
  await run.waitFor(new Promise(() => {}));
  t.is(run.interruption, 'wall_limit');
});

test('Run.renew() is as if it had just come in, but for what the client did', (t) => {
  const { run } = start(t, { body: source() });
  const first = run.signal;
  run.bodies.set(3, source());
  run.subrequests = 5;
  run.interrupt('lost');
  run.renew();
  t.is(run.interruption, undefined);
  t.true(first.aborted);
  t.false(run.signal.aborted);
  t.deepEqual([...run.bodies.keys()], [0]);
  t.is(run.subrequests, 0);
  run.interrupt('cancelled');
  run.renew();
  t.is(run.interruption, 'cancelled');
});

test('Run: a body that grows too large interrupts', (t) => {
  const body = source();
  const { run } = start(t, { body });
  body.onTooLarge!();
  t.is(run.interruption, 'body_too_large');
});

test('Run.end() aborts what is under way, closes the body, and does it once', (t) => {
  const body = source();
  const { run } = start(t, { body });
  const { signal } = run;
  const finished = run.end();
  t.true(signal.aborted);
  t.true(finished.wallMs >= 0);
  t.is(run.end(), finished);
  t.is(body.cancelled, 1);
});

test('Run.renew() does not forget what came after the executor was lost', (t) => {
  const { run } = start(t);
  run.interrupt('lost');
  run.interrupt('wall_limit');
  run.interrupt('cancelled');
  t.is(run.interruption, 'lost');
  run.renew();
  t.is(run.interruption, 'wall_limit');
});
