import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { codeOf, temporaryFolder } from '../samples.ts';
import { StoreError } from '../store.ts';
import { type WritableDatabase, Writer } from './writer.ts';

/** A database with a table of numbers, and a count of its transactions. */
function numbers(t: ExecutionContext, options: { queuedMax?: number } = {}) {
  const file = join(temporaryFolder(t), 'numbers.db');
  const database = new DatabaseSync(file);
  t.teardown(() => database.close());
  database.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT');
  const begun: string[] = [];
  const watched: WritableDatabase = {
    exec: (sql) => {
      if (sql.startsWith('BEGIN')) begun.push(sql);
      database.exec(sql);
    },
    get isTransaction() {
      return database.isTransaction;
    },
  };
  const insert = database.prepare('INSERT INTO numbers VALUES (?)');
  const writer = new Writer(watched, { file, ...options });
  const add = (n: number) => writer.write(() => Number(insert.run(n).changes));
  const all = () =>
    database
      .prepare('SELECT n FROM numbers')
      .all()
      .map(({ n }) => n);
  return { writer, database, insert, add, all, begun };
}

/** An error as node:sqlite throws it. */
const sqliteError = (errcode: number) => Object.assign(new Error('made up'), { code: 'ERR_SQLITE_ERROR', errcode });

test('Writer.write() runs what is asked for in one tick in one transaction, in order', async (t) => {
  const { add, all, begun } = numbers(t);
  await Promise.all([add(3), add(1), Promise.resolve().then(() => add(2))]);
  t.deepEqual(all(), [1, 2, 3]);
  t.is(begun.length, 1);
  await add(4);
  t.is(begun.length, 2);
});

test('Writer.write() answers only after the commit, also a refusal', async (t) => {
  const { writer, database, insert } = numbers(t);
  const seen: boolean[] = [];
  const kept = writer.write(() => insert.run(1)).then(() => seen.push(database.isTransaction));
  const refused = writer
    .write(() => {
      throw new StoreError('not_found', 'made up');
    })
    .catch(() => seen.push(database.isTransaction));
  await Promise.all([kept, refused]);
  t.deepEqual(seen, [false, false]);
});

test('Writer.write() undoes a refused job alone', async (t) => {
  const { writer, add, insert, all } = numbers(t);
  const refused = writer.write(() => {
    insert.run(2);
    throw new StoreError('version_conflict', 'made up');
  });
  t.deepEqual(await Promise.all([codeOf(add(1)), codeOf(refused), codeOf(add(3))]), [
    'none',
    'version_conflict',
    'none',
  ]);
  t.deepEqual(all(), [1, 3]);
});

test('Writer.write() undoes a job that breaks in the middle, and does its neighbours one by one', async (t) => {
  const { writer, add, insert, all } = numbers(t);
  const broken = writer.write(() => {
    insert.run(2);
    insert.run(2);
  });
  t.deepEqual(await Promise.all([codeOf(add(1)), codeOf(broken), codeOf(add(3))]), ['none', 'store_unusable', 'none']);
  t.deepEqual(all(), [1, 3]);
});

test('Writer.write() is store_busy when queuedMax wait already', async (t) => {
  const { add, all } = numbers(t, { queuedMax: 2 });
  t.deepEqual(await Promise.all([1, 2, 3].map((n) => codeOf(add(n)))), ['none', 'none', 'store_busy']);
  t.deepEqual(all(), [1, 2]);
  t.is(await codeOf(add(3)), 'none');
});

test('Writer.write() from the answer of another write is not lost', async (t) => {
  const { writer, add, all } = numbers(t);
  const last = add(1)
    .then(() => add(2))
    .then(() => add(3));
  await writer.drain();
  await last;
  t.deepEqual(all(), [1, 2, 3]);
});

test('Writer.write() begins again when the database is free after a while', async (t) => {
  let locked = 3;
  const ran: string[] = [];
  const database: WritableDatabase = {
    exec: (sql) => {
      if (sql.startsWith('BEGIN') && locked-- > 0) throw sqliteError(5);
      ran.push(sql);
    },
    isTransaction: false,
  };
  const writer = new Writer(database, { file: 'f', patience: { everyMs: 1, forMs: 1_000 } });
  t.is(await writer.write(() => 'done'), 'done');
  t.deepEqual(ran, ['BEGIN IMMEDIATE', 'SAVEPOINT job', 'RELEASE job', 'COMMIT']);
});

test('Writer.write() believes no later write after an fsync that failed', async (t) => {
  let failures = 1;
  const database: WritableDatabase = {
    exec: (sql) => {
      if (sql === 'COMMIT' && failures-- > 0) throw sqliteError(1034);
    },
    isTransaction: false,
  };
  const writer = new Writer(database, { file: 'f' });
  t.deepEqual(await Promise.all([codeOf(writer.write(() => 1)), codeOf(writer.write(() => 2))]), [
    'store_unusable',
    'store_unusable',
  ]);
  t.is(await codeOf(writer.write(() => 3)), 'store_unusable');
});
