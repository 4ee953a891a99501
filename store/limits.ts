// Every number of the store: name with its unit last, and why it is what it is.

export const STORE_LIMITS = {
  /** How long SQLite itself may wait for a lock. It blocks the event loop, so: hardly. */
  busyTimeoutMs: 5,
  /** Between two tries of a timer, when the database is locked. */
  retryEveryMs: 20,
  /** After this long a locked database is `store_busy`. */
  retryForMs: 1_000,
  /** Writes that wait for the disk; one more is `store_busy`. */
  writesQueuedMax: 1_024,
  /** Changes of the traffic that are kept of each program. */
  trafficChangesMax: 1_000,
  /** Configuration and modules of one version, as they are stored. Uploads are bounded elsewhere, well below. */
  bodyBytesMax: 64_000_000,
  /** The log is moved into the database when it has this many pages of 4 KiB. */
  walPages: 1_000,
  /** After this long without a write the log is emptied. */
  walIdleMs: 250,
  /** A log that grew beyond this is cut when it has been moved. */
  walBytes: 8_388_608,
} as const;
