// One process at a time owns a store. The lock is SQLite's own, on a tiny database that is never written: the kernel
// drops it with the process, however that ends, so there is nothing stale to clean up. The pid file beside it only
// helps the error message.

import { readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store.ts';
import { isBusy, toStoreError } from './failures.ts';
import { type StoreFiles, touchPrivate, writeDurably } from './files.ts';

/** Takes the lock, or throws at once.
 * @returns what gives it back
 * @throws `store_busy` with `details: {file, pid?}` when it is held, here or in another process */
export function takeLock(files: StoreFiles): () => void {
  touchPrivate(files.lock);
  const lock = new DatabaseSync(files.lock, { timeout: 0 });
  try {
    // Without a journal in memory SQLite leaves one beside the lock.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeDurably(files.pid, `${process.pid}\n`);
  } catch (error) {
    lock.close();
    throw isBusy(error) ? held(files, error) : toStoreError(error, files.lock);
  }
  return () => {
    rmSync(files.pid, { force: true });
    lock.close();
  };
}

function held({ folder, lock, pid: pidFile }: StoreFiles, cause: unknown): StoreError {
  const pid = readPid(pidFile);
  const holder = pid === undefined ? 'another process' : `process ${pid}`;
  const details = { file: lock, ...(pid === undefined ? {} : { pid }) };
  return new StoreError('store_busy', `Cannot open the store in ${folder} as ${holder} holds it`, { details, cause });
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}
