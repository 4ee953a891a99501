import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../samples.ts';
import { migrate, readMigrations, schemaOf } from './migrate.ts';

const IDENTITY = { store: 'id', createdAt: 1 };
const SECOND = 'CREATE TABLE second (n INTEGER) STRICT; INSERT INTO second VALUES (1);';

function empty(t: ExecutionContext): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  t.teardown(() => database.close());
  return database;
}

const marked = (database: DatabaseSync) =>
  database
    .prepare('SELECT schema FROM marker')
    .all()
    .map(({ schema }) => schema);
const tables = (database: DatabaseSync) =>
  database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .all()
    .map(({ name }) => name);

test('migrate() brings a new database to the last schema, and says so in user_version and marker', (t) => {
  const database = empty(t);
  const migrations = readMigrations();
  migrate(database, migrations, IDENTITY);
  t.is(schemaOf(database), migrations.length);
  t.deepEqual(marked(database), [migrations.length]);
  t.deepEqual(tables(database), ['bodies', 'marker', 'programs', 'traffic_changes', 'versions']);
});

test('migrate() runs only what the database has not seen', (t) => {
  const database = empty(t);
  const [first] = readMigrations();
  migrate(database, [first!], IDENTITY);
  t.is(schemaOf(database), 1);
  migrate(database, [first!, SECOND], IDENTITY);
  migrate(database, [first!, SECOND], IDENTITY);
  t.is(schemaOf(database), 2);
  t.deepEqual(marked(database), [2]);
  t.is(database.prepare('SELECT count(*) AS n FROM second').get()?.['n'], 1);
});

test('migrate() leaves the schema before a migration that fails, whole', (t) => {
  const database = empty(t);
  const [first] = readMigrations();
  t.throws(() => migrate(database, [first!, `${SECOND} INSERT INTO nowhere VALUES (1);`], IDENTITY), {
    message: /nowhere/,
  });
  t.is(schemaOf(database), 1);
  t.deepEqual(marked(database), [1]);
  t.false(tables(database).includes('second'));
  t.false(database.isTransaction);
});

test('readMigrations() reads the numbered files in order, and refuses a gap', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, '0002-b.sql'), 'B');
  writeFileSync(join(folder, '0001-a.sql'), 'A');
  writeFileSync(join(folder, 'README'), 'no migration');
  t.deepEqual(readMigrations(folder), ['A', 'B']);
  writeFileSync(join(folder, '0004-d.sql'), 'D');
  t.throws(() => readMigrations(folder), { message: /0003-\*\.sql must come next: got 0004-d\.sql/ });
});
