import test from 'ava';
import { openStore } from './index.ts';
import { temporaryFolder } from './samples.ts';

test('openStore() opens the engine by its name', async (t) => {
  const store = await openStore({ engine: 'sqlite', folder: temporaryFolder(t) });
  t.deepEqual(await store.listPrograms(), []);
  await store.close();
});

test('openStore() refuses an engine that there is not', async (t) => {
  const options = { engine: 'nats' as 'sqlite', folder: temporaryFolder(t) };
  await t.throwsAsync(openStore(options), { instanceOf: RangeError, message: /engine must be "sqlite": got "nats"/ });
});
