// The store on one SQLite database: what each call means, in terms of rows. Reads run at once, writes in the
// writer's next transaction. Opening, locking and creating are in `open.ts`.

import type { DatabaseSync } from 'node:sqlite';
import { checkLimit, checkTraffic, checkVersionRecord } from '../arguments.ts';
import { STORE_LIMITS } from '../limits.ts';
import {
  type ProgramRecord,
  type Store,
  StoreError,
  type Traffic,
  type TrafficChange,
  type VersionRecord,
  type VersionSummary,
} from '../store.ts';
import { toStoreError } from './failures.ts';
import { type ProgramRow, ProgramRows } from './program-rows.ts';
import { untilFree } from './until-free.ts';
import { VersionRows } from './version-rows.ts';
import { Writer } from './writer.ts';

export interface SqliteStoreParts {
  database: DatabaseSync;
  /** Named in errors. */
  file: string;
  now: () => number;
  /** Called once, when the database is closed. */
  closed: () => void;
}

export class SqliteStore implements Store {
  readonly #parts: SqliteStoreParts;
  readonly #writer: Writer;
  readonly #programs: ProgramRows;
  readonly #versions: VersionRows;
  #idle: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteStoreParts) {
    this.#parts = parts;
    this.#writer = new Writer(parts.database, parts);
    this.#programs = new ProgramRows(parts.database, parts.file);
    this.#versions = new VersionRows(parts.database, parts.file);
  }

  async putVersion(record: VersionRecord): Promise<boolean> {
    checkVersionRecord(record);
    return this.#write(() => {
      const program = this.#programs.find(record.program) ?? this.#programs.insert(record.program, this.#parts.now());
      return this.#versions.put(program, record);
    });
  }

  async getVersion(program: string, version: string): Promise<VersionRecord> {
    return this.#read(() => this.#versions.read(this.#program(program), version));
  }

  async listVersions(program: string): Promise<VersionSummary[]> {
    return this.#read(() => this.#versions.list(this.#program(program)));
  }

  async listPrograms(): Promise<ProgramRecord[]> {
    return this.#read(() => this.#programs.list().map(toRecord));
  }

  async getProgram(name: string): Promise<ProgramRecord | undefined> {
    return this.#read(() => {
      const program = this.#programs.find(name);
      return program && toRecord(program);
    });
  }

  async setTraffic(name: string, traffic: Traffic, expected: number): Promise<ProgramRecord> {
    checkTraffic(traffic);
    return this.#write(() => {
      const program = this.#program(name);
      if (program.revision !== expected) throw conflict(program, expected);
      for (const version of Object.keys(traffic)) {
        if (!this.#versions.has(program, version)) throw missing(`version ${version} of program "${name}"`);
      }
      return toRecord(this.#programs.setTraffic(program, traffic, this.#parts.now()));
    });
  }

  async trafficHistory(program: string, limit: number): Promise<TrafficChange[]> {
    checkLimit(limit);
    return this.#read(() => this.#programs.changes(this.#program(program), limit));
  }

  async pruneVersions(name: string, keep: number): Promise<number> {
    checkLimit(keep);
    return this.#write(() => {
      const program = this.#program(name);
      const traffic = toRecord(program).traffic;
      const idle = this.#versions.list(program).filter(({ version }) => !Object.hasOwn(traffic, version));
      const old = idle.slice(keep);
      for (const { version } of old) this.#versions.delete(program, version);
      return old.length;
    });
  }

  async deleteProgram(name: string): Promise<void> {
    return this.#write(() => this.#programs.delete(this.#program(name)));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.drain();
    clearTimeout(this.#idle);
    this.#parts.database.close();
    this.#parts.closed();
  }

  #program(name: string): ProgramRow {
    const program = this.#programs.find(name);
    if (program === undefined) throw missing(`program "${name}"`);
    return program;
  }

  async #read<T>(read: () => T): Promise<T> {
    this.#assertOpen();
    try {
      return await untilFree(() => {
        this.#assertOpen();
        return read();
      });
    } catch (error) {
      throw toStoreError(error, this.#parts.file);
    }
  }

  async #write<T>(job: () => T): Promise<T> {
    this.#assertOpen();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#emptyLog(), STORE_LIMITS.walIdleMs).unref();
    return this.#writer.write(job);
  }

  /** What is in the log is safe as well, so a failure can wait. Why at all: `inspect-log.ts`. */
  #emptyLog(): void {
    try {
      this.#parts.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // A lock or a full disk: the next pause will do.
    }
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    const { file } = this.#parts;
    throw new StoreError('store_unusable', `Cannot use ${file} as it has been closed`, { details: { file } });
  }
}

function toRecord({ name, createdAt, revision, traffic }: ProgramRow): ProgramRecord {
  return { name, createdAt, traffic, revision };
}

function missing(what: string): StoreError {
  return new StoreError('not_found', `Cannot find ${what}`);
}

function conflict({ name, revision, traffic }: ProgramRow, expected: number): StoreError {
  const message = `Cannot set the traffic of program "${name}" as its revision must be ${expected}: got ${revision}`;
  return new StoreError('version_conflict', message, { details: { revision, traffic } });
}
