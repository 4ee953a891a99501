// Looks at SQLite's write-ahead log as a killed process left it. SQLite reads the log up to the first frame whose
// checksum is wrong and drops the rest without a word: right for a transaction that was being written when the power
// went, wrong for a bit that flipped in one that was acknowledged. The two can be told apart: a transaction is
// written only after the one before it is on disk. So frames of a later transaction behind a broken one are proof of
// damage. What cannot be told is whether the very last transaction was broken or never finished; it is dropped,
// as SQLite does. That is why the store empties its log whenever it has nothing else to do.

import { readFileSync } from 'node:fs';
import { StoreError } from '../store.ts';

// The format is described at https://sqlite.org/fileformat2.html#walformat; all integers are big-endian, the
// checksum is computed in the byte order that the last bit of the magic number names.
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

interface Log {
  bytes: Buffer;
  pageBytes: number;
  frames: number;
  littleEndian: boolean;
}

type Sum = readonly [number, number];

/** @throws `store_unusable` naming the log when it lost a transaction that had been acknowledged */
export function inspectLog(file: string): void {
  const log = readLog(file);
  if (log === undefined) return;
  const broken = firstBroken(log, headerSum(log, file));
  for (let frame = broken, ended = false; frame < log.frames; frame++) {
    if (ended && isCurrent(log, frame)) throw damagedLog(file, `frame ${broken + 1} of ${log.frames} is broken`);
    ended ||= isCommit(log, frame);
  }
}

/** @returns undefined when nothing can have been committed to it */
function readLog(file: string): Log | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
  // A header that is cut or all zeros was never on disk, as it is before any frame is.
  if (bytes.byteLength < HEADER_BYTES || bytes.subarray(0, HEADER_BYTES).every((byte) => byte === 0)) return undefined;
  const magic = bytes.readUInt32BE(0);
  const pageBytes = bytes.readUInt32BE(8);
  const frames = Math.floor((bytes.byteLength - HEADER_BYTES) / (FRAME_HEADER_BYTES + pageBytes));
  return { bytes, pageBytes, frames, littleEndian: (magic & 1) === 0 };
}

/** The checksum that the first frame goes on from. */
function headerSum(log: Log, file: string): Sum {
  const sum = add(log, [0, 0], 0, 24);
  const magic = log.bytes.readUInt32BE(0);
  if ((magic & ~1) !== MAGIC || !isSum(log, 24, sum)) throw damagedLog(file, 'its header is broken');
  return sum;
}

function firstBroken(log: Log, start: Sum): number {
  let sum = start;
  for (let frame = 0; frame < log.frames; frame++) {
    const at = startOf(log, frame);
    sum = add(log, add(log, sum, at, 8), at + FRAME_HEADER_BYTES, log.pageBytes);
    if (!isCurrent(log, frame) || !isSum(log, at + 16, sum)) return frame;
  }
  return log.frames;
}

function startOf({ pageBytes }: Log, frame: number): number {
  return HEADER_BYTES + frame * (FRAME_HEADER_BYTES + pageBytes);
}

/** Written since the log was last begun from the start: it has the salts of the header. */
function isCurrent(log: Log, frame: number): boolean {
  const at = startOf(log, frame) + 8;
  return log.bytes.compare(log.bytes, 16, 24, at, at + 8) === 0;
}

/** The last frame of a transaction: it says how large the database is. */
function isCommit(log: Log, frame: number): boolean {
  return log.bytes.readUInt32BE(startOf(log, frame) + 4) !== 0;
}

function isSum({ bytes }: Log, at: number, [first, second]: Sum): boolean {
  return bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second;
}

function add({ bytes, littleEndian }: Log, [first, second]: Sum, at: number, length: number): Sum {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  let a = first;
  let b = second;
  for (let offset = 0; offset < length; offset += 8) {
    a = (a + view.getUint32(offset, littleEndian) + b) >>> 0;
    b = (b + view.getUint32(offset + 4, littleEndian) + a) >>> 0;
  }
  return [a, b];
}

function damagedLog(file: string, what: string): StoreError {
  return new StoreError('store_unusable', `Cannot trust ${file} as ${what}`, { details: { file } });
}
