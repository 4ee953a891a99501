// What must survive a crash: programs, their versions and which of them take traffic. One interface; each
// engine is a folder. A method that changes something returns only when the change is on disk.
//
// Every row that carries bytes carries their sha256 too, checked when read: V8, SQLite and disks believe
// whatever they are given.

/** One immutable upload. `version` is the full sha256 in hex; shown are its first 12 digits. */
export interface VersionRecord {
  program: string;
  version: string;
  language: 'javascript' | 'forge';
  /** The resolved configuration, as JSON text. */
  config: string;
  /** The upload: its modules by path, the first one being the entry. */
  modules: readonly SourceModule[];
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface SourceModule {
  path: string;
  text: string;
}

/** What `listVersions` gives: everything but the source. */
export interface VersionSummary {
  program: string;
  version: string;
  language: 'javascript' | 'forge';
  createdAt: number;
  sourceBytes: number;
}

/** Percent by version; the sum is 100, or the object is empty when nothing is served. */
export type Traffic = Readonly<Record<string, number>>;

export interface ProgramRecord {
  name: string;
  createdAt: number;
  traffic: Traffic;
  /** Grows by one with each change of the traffic; what compare-and-swap compares. 0: never set. */
  revision: number;
}

/** One change of a program's traffic: who served what since when. */
export interface TrafficChange {
  /** The revision that this change made. */
  revision: number;
  traffic: Traffic;
  /** Milliseconds since the epoch. The order is that of `revision`: clocks jump. */
  changedAt: number;
}

/** Errors of a store are `Error`s with one of these codes. Any call may end with `store_busy` (somebody else holds
 * the database; nothing was changed), `no_space` (nothing was changed) or `store_unusable` (`details` say the file and,
 * where known, table and row). `bad_request` and `invalid_name`: the caller's argument is wrong. */
export type StoreErrorCode =
  | 'bad_request'
  | 'invalid_name'
  | 'version_conflict'
  | 'corrupt_version'
  | 'not_found'
  | 'store_busy'
  | 'no_space'
  | 'store_unusable';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.details = options.details;
  }
}

export interface Store {
  /** Stores a version, and its program when that is new. Storing the same version again changes nothing, but that a
   * damaged one is whole again.
   * @throws `invalid_name`, `bad_request`
   * @returns whether it was new */
  putVersion(record: VersionRecord): Promise<boolean>;
  /** @throws `not_found`, `corrupt_version` */
  getVersion(program: string, version: string): Promise<VersionRecord>;
  /** Newest first. @throws `not_found` when there is no such program, `corrupt_version` */
  listVersions(program: string): Promise<VersionSummary[]>;
  /** By name. */
  listPrograms(): Promise<ProgramRecord[]>;
  /** @returns undefined when there is none */
  getProgram(name: string): Promise<ProgramRecord | undefined>;
  /** Moves traffic by compare-and-swap. Percents are integers from 0 to 100 whose sum is 100, or there are none.
   * @throws `version_conflict` with `details: {revision, traffic}` when `expected` is not the present revision,
   * `not_found` when program or version is unknown, `bad_request` when the percents are wrong
   * @returns the program as it is now */
  setTraffic(program: string, traffic: Traffic, expected: number): Promise<ProgramRecord>;
  /** The last changes of the traffic, newest first, at most `limit` of them. The newest is the present traffic; an
   * engine keeps at least 1,000. @throws `not_found` */
  trafficHistory(program: string, limit: number): Promise<TrafficChange[]>;
  /** Deletes versions that take no traffic, but for the `keep` newest of them. @throws `not_found`, `corrupt_version`
   * @returns how many were deleted */
  pruneVersions(program: string, keep: number): Promise<number>;
  /** Deletes the program with all its versions and its history. @throws `not_found` */
  deleteProgram(name: string): Promise<void>;
  /** Waits for what was asked before; every call after it is `store_unusable`. May be called twice. */
  close(): Promise<void>;
}
