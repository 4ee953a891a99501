// Where lines of output go: into the outbox of the run whose slice is under way, or into the report of the top level.
// Bounded by `logBytes`: the line that passes the bound is cut, those after it are only counted.
import { ArrayPrototypePush, StringPrototypeSlice } from '../primordials.ts';
import type { LogLine } from '../protocol.ts';
import { currentRun } from '../run.ts';

const TOP_LEVEL_CHARS = 65_536;

/** How many groups are open: those of a run are closed when another one begins. */
export const groups = { depth: 0 };

let topLevel: LogLine[] = [];
let topLevelLeft = TOP_LEVEL_CHARS;

/** Characters that still fit; 0 when a line would be dropped. */
export function roomLeft(): number {
  const run = currentRun();
  return run === undefined ? topLevelLeft : run.logLeft;
}

export function writeLine(level: LogLine['level'], text: string): void {
  const run = currentRun();
  const room = roomLeft();
  if (room <= 0) {
    if (run !== undefined) run.left.dropped += 1;
    return;
  }
  const line = text.length <= room ? text : `${StringPrototypeSlice(text, 0, room - 1)}…`;
  if (run === undefined) {
    ArrayPrototypePush(topLevel, { level, text: line });
    topLevelLeft -= line.length + 1;
  } else {
    ArrayPrototypePush(run.left.log, { level, text: line });
    run.logLeft -= line.length + 1;
  }
}

/** A line that does not fit was not even formatted. */
export function dropLine(): void {
  const run = currentRun();
  if (run !== undefined) run.left.dropped += 1;
}

/** What was written at the top level. */
export function takeTopLevelLog(): LogLine[] {
  const taken = topLevel;
  topLevel = [];
  topLevelLeft = TOP_LEVEL_CHARS;
  return taken;
}
