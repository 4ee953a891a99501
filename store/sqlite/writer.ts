// All writes go through here, one transaction at a time. Writes that are asked for in one tick share a transaction,
// and so an fsync: 100 deploys at once cost about as much as one. Each has a savepoint of its own, so a refusal
// (a StoreError thrown by the job) undoes that job alone. Nobody is answered before the commit, the refused ones
// included: what they were refused for must be on disk as well.

import type { DatabaseSync } from 'node:sqlite';
import { STORE_LIMITS } from '../limits.ts';
import { StoreError } from '../store.ts';
import { isBusy, isSyncFailure, toStoreError } from './failures.ts';
import { type Patience, untilFree } from './until-free.ts';

/** What the writer needs of a database. */
export type WritableDatabase = Pick<DatabaseSync, 'exec' | 'isTransaction'>;

export interface WriterOptions {
  /** Named in errors. */
  file: string;
  patience?: Patience;
  queuedMax?: number;
}

interface Job {
  run: () => unknown;
  resolve: (value: never) => void;
  reject: (error: StoreError) => void;
}

type Settled = { value: unknown } | { refusal: StoreError };

export class Writer {
  readonly #database: WritableDatabase;
  readonly #file: string;
  readonly #patience: Patience;
  readonly #queuedMax: number;
  #queued: Job[] = [];
  #flushing: Promise<void> | undefined;
  /** Set when an fsync failed: no later success can be believed, so there is none. */
  #broken: StoreError | undefined;

  constructor(
    database: WritableDatabase,
    { file, patience = {}, queuedMax = STORE_LIMITS.writesQueuedMax }: WriterOptions,
  ) {
    this.#database = database;
    this.#file = file;
    this.#patience = patience;
    this.#queuedMax = queuedMax;
  }

  /** Runs a job in a transaction. It must be synchronous and touch nothing but the database, as it may be run again.
   * @returns what the job returned, when that is on disk
   * @throws what the job threw if that is a StoreError; `store_busy`, `no_space`, `store_unusable` */
  write<T>(run: () => T): Promise<T> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#queued.length >= this.#queuedMax) {
      const message = `Cannot queue a write as at most ${this.#queuedMax} may wait: got ${this.#queued.length}`;
      return Promise.reject(new StoreError('store_busy', message, { details: { file: this.#file } }));
    }
    const written = new Promise<T>((resolve, reject) => this.#queued.push({ run, resolve, reject }));
    this.#flushing ??= this.#flush();
    return written;
  }

  /** Resolves when everything that was asked for so far has been answered. */
  async drain(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flush(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queued.length > 0) {
      const batch = this.#queued;
      this.#queued = [];
      await this.#commit(batch);
    }
    this.#flushing = undefined;
  }

  async #commit(batch: Job[]): Promise<void> {
    try {
      if (this.#broken !== undefined) throw this.#broken;
      const settled = await untilFree(() => this.#transaction(batch), this.#patience);
      for (const [index, job] of batch.entries()) answer(job, settled[index]!);
    } catch (error) {
      if (isSyncFailure(error)) this.#broken = toStoreError(error, this.#file);
      // One job too large for the disk must not take the others with it.
      else if (batch.length > 1 && !isBusy(error)) {
        for (const job of batch) await this.#commit([job]);
        return;
      }
      for (const job of batch) job.reject(toStoreError(error, this.#file));
    }
  }

  #transaction(batch: readonly Job[]): Settled[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const settled = batch.map((job) => this.#attempt(job));
      this.#database.exec('COMMIT');
      return settled;
    } catch (error) {
      // A full disk ends the transaction by itself, most other failures do not.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #attempt({ run }: Job): Settled {
    this.#database.exec('SAVEPOINT job');
    try {
      const value = run();
      this.#database.exec('RELEASE job');
      return { value };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#database.exec('ROLLBACK TO job');
      this.#database.exec('RELEASE job');
      return { refusal: error };
    }
  }
}

function answer(job: Job, settled: Settled): void {
  if ('refusal' in settled) job.reject(settled.refusal);
  else job.resolve(settled.value as never);
}
