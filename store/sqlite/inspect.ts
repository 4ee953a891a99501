// Decides whether the database of a folder may be used at all, before anything is written to it. It is opened read
// only, so that what is refused stays as it was found: evidence. Sources are not read here: a damaged one concerns
// its own version, and is found when that is read.

import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isRowSha256 } from '../check.ts';
import { StoreError } from '../store.ts';
import { APPLICATION_ID, markerText } from './create.ts';
import { damaged, toStoreError } from './failures.ts';
import type { StoreFiles } from './files.ts';
import { inspectLog } from './inspect-log.ts';
import { type Identity, schemaOf } from './migrate.ts';
import { ProgramRows } from './program-rows.ts';

/** https://sqlite.org/fileformat2.html#the_database_header */
const DATABASE_HEADER_BYTES = 100;

/** The tables that decide what is served. Bodies are left out. */
const TABLES = ['marker', 'programs', 'versions', 'traffic_changes'];

/** @param schemaMax the newest schema this tine knows
 * @throws `store_unusable` naming file, table and row where known */
export function inspect(files: StoreFiles, schemaMax: number): Identity {
  const file = files.database;
  if (statSync(file).size === 0) throw unusable(file, 'it is empty');
  let database: DatabaseSync | undefined;
  try {
    inspectLog(`${file}-wal`);
    checkSize(file);
    database = new DatabaseSync(file, { readOnly: true });
    const applicationId = database.prepare('PRAGMA application_id').get()?.['application_id'];
    if (applicationId !== APPLICATION_ID)
      throw unusable(file, `application_id must be ${APPLICATION_ID}: got ${applicationId}`);
    const schema = schemaOf(database);
    if (schema < 1 || schema > schemaMax) throw unusable(file, `its schema must be 1 to ${schemaMax}: got ${schema}`);
    for (const table of TABLES) checkTable(database, file, table);
    const identity = readMarker(database, files, schema);
    // Reading is checking.
    new ProgramRows(database, file).list();
    return identity;
  } catch (error) {
    throw toStoreError(error, file);
  } finally {
    database?.close();
  }
}

/** SQLite notices missing pages, but not that the last one is cut. With a log the size is settled by that. */
function checkSize(file: string): void {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const header = Buffer.alloc(DATABASE_HEADER_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, header) < header.byteLength) return;
  } finally {
    closeSync(descriptor);
  }
  // 1 stands for 65,536, as two bytes have no room for it.
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const wanted = pageBytes * header.readUInt32BE(28);
  const { size } = statSync(file);
  if (size < wanted) throw unusable(file, `it must have ${wanted} bytes: got ${size}`);
}

function checkTable(database: DatabaseSync, file: string, table: string): void {
  const [first] = database.prepare(`PRAGMA integrity_check(${table})`).all();
  const found = String(first?.['integrity_check']);
  if (found !== 'ok') throw damaged(file, table, 'any', found);
}

/** The marker row, whole and the same as the marker file. */
function readMarker(database: DatabaseSync, { database: file, marker }: StoreFiles, schema: number): Identity {
  const row = database.prepare('SELECT store, schema, created_at, sha256 FROM marker WHERE id = 1').get();
  if (row === undefined) throw damaged(file, 'marker', 1, 'it is missing');
  const { store, schema: marked, created_at: createdAt, sha256 } = row;
  if (!isRowSha256(sha256, 'marker', store!, marked!, createdAt!)) {
    throw damaged(file, 'marker', 1, 'its sha256 is another one');
  }
  if (marked !== schema) throw damaged(file, 'marker', 1, `its schema must be user_version, ${schema}: got ${marked}`);
  const text = readFileSync(marker, 'utf8');
  if (text !== markerText(store as string)) {
    throw unusable(marker, `it must name the store in ${file}, ${store}: got ${JSON.stringify(text.slice(0, 100))}`);
  }
  return { store: store as string, createdAt: createdAt as number };
}

function unusable(file: string, what: string): StoreError {
  return new StoreError('store_unusable', `Cannot use ${file} as ${what}`, { details: { file } });
}
