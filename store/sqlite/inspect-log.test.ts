import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../samples.ts';
import type { StoreError } from '../store.ts';
import { inspectLog } from './inspect-log.ts';

const PAGE_BYTES = 4_096;
const FRAME_BYTES = 24 + PAGE_BYTES;

/** The log of a process that was killed after three transactions; each writes one page. */
function killedLog(t: ExecutionContext, before: string[] = []) {
  const folder = temporaryFolder(t);
  const database = new DatabaseSync(join(folder, 'a.db'));
  t.teardown(() => database.close());
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
  database.exec('CREATE TABLE rows (n INTEGER) STRICT; PRAGMA wal_checkpoint(TRUNCATE)');
  for (const sql of [...before, ...[1, 2, 3].map((n) => `INSERT INTO rows VALUES (${n})`)]) database.exec(sql);
  const whole = readFileSync(join(folder, 'a.db-wal'));
  const file = join(folder, 'copy-wal');
  const inspect = (bytes: Uint8Array) => {
    writeFileSync(file, bytes);
    try {
      inspectLog(file);
      return 'accepted';
    } catch (error) {
      const { code, details } = error as StoreError;
      return details?.['file'] === file ? code : String(error);
    }
  };
  const flipped = (byte: number) => {
    const bytes = Buffer.from(whole);
    bytes[byte]! ^= 1;
    return bytes;
  };
  return { whole, inspect, flipped, folder };
}

const frame = (index: number) => 32 + index * FRAME_BYTES;

test('inspectLog() accepts a whole log, an empty one, and none', (t) => {
  const { whole, inspect, folder } = killedLog(t);
  t.is(whole.byteLength, frame(3));
  t.is(inspect(whole), 'accepted');
  t.is(inspect(Buffer.alloc(0)), 'accepted');
  t.notThrows(() => inspectLog(join(folder, 'nowhere')));
});

test('inspectLog() refuses a flip in any transaction that another one followed', (t) => {
  const { inspect, flipped } = killedLog(t);
  for (const index of [0, 1]) {
    // Page number, size after commit, salts, checksums, first and last byte of the page.
    for (const byte of [0, 4, 8, 15, 16, 23, 24, FRAME_BYTES - 1]) {
      t.is(inspect(flipped(frame(index) + byte)), 'store_unusable', `frame ${index}, byte ${byte}`);
    }
  }
});

test('inspectLog() accepts a last transaction that is broken: it may never have been acknowledged', (t) => {
  const { whole, inspect, flipped } = killedLog(t);
  t.is(inspect(flipped(frame(2) + 100)), 'accepted');
  for (const length of [frame(2) + 1, frame(2) + 24, frame(3) - 1])
    t.is(inspect(whole.subarray(0, length)), 'accepted');
});

test('inspectLog() refuses a flip in any byte of the header', (t) => {
  const { inspect, flipped } = killedLog(t);
  for (let byte = 0; byte < 32; byte++) t.is(inspect(flipped(byte)), 'store_unusable', `byte ${byte}`);
});

test('inspectLog() accepts a header that never came to the disk', (t) => {
  const { whole, inspect } = killedLog(t);
  t.is(inspect(Buffer.alloc(frame(1))), 'accepted');
  t.is(inspect(whole.subarray(0, 20)), 'accepted');
});

test('inspectLog() accepts frames of an earlier round behind the end', (t) => {
  const rows = Array.from({ length: 10 }, (_, n) => `INSERT INTO rows VALUES (${n})`);
  const { whole, inspect, flipped } = killedLog(t, [...rows, 'PRAGMA wal_checkpoint(RESTART)']);
  t.true(whole.byteLength > frame(3), 'the old frames are still there');
  t.is(inspect(whole), 'accepted');
  t.is(inspect(flipped(frame(5))), 'accepted', 'they do not count');
  t.is(inspect(flipped(frame(0) + 30)), 'store_unusable', 'the new ones do');
});

test('inspectLog() accepts what a transaction that was rolled back has left', (t) => {
  const spill = [
    'PRAGMA cache_size = 2; CREATE TABLE large (text TEXT) STRICT; BEGIN',
    `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)
     INSERT INTO large SELECT hex(zeroblob(500)) FROM n`,
    'ROLLBACK',
  ];
  const { whole, inspect } = killedLog(t, spill);
  t.true(whole.byteLength > frame(20), 'pages were spilled into the log');
  t.is(inspect(whole), 'accepted');
});
