// Opens the SQLite engine, in the order that keeps evidence: own the folder, make what is new, look at what is there
// without writing, and only then open for writing and migrate.

import type { DatabaseSync } from 'node:sqlite';
import type { Store } from '../store.ts';
import { connect } from './connect.ts';
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
  const database = connect(files.database);
  try {
    migrate(database, migrations, identity);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
