// Brings a database to the schema of this tine. Migrations are the numbered files in `migrations/`, in order; each
// runs in one transaction with `PRAGMA user_version` and the marker row, so a kill leaves the one before or the one
// after. A migration that has been released is never edited.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { rowSha256 } from '../check.ts';

/** What the marker row says of a database. */
export interface Identity {
  /** A UUID, made with the database; in the marker file too. */
  store: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** The SQL of each migration; the first one makes schema 1. @throws Error when a number is missing */
export function readMigrations(folder: string = join(import.meta.dirname, 'migrations')): string[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const wanted = String(index + 1).padStart(4, '0');
    if (!name.startsWith(`${wanted}-`))
      throw new Error(`Cannot migrate as file ${wanted}-*.sql must come next: got ${name}`);
    return readFileSync(join(folder, name), 'utf8');
  });
}

/** The schema that the database has; 0 when it is new. */
export function schemaOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

/** Runs what the database has not seen yet. An error leaves it at the last schema that was complete. */
export function migrate(database: DatabaseSync, migrations: readonly string[], { store, createdAt }: Identity): void {
  for (let schema = schemaOf(database) + 1; schema <= migrations.length; schema++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migrations[schema - 1]!);
      database.exec(`PRAGMA user_version = ${schema}`);
      database
        .prepare('INSERT OR REPLACE INTO marker (id, store, schema, created_at, sha256) VALUES (1, ?, ?, ?, ?)')
        .run(store, schema, createdAt, rowSha256('marker', store, schema, createdAt));
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
