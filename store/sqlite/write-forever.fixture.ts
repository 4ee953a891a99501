// A child that is killed: writes versions and moves traffic without end, and says on standard output what has been
// acknowledged, one line each, as `<n> <revision>`. Started as `node write-forever.fixture.ts <folder> <first n>`.

import { writeSync } from 'node:fs';
import { sampleHash, sampleVersion } from '../samples.ts';
import { openSqlite } from './open.ts';

const [folder, first] = process.argv.slice(2);
const store = await openSqlite({ folder: folder! });
let revision = (await store.getProgram('a'))?.revision ?? 0;
writeSync(1, 'ready\n');
for (let n = Number(first); ; n++) {
  // The neighbour shares the transaction, as deploys of one tick do.
  await Promise.all([store.putVersion(sampleVersion(n)), store.putVersion(sampleVersion(n, { program: `b${n % 3}` }))]);
  ({ revision } = await store.setTraffic('a', { [sampleHash(n)]: 100 }, revision));
  // Synchronous: a line is in the pipe before the next write begins.
  writeSync(1, `${n} ${revision}\n`);
}
