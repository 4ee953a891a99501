import test from 'ava';
import type { ControlClient, Traffic, TrafficChange, Version } from './client.ts';
import { findVersion, shareTraffic, trafficBefore } from './versions.ts';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

function versions(...hashes: string[]): Version[] {
  // Newest first, as the server lists them.
  return hashes
    .map((version, index) => ({
      version,
      createdAt: 1_000 + index,
      percent: 0,
      sourceBytes: 1,
      language: 'javascript',
    }))
    .reverse();
}

function history(...states: Traffic[]): TrafficChange[] {
  return states.map((traffic, index) => ({ revision: index + 1, traffic, at: 2_000 + index }));
}

function clientWith(...hashes: string[]): ControlClient {
  return { listVersions: async () => versions(...hashes) } as unknown as ControlClient;
}

test('findVersion() takes the first digits of one version', async (t) => {
  t.is(await findVersion(clientWith(A, B), 'p', 'aaaaaaaaaaaa'), A);
  t.is(await findVersion(clientWith(A, B), 'p', 'BBBB'), B);
  t.is(await findVersion(clientWith(A, B), 'p', A), A);
});

test('findVersion() refuses digits that fit none or several', async (t) => {
  const twin = `aaaa${'0'.repeat(60)}`;
  await t.throwsAsync(findVersion(clientWith(A), 'p', 'ffff'), {
    message: '"p" has no version ffff: `tine versions p` lists them',
  });
  await t.throwsAsync(findVersion(clientWith(A, twin), 'p', 'aaaa'), {
    message: '"p" has 2 versions that begin with aaaa: give more digits',
  });
  for (const digits of ['', 'aaa', 'xyzw', '../a', 'a'.repeat(65)]) {
    await t.throwsAsync(findVersion(clientWith(A), 'p', digits), {
      message: /^A version must be 4 to 64 hex digits; got /,
    });
  }
});

test('trafficBefore() goes to the state before the present one', (t) => {
  const states = history({ [A]: 100 }, { [B]: 100 }, { [B]: 90, [C]: 10 });
  t.deepEqual(trafficBefore({ [B]: 90, [C]: 10 }, states, versions(A, B, C)), { [B]: 100 });
  // The order of the answer does not matter.
  t.deepEqual(trafficBefore({ [B]: 90, [C]: 10 }, states.toReversed(), versions(A, B, C)), { [B]: 100 });
});

test('trafficBefore() goes back twice when asked twice, not to and fro', (t) => {
  const once = history({ [A]: 100 }, { [B]: 100 }, { [C]: 100 }, { [B]: 100 });
  t.deepEqual(trafficBefore({ [B]: 100 }, once, versions(A, B, C)), { [A]: 100 });
});

test('trafficBefore() skips states of versions that are gone, and empty ones', (t) => {
  const states = history({ [A]: 100 }, { [B]: 100 }, {}, { [C]: 100 });
  t.deepEqual(trafficBefore({ [C]: 100 }, states, versions(A, C)), { [A]: 100 });
});

test('trafficBefore() falls back to the version uploaded before', (t) => {
  t.deepEqual(trafficBefore({ [C]: 100 }, [], versions(A, B, C)), { [B]: 100 });
  t.deepEqual(trafficBefore({ [B]: 100 }, history({ [B]: 100 }), versions(A, B, C)), { [A]: 100 });
  t.is(trafficBefore({ [A]: 100 }, history({ [A]: 100 }), versions(A, B)), undefined);
  t.is(trafficBefore({}, [], []), undefined);
});

test('shareTraffic() gives all, or a share with the rest in proportion', (t) => {
  t.deepEqual(shareTraffic({ [A]: 100 }, B, 100), { [B]: 100 });
  t.deepEqual(shareTraffic({ [A]: 100 }, B, 10), { [A]: 90, [B]: 10 });
  t.deepEqual(shareTraffic({ [A]: 90, [B]: 10 }, B, 50), { [A]: 50, [B]: 50 });
  t.deepEqual(shareTraffic({ [A]: 60, [B]: 40 }, C, 50), { [A]: 30, [B]: 20, [C]: 50 });
  t.deepEqual(shareTraffic({ [A]: 50, [B]: 50 }, B, 0), { [A]: 100 });
  t.deepEqual(shareTraffic({}, A, 100), { [A]: 100 });
});

test('shareTraffic() gives whole percents whose sum is 100, for all shares', (t) => {
  for (let percent = 0; percent <= 100; percent += 1) {
    for (const now of [{ [A]: 1, [B]: 99 }, { [A]: 33, [B]: 33, [C]: 34 }, { [A]: 100 }]) {
      const after = shareTraffic(now, 'd'.repeat(64), percent);
      t.is(
        Object.values(after).reduce((sum, share) => sum + share, 0),
        100,
      );
      t.true(Object.values(after).every((share) => Number.isInteger(share) && share > 0));
    }
  }
});

test('shareTraffic() refuses a share when nothing takes the rest', (t) => {
  for (const now of [{}, { [A]: 100 }, { [A]: 100, [B]: 0 }]) {
    t.throws(() => shareTraffic(now, A, 50), { message: /^Cannot give only 50 % to a version when no other/ });
  }
});
