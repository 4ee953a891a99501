import test from 'ava';
import { threadCpuUs } from './thread-cpu.ts';

test('threadCpuUs() moves by much less than a tick of the kernel', (t) => {
  const start = threadCpuUs();
  const seen = new Set<number>();
  while (threadCpuUs() - start < 20_000) seen.add(threadCpuUs());
  t.true(seen.size > 200, `20 ms of CPU had ${seen.size} steps`);
});
