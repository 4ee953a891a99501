// The log of a process: JSON lines, or for people when it is a terminal. Writing never waits for the reader: beyond a
// bounded buffer lines are dropped, and the number of dropped ones is told once a second when there is room again.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Settings } from '../config/settings.ts';

const BUFFER_BYTES_MAX = 4_000_000;
const FLUSH_MS = 200;
/** What is not taken by then at the end of the process is lost. */
const LAST_FLUSH_MS = 300;

export interface Log {
  logger: Logger;
  /** For people, not for machines. */
  isPretty: boolean;
  /** Lines dropped so far, as nobody read them. */
  dropped(): number;
  /** Writes out what is buffered; for the end of the process. */
  flush(): void;
}

/** @param process which process writes: `supervisor`, `ingress` */
export function makeLog(
  { logLevel, logFormat }: Pick<Settings, 'logLevel' | 'logFormat'>,
  processName: string,
  mixin?: () => object,
): Log {
  // Merely looking at it makes a pipe non-blocking. A write to one that is full would occupy a thread for ever, and
  // the process could not even end.
  const isTTY = process.stdout.isTTY === true; // absent where it is none
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && isTTY);
  let lastFlushEndsMs = Number.POSITIVE_INFINITY;
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: 4_096,
    maxLength: BUFFER_BYTES_MAX,
    periodicFlush: FLUSH_MS,
    retryEAGAIN: () => performance.now() < lastFlushEndsMs,
  });
  let dropped = 0;
  destination.on('drop', () => {
    dropped += 1;
  });
  destination.on('error', () => {}); // a log that nobody takes is no reason to stop
  const stream = isPretty ? pretty({ destination, ignore: 'pid,hostname,process', singleLine: true }) : destination;
  const logger = pino(
    {
      level: logLevel,
      base: { process: processName },
      timestamp: pino.stdTimeFunctions.isoTime,
      ...(mixin === undefined ? {} : { mixin }),
    },
    stream,
  );
  return {
    logger,
    isPretty,
    dropped: () => dropped,
    flush: () => {
      lastFlushEndsMs = Math.min(lastFlushEndsMs, performance.now() + LAST_FLUSH_MS);
      try {
        destination.flushSync();
      } catch {
        destination.destroy(); // closed, never opened, or nobody reads it: nothing is tried again at exit
      }
    },
  };
}
