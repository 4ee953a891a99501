// What SQLite and the file system throw, in the words of the store. The codes were seen on real full disks, locks
// and damaged files; a quota and a file size limit come as a failed write (778), a full disk under the shared
// memory file as 4874.

import { StoreError } from '../store.ts';

const BUSY = 5;
const LOCKED = 6;
const FULL = 13;
const WRITE_FAILED = 778;
const SHARED_MEMORY_FAILED = 4874;
const FSYNC_FAILED = 1034;
const DIRECTORY_FSYNC_FAILED = 1290;

/** SQLite's extended result code, or undefined for any other error. */
function errcodeOf(error: unknown): number | undefined {
  const errcode = (error as { errcode?: unknown } | null | undefined)?.errcode;
  return typeof errcode === 'number' ? errcode : undefined;
}

/** Somebody else holds the database: worth another try. */
export function isBusy(error: unknown): boolean {
  const primary = (errcodeOf(error) ?? 0) & 0xff;
  return primary === BUSY || primary === LOCKED;
}

/** The disk did not take what it had been given: what is on it from now on is anybody's guess. */
export function isSyncFailure(error: unknown): boolean {
  const errcode = errcodeOf(error);
  return errcode === FSYNC_FAILED || errcode === DIRECTORY_FSYNC_FAILED;
}

/** Any thrown value as a StoreError that names the file; a StoreError stays what it is. */
export function toStoreError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = { details: { file }, cause: error };
  if (isBusy(error))
    return new StoreError('store_busy', `Cannot use ${file} as another process holds it: ${message}`, options);
  if (isFull(error))
    return new StoreError('no_space', `Cannot write ${file} as there is no space left: ${message}`, options);
  return new StoreError('store_unusable', `Cannot use ${file}: ${message}`, options);
}

/** A place in the database that cannot be trusted. */
export function damaged(file: string, table: string, row: number | string, what: string): StoreError {
  return new StoreError('store_unusable', `Cannot trust ${file}, table ${table}, row ${row}: ${what}`, {
    details: { file, table, row },
  });
}

function isFull(error: unknown): boolean {
  const errcode = errcodeOf(error);
  if (errcode !== undefined) {
    return (errcode & 0xff) === FULL || errcode === WRITE_FAILED || errcode === SHARED_MEMORY_FAILED;
  }
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
