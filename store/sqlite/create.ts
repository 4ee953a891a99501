// Makes the database of a new folder, such that a kill at any instant leaves either nothing that counts or a whole
// store: the database is made under another name, then comes the marker file, then the database gets its name.
// A marker without a database is therefore an interrupted creation when the unborn database is there, and a loss
// when it is not. Never touches a database that has its name.

import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store.ts';
import { renameDurably, type StoreFiles, touchPrivate, writeDurably } from './files.ts';
import { migrate, readMigrations } from './migrate.ts';

/** In the header of each of our databases, so that another program's is not taken for one: "tine". */
export const APPLICATION_ID = 0x74696e65;

/** Makes sure that the folder has a database and a marker.
 * @throws `store_unusable` when one of them is there without the other */
export function ensureCreated(files: StoreFiles, now: () => number): void {
  const hasMarker = existsSync(files.marker);
  const hasDatabase = existsSync(files.database) || existsSync(`${files.database}-wal`);
  if (hasMarker && hasDatabase) return;
  if (hasDatabase) throw lost(files.marker, files.database);
  if (!hasMarker) create(files, now());
  else if (!existsSync(files.unborn)) throw lost(files.database, files.marker);
  renameDurably(files.unborn, files.database);
}

/** What the marker file of a store says. */
export function markerText(store: string): string {
  return `tine store ${store}\n`;
}

function create({ unborn, marker }: StoreFiles, createdAt: number): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${unborn}${suffix}`, { force: true });
  touchPrivate(unborn);
  const store = randomUUID();
  const database = new DatabaseSync(unborn);
  try {
    database.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${APPLICATION_ID}`);
    migrate(database, readMigrations(), { store, createdAt });
  } finally {
    database.close();
  }
  writeDurably(marker, markerText(store));
}

function lost(file: string, other: string): StoreError {
  return new StoreError('store_unusable', `Cannot open the store as ${file} must be there: got only ${other}`, {
    details: { file },
  });
}
