// What every engine must do, in one suite. Not here: what an engine does about its own files and processes.

import type { ExecutionContext, TestFn } from 'ava';
import { codeOf, sampleHash, sampleVersion } from './samples.ts';
import type { Store, StoreError } from './store.ts';

export interface ContractParts {
  /** A new, empty store; closed by the engine's own teardown. */
  open: (t: ExecutionContext, options: { now: () => number }) => Promise<Store>;
}

/** Declares the tests. */
export function storeContract(test: TestFn, parts: ContractParts): void {
  const open = (t: ExecutionContext, now = () => 5_000) => parts.open(t, { now });
  testVersions(test, open);
  testTraffic(test, open);
  testHistory(test, open);
  testPrograms(test, open);
  testConcurrency(test, open);
}

type Open = (t: ExecutionContext, now?: () => number) => Promise<Store>;

function testVersions(test: TestFn, open: Open): void {
  test('Store.getVersion() gives what putVersion() was given', async (t) => {
    const store = await open(t);
    t.true(await store.putVersion(sampleVersion(1)));
    t.deepEqual(await store.getVersion('a', sampleHash(1)), sampleVersion(1));
  });

  test('Store.getVersion() gives any text as it was: NUL, lone surrogates, nothing, 3 MB', async (t) => {
    const store = await open(t);
    const texts = ['a\0b', '\ud800', '', '\u{1f600}'.repeat(10), 'x'.repeat(3_000_000), '\ufeff\r\n'];
    const record = sampleVersion(1, {
      modules: texts.map((text, index) => ({ path: `m${index}.js`, text })),
      language: 'forge',
    });
    await store.putVersion(record);
    t.deepEqual(await store.getVersion('a', sampleHash(1)), record);
  });

  test('Store.putVersion() of the same version again changes nothing', async (t) => {
    const store = await open(t);
    await store.putVersion(sampleVersion(1));
    t.false(await store.putVersion(sampleVersion(1, { createdAt: 9 })));
    t.deepEqual(await store.getVersion('a', sampleHash(1)), sampleVersion(1));
    t.is((await store.listVersions('a')).length, 1);
  });

  test('Store.putVersion() keeps programs apart that have the same version', async (t) => {
    const store = await open(t);
    t.true(await store.putVersion(sampleVersion(1)));
    t.true(await store.putVersion(sampleVersion(1, { program: 'b' })));
    await store.deleteProgram('a');
    t.is((await store.getVersion('b', sampleHash(1))).program, 'b');
  });

  test('Store.putVersion() refuses names, versions, languages, modules and times that are wrong', async (t) => {
    const store = await open(t);
    for (const program of ['', 'A', '-a', 'a_b', 'a'.repeat(64), '../a', '__proto__']) {
      t.is(await codeOf(store.putVersion(sampleVersion(1, { program }))), 'invalid_name', program);
    }
    const wrong = [
      { version: 'a'.repeat(12) },
      { version: 'A'.repeat(64) },
      { language: 'python' as 'forge' },
      { modules: [] },
      { createdAt: 1.5 },
    ];
    for (const more of wrong)
      t.is(await codeOf(store.putVersion(sampleVersion(1, more))), 'bad_request', JSON.stringify(more));
    t.deepEqual(await store.listPrograms(), []);
  });

  test('Store.getVersion() is not_found for an unknown program or version', async (t) => {
    const store = await open(t);
    t.is(await codeOf(store.getVersion('a', sampleHash(1))), 'not_found');
    await store.putVersion(sampleVersion(1));
    t.is(await codeOf(store.getVersion('a', sampleHash(2))), 'not_found');
    t.is(await codeOf(store.getVersion('a', "' OR 1=1 --")), 'not_found');
  });

  test('Store.listVersions() lists newest first, by the order they came, with the bytes of their source', async (t) => {
    const store = await open(t);
    for (const n of [3, 1, 2]) await store.putVersion(sampleVersion(n));
    const listed = await store.listVersions('a');
    t.deepEqual(
      listed.map(({ version }) => version),
      [2, 1, 3].map(sampleHash),
    );
    const sourceBytes = sampleVersion(2).modules.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    const { program, version, language, createdAt } = sampleVersion(2);
    t.deepEqual(listed[0], { program, version, language, createdAt, sourceBytes });
    t.is(await codeOf(store.listVersions('b')), 'not_found');
  });
}

function testTraffic(test: TestFn, open: Open): void {
  test('Store.setTraffic() moves traffic and raises the revision by one', async (t) => {
    const store = await open(t);
    await store.putVersion(sampleVersion(1));
    await store.putVersion(sampleVersion(2));
    const program = { name: 'a', createdAt: 5_000 };
    t.deepEqual(await store.getProgram('a'), { ...program, traffic: {}, revision: 0 });
    const split = { [sampleHash(1)]: 30, [sampleHash(2)]: 70 };
    t.deepEqual(await store.setTraffic('a', split, 0), { ...program, traffic: split, revision: 1 });
    t.deepEqual(await store.setTraffic('a', {}, 1), { ...program, traffic: {}, revision: 2 });
    t.deepEqual(await store.getProgram('a'), { ...program, traffic: {}, revision: 2 });
  });

  test('Store.setTraffic() is version_conflict with the present traffic when somebody was first', async (t) => {
    const store = await open(t);
    await store.putVersion(sampleVersion(1));
    const traffic = { [sampleHash(1)]: 100 };
    await store.setTraffic('a', traffic, 0);
    for (const expected of [0, 2, -1, Number.NaN]) {
      const error = await t.throwsAsync<StoreError>(store.setTraffic('a', {}, expected));
      t.is(error.code, 'version_conflict');
      t.deepEqual(error.details, { revision: 1, traffic });
    }
    t.deepEqual((await store.getProgram('a'))?.traffic, traffic);
  });

  test('Store.setTraffic() is not_found for an unknown program or version', async (t) => {
    const store = await open(t);
    t.is(await codeOf(store.setTraffic('a', {}, 0)), 'not_found');
    await store.putVersion(sampleVersion(1));
    await store.putVersion(sampleVersion(2, { program: 'b' }));
    t.is(await codeOf(store.setTraffic('a', { [sampleHash(2)]: 100 }, 0)), 'not_found');
    t.is((await store.getProgram('a'))?.revision, 0);
  });

  test('Store.setTraffic() refuses percents that are no integers from 0 to 100 with the sum 100', async (t) => {
    const store = await open(t);
    for (const n of [1, 2, 3]) await store.putVersion(sampleVersion(n));
    const wrong = [
      [99],
      [101],
      [50, 51],
      [50, 49],
      [-1, 101],
      [33.5, 66.5],
      [0],
      [Number.NaN, 100],
      ['100' as unknown as number],
    ];
    for (const percents of wrong) {
      const traffic = Object.fromEntries(percents.map((percent, index) => [sampleHash(index + 1), percent]));
      t.is(await codeOf(store.setTraffic('a', traffic, 0)), 'bad_request', percents.join(' '));
    }
    t.is(await codeOf(store.setTraffic('a', { latest: 100 }, 0)), 'bad_request');
    t.is((await store.getProgram('a'))?.revision, 0);
    await t.notThrowsAsync(store.setTraffic('a', { [sampleHash(1)]: 0, [sampleHash(2)]: 33, [sampleHash(3)]: 67 }, 0));
  });
}

function testHistory(test: TestFn, open: Open): void {
  test('Store.trafficHistory() gives the changes, newest first, with revision and time', async (t) => {
    let now = 1_000;
    const store = await open(t, () => now);
    await store.putVersion(sampleVersion(1));
    t.deepEqual(await store.trafficHistory('a', 10), []);
    const one = { [sampleHash(1)]: 100 };
    await store.setTraffic('a', one, 0);
    // The clock jumps back: the order stays that of the revisions.
    now = 500;
    await store.setTraffic('a', {}, 1);
    await codeOf(store.setTraffic('a', one, 0));
    await store.setTraffic('a', one, 2);
    const changes = [
      { revision: 3, traffic: one, changedAt: 500 },
      { revision: 2, traffic: {}, changedAt: 500 },
      { revision: 1, traffic: one, changedAt: 1_000 },
    ];
    t.deepEqual(await store.trafficHistory('a', 10), changes);
    t.deepEqual(await store.trafficHistory('a', 2), changes.slice(0, 2));
    t.deepEqual(await store.trafficHistory('a', 0), []);
  });

  test('Store.trafficHistory() is not_found for an unknown program and bad_request for a limit that is no count', async (t) => {
    const store = await open(t);
    t.is(await codeOf(store.trafficHistory('a', 1)), 'not_found');
    await store.putVersion(sampleVersion(1));
    for (const limit of [-1, 1.5, Number.NaN]) t.is(await codeOf(store.trafficHistory('a', limit)), 'bad_request');
  });
}

function testPrograms(test: TestFn, open: Open): void {
  test('Store.listPrograms() lists by name', async (t) => {
    const store = await open(t);
    for (const program of ['b', 'a-1', 'a', 'b0']) await store.putVersion(sampleVersion(1, { program }));
    t.deepEqual(
      (await store.listPrograms()).map(({ name }) => name),
      ['a', 'a-1', 'b', 'b0'],
    );
  });

  test('Store.getProgram() gives undefined when there is none', async (t) => {
    t.is(await (await open(t)).getProgram('a'), undefined);
  });

  test('Store.pruneVersions() keeps what takes traffic and the newest of the rest', async (t) => {
    const store = await open(t);
    for (const n of [1, 2, 3, 4, 5]) await store.putVersion(sampleVersion(n));
    await store.setTraffic('a', { [sampleHash(1)]: 60, [sampleHash(3)]: 40 }, 0);
    t.is(await store.pruneVersions('a', 1), 2);
    const left = (await store.listVersions('a')).map(({ version }) => version);
    t.deepEqual(left, [5, 3, 1].map(sampleHash));
    t.is(await codeOf(store.getVersion('a', sampleHash(2))), 'not_found');
    t.deepEqual((await store.getVersion('a', sampleHash(3))).modules, sampleVersion(3).modules);
    t.is(await store.pruneVersions('a', 1), 0);
    t.is(await codeOf(store.pruneVersions('b', 1)), 'not_found');
    t.is(await codeOf(store.pruneVersions('a', -1)), 'bad_request');
  });

  test('Store.deleteProgram() deletes program, versions and history, and nothing else', async (t) => {
    const store = await open(t);
    for (const program of ['a', 'b']) {
      await store.putVersion(sampleVersion(1, { program }));
      await store.setTraffic(program, { [sampleHash(1)]: 100 }, 0);
    }
    await store.deleteProgram('a');
    t.is(await store.getProgram('a'), undefined);
    t.is(await codeOf(store.getVersion('a', sampleHash(1))), 'not_found');
    t.is(await codeOf(store.trafficHistory('a', 1)), 'not_found');
    t.is(await codeOf(store.deleteProgram('a')), 'not_found');
    t.true(await store.putVersion(sampleVersion(1)), 'it can come again');
    t.is((await store.getProgram('a'))?.revision, 0);
    t.deepEqual(await store.trafficHistory('a', 9), []);
    t.is((await store.trafficHistory('b', 9)).length, 1);
  });

  test('Store.close() waits for what was asked before, refuses what comes after, and may be called twice', async (t) => {
    const store = await open(t);
    const put = store.putVersion(sampleVersion(1));
    await store.close();
    t.true(await put);
    await store.close();
    t.is(await codeOf(store.getProgram('a')), 'store_unusable');
    t.is(await codeOf(store.putVersion(sampleVersion(2))), 'store_unusable');
  });
}

function testConcurrency(test: TestFn, open: Open): void {
  test('Store.setTraffic() 100 in parallel from one revision: one wins, the others learn who (D07)', async (t) => {
    const store = await open(t);
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    await Promise.all(numbers.map((n) => store.putVersion(sampleVersion(n))));
    const tries = numbers.map((n) => store.setTraffic('a', { [sampleHash(n)]: 100 }, 0));
    const settled = await Promise.allSettled(tries);
    const won = settled.filter((one) => one.status === 'fulfilled');
    t.is(won.length, 1);
    for (const one of settled) {
      if (one.status === 'fulfilled') continue;
      t.is(one.reason.code, 'version_conflict');
      t.deepEqual(one.reason.details, { revision: 1, traffic: won[0]!.value.traffic });
    }
    t.is((await store.trafficHistory('a', 1_000)).length, 1);
  });

  test('Store.setTraffic() 100 in parallel that try again: the history is one total order without a gap (D07)', async (t) => {
    const store = await open(t);
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    await Promise.all(numbers.map((n) => store.putVersion(sampleVersion(n))));
    const won = await Promise.all(numbers.map((n) => setUntilWon(store, n)));
    const revisions = [...won].sort((a, b) => a - b);
    t.deepEqual(
      revisions,
      numbers.map((n) => n + 1),
    );
    const history = await store.trafficHistory('a', 1_000);
    t.deepEqual(
      history.map(({ revision }) => revision),
      revisions.toReversed(),
    );
    for (const { revision, traffic } of history) t.deepEqual(traffic, { [sampleHash(won.indexOf(revision))]: 100 });
    t.deepEqual((await store.getProgram('a'))?.traffic, history[0]!.traffic);
  });
}

/** Tries again from the revision that the refusal names. Of 100 rivals each loses 99 times at most. */
async function setUntilWon(store: Store, n: number): Promise<number> {
  let expected = 0;
  for (let tries = 0; tries < 100; tries++) {
    try {
      return (await store.setTraffic('a', { [sampleHash(n)]: 100 }, expected)).revision;
    } catch (error) {
      const { code, details } = error as StoreError;
      if (code !== 'version_conflict') throw error;
      expected = details!['revision'] as number;
    }
  }
  throw new Error(`Cannot set the traffic to ${n} as 100 tries must be enough`);
}
