import test from 'ava';
import { smokeTest } from './smoke-test.ts';

test('smokeTest() resolves where isolated-vm works', async (t) => {
  await t.notThrowsAsync(smokeTest());
});

test('smokeTest() says why, where the child fails', async (t) => {
  const error = await t.throwsAsync(smokeTest({ entry: 'data:text/javascript,throw new Error("no such binary")' }));
  t.regex(
    error!.message,
    /^Cannot serve as isolated-vm does not work on this machine \(exit code 1\): .*no such binary/s,
  );
});

test('smokeTest() does not wait for a child that hangs', async (t) => {
  const error = await t.throwsAsync(
    smokeTest({ entry: 'data:text/javascript,setInterval(() => {}, 1e6)', timeoutMs: 500 }),
  );
  t.regex(error!.message, /SIGTERM/);
});
