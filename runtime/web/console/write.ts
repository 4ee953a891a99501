// Where lines of output go: into the outbox of the run whose slice is under way, or into the report of the top level.
// Bounded by `logBytes`: the line that passes the bound is cut, those after it are only counted. Lazy.
import { awake } from '../awake.ts';
import { ArrayPrototypePush, MathMin } from '../primordials.ts';
import type { LogLine } from '../protocol.ts';
import { currentRun } from '../run.ts';
import { bytesOfLine, cutToBytes } from './line-bytes.ts';

/** Bytes that still fit; 0 or less when a line would be dropped. */
export function roomLeft(): number {
  const run = currentRun();
  return run === undefined ? awake.logLeft : run.logLeft;
}

export function writeLine(level: LogLine['level'], text: string): void {
  const run = currentRun();
  const room = roomLeft();
  if (room <= 0) {
    dropLine();
    return;
  }
  const bytes = bytesOfLine(text, room);
  const line = bytes <= room ? text : cutToBytes(text, room);
  // with the end of the line
  const left = room - MathMin(bytes, room) - 1;
  ArrayPrototypePush(run === undefined ? awake.log : run.left.log, { level, text: line });
  if (run === undefined) awake.logLeft = left;
  else run.logLeft = left;
}

/** A line that does not fit was not even formatted. */
export function dropLine(): void {
  const run = currentRun();
  if (run !== undefined) run.left.dropped += 1;
}
