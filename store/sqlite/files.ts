// The files of the store and how they are made: folder 0700, files 0600, whatever the umask is, and on disk before
// anything relies on them. Nothing here knows what is inside.

import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Only the owner reads and writes. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export interface StoreFiles {
  folder: string;
  /** The database; SQLite puts `-wal` and `-shm` beside it. */
  database: string;
  /** A database that is being made; renamed when it is complete. */
  unborn: string;
  /** Says that a database belongs here, and which. */
  marker: string;
  /** Held by the one process that owns the folder. Never open it but through SQLite: closing a file descriptor of it
   * would give up the lock, as POSIX has it. The same goes for the database. */
  lock: string;
  /** Who that is, for error messages. */
  pid: string;
}

export function storeFiles(dataFolder: string): StoreFiles {
  const folder = join(dataFolder, 'store');
  const file = (name: string) => join(folder, name);
  return {
    folder,
    database: file('store.db'),
    unborn: file('store.db.new'),
    marker: file('marker'),
    lock: file('lock'),
    pid: file('pid'),
  };
}

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  chmodSync(path, FOLDER_MODE);
}

/** Makes an empty file if there is none, and its mode right in any case. Does not open one that is there. */
export function touchPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', FILE_MODE));
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
  }
  chmodSync(path, FILE_MODE);
}

/** Replaces a file: all of it or nothing, and on disk. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const bytes = Buffer.from(text);
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', FILE_MODE);
  try {
    for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, FILE_MODE);
  renameDurably(temporary, path);
}

export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  const folder = openSync(dirname(to), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
