import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { STORE_LIMITS } from '../limits.ts';
import { temporaryFolder } from '../samples.ts';
import type { StoreError } from '../store.ts';
import { connect } from './connect.ts';

test('connect() sets WAL, synchronous FULL, foreign keys and a timeout of at most 50 ms', (t) => {
  const database = connect(join(temporaryFolder(t), 'a.db'));
  t.teardown(() => database.close());
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  t.is(pragma('journal_mode'), 'wal');
  t.is(pragma('synchronous'), 2);
  t.is(pragma('foreign_keys'), 1);
  t.is(pragma('trusted_schema'), 0);
  t.is(pragma('cell_size_check'), 1);
  t.is(pragma('wal_autocheckpoint'), STORE_LIMITS.walPages);
  t.is(pragma('journal_size_limit'), STORE_LIMITS.walBytes);
  t.is(pragma('busy_timeout'), STORE_LIMITS.busyTimeoutMs);
  t.true(STORE_LIMITS.busyTimeoutMs <= 50);
});

test('connect() is defensive: SQL cannot write into the schema', (t) => {
  const database = connect(join(temporaryFolder(t), 'a.db'));
  t.teardown(() => database.close());
  database.exec('CREATE TABLE rows (n INTEGER) STRICT; PRAGMA writable_schema = ON');
  t.throws(() => database.exec("UPDATE sqlite_schema SET name = 'x'"), { message: /may not be modified/ });
});

test('connect() is store_unusable where there can be no WAL', (t) => {
  const error = t.throws<StoreError>(() => connect(':memory:'));
  t.is(error.code, 'store_unusable');
  t.regex(error.message, /journal_mode must be "wal": got "memory"/);
});

test('connect() gives the file back when it fails', (t) => {
  const file = join(temporaryFolder(t), 'a.db');
  const holder = new DatabaseSync(file);
  t.teardown(() => holder.close());
  holder.exec('CREATE TABLE rows (n INTEGER) STRICT; BEGIN EXCLUSIVE');
  t.throws(() => connect(file), { message: /locked/ });
  holder.exec('COMMIT');
  connect(file).close();
});
