// The register: 32 bytes in an unlinked file that an executor shares with its ingress. Just before a slice the
// executor writes which run it enters, when, and how long it may take. The ingress reads it when it wonders whether
// to kill, and whom to blame. It is a file and not a frame because a slice that never comes back never flushes a
// frame either, and one `pwrite` costs less than a microsecond.
//
//   0 f64 entry, monotonic ms of the machine   8 f64 timeout in ms   16 u32 run   20 u32 serial number of the slice

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REGISTER_BYTES = 32;

export interface RegisterEntry {
  /** Monotonic milliseconds, the same clock in all processes of the machine (`monotonicMs`). */
  enteredMs: number;
  timeoutMs: number;
  run: number;
  /** Counts the slices of this executor, from 1. 0: none was entered yet. */
  slice: number;
}

/** CLOCK_MONOTONIC in milliseconds. `performance.now()` would count from the start of each process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Opens a register; the descriptor is handed to the child at spawn. No name of it is left. */
export function openRegister(): number {
  for (const folder of ['/dev/shm', tmpdir()]) {
    const path = join(folder, `tine-register-${randomUUID()}`);
    try {
      const fd = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      writeSync(fd, Buffer.alloc(REGISTER_BYTES), 0, REGISTER_BYTES, 0);
      return fd;
    } catch {
      // no shared memory folder, or it cannot be written: take the next
    }
  }
  throw new Error(`Cannot open a register: neither /dev/shm nor ${tmpdir()} can be written`);
}

export class RegisterWriter {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(REGISTER_BYTES);
  #slice = 0;

  /** Serial number of the slice entered last. */
  get slice(): number {
    return this.#slice;
  }

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Called right before the executor enters a context. */
  enter(run: number, timeoutMs: number): void {
    this.#slice += 1;
    this.#buffer.writeDoubleLE(monotonicMs(), 0);
    this.#buffer.writeDoubleLE(timeoutMs, 8);
    this.#buffer.writeUInt32LE(run, 16);
    this.#buffer.writeUInt32LE(this.#slice >>> 0, 20);
    writeSync(this.#fd, this.#buffer, 0, REGISTER_BYTES, 0);
  }
}

export class RegisterReader {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(REGISTER_BYTES);

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(): RegisterEntry {
    readSync(this.#fd, this.#buffer, 0, REGISTER_BYTES, 0);
    return {
      enteredMs: this.#buffer.readDoubleLE(0),
      timeoutMs: this.#buffer.readDoubleLE(8),
      run: this.#buffer.readUInt32LE(16),
      slice: this.#buffer.readUInt32LE(20),
    };
  }

  close(): void {
    closeSync(this.#fd);
  }
}
