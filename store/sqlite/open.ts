// Opens the SQLite engine, in the order that keeps evidence: own the folder, make what is new, look at what is there
// without writing, and only then open for writing and migrate.

import { DatabaseSync } from 'node:sqlite';
import { STORE_LIMITS } from '../limits.ts';
import { type Store, StoreError } from '../store.ts';
import { ensureCreated } from './create.ts';
import { toStoreError } from './failures.ts';
import { makeFolder, type StoreFiles, storeFiles, touchPrivate } from './files.ts';
import { inspect } from './inspect.ts';
import { takeLock } from './lock.ts';
import { migrate, readMigrations } from './migrate.ts';
import { SqliteStore } from './sqlite-store.ts';
import { untilFree } from './until-free.ts';

export interface SqliteOptions {
  /** The data folder. */
  folder: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** @throws `store_busy`, `store_unusable`, `no_space` */
export async function openSqlite({ folder, now = Date.now }: SqliteOptions): Promise<Store> {
  const files = storeFiles(folder);
  let unlock: (() => void) | undefined;
  try {
    makeFolder(files.folder);
    unlock = takeLock(files);
    ensureCreated(files, now);
    const database = await untilFree(() => openDatabase(files));
    return new SqliteStore({ database, file: files.database, now, closed: unlock });
  } catch (error) {
    unlock?.();
    throw toStoreError(error, files.database);
  }
}

function openDatabase(files: StoreFiles): DatabaseSync {
  const migrations = readMigrations();
  const identity = inspect(files, migrations.length);
  touchPrivate(files.database);
  const database = new DatabaseSync(files.database, {
    timeout: STORE_LIMITS.busyTimeoutMs,
    enableForeignKeyConstraints: true,
    defensive: true,
  });
  try {
    configure(database, files.database);
    migrate(database, migrations, identity);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** `FULL`: a commit returns when it is on disk, which is what an acknowledgement means. */
function configure(database: DatabaseSync, file: string): void {
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') {
    const message = `Cannot use ${file} as its journal_mode must be "wal": got "${mode}"`;
    throw new StoreError('store_unusable', message, { details: { file } });
  }
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${STORE_LIMITS.walPages};
    PRAGMA journal_size_limit = ${STORE_LIMITS.walBytes};
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
  `);
}
