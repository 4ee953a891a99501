import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import test from 'ava';
import { monotonicMs, openRegister, RegisterReader, RegisterWriter } from './register.ts';

test('RegisterReader.read() gives what was entered last', (t) => {
  const fd = openRegister();
  const [writer, reader] = [new RegisterWriter(fd), new RegisterReader(fd)];
  t.teardown(() => reader.close());
  t.deepEqual(reader.read(), { enteredMs: 0, timeoutMs: 0, run: 0, slice: 0 });
  const before = monotonicMs();
  writer.enter(0xff_ff_ff_ff, 75);
  const first = reader.read();
  t.true(first.enteredMs >= before && first.enteredMs <= monotonicMs());
  t.deepEqual([first.timeoutMs, first.run, first.slice], [75, 0xff_ff_ff_ff, 1]);
  writer.enter(3, 900_000);
  t.deepEqual([reader.read().timeoutMs, reader.read().run, reader.read().slice, writer.slice], [900_000, 3, 2, 2]);
});

test('openRegister() leaves no name behind', (t) => {
  const fd = openRegister();
  t.is(fstatSync(fd).nlink, 0);
  t.is(fstatSync(fd).size, 32);
  closeSync(fd);
});

test('openRegister() registers of two executors are apart', (t) => {
  const fds = [openRegister(), openRegister()];
  const [a, b] = fds.map((fd) => new RegisterReader(fd));
  new RegisterWriter(fds[0]!).enter(1, 10);
  t.is(a!.read().run, 1);
  t.is(b!.read().run, 0);
  a!.close();
  b!.close();
});

test('monotonicMs() is the same clock in another process', (t) => {
  const script = 'process.stdout.write(String(Number(process.hrtime.bigint()) / 1e6))';
  const before = monotonicMs();
  const there = Number(spawnSync(process.execPath, ['-e', script]).stdout);
  t.true(there > before && there < monotonicMs(), `${there}`);
});
