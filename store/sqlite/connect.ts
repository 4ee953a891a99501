// The one writing connection: SQLite's settings, and why. `FULL` makes a commit return when it is on disk, which is
// what an acknowledgement means; the log (WAL) lets reads go on while somebody else writes.

import { DatabaseSync } from 'node:sqlite';
import { STORE_LIMITS } from '../limits.ts';
import { StoreError } from '../store.ts';

/** @throws `store_unusable` where the file system cannot do WAL, and what SQLite throws otherwise */
export function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file, {
    timeout: STORE_LIMITS.busyTimeoutMs,
    enableForeignKeyConstraints: true,
    defensive: true,
  });
  try {
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
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
