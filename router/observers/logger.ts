// The log of a process: JSON lines, or for people when it is a terminal. Writing never waits for the reader: beyond a
// bounded buffer lines are dropped, and the number of dropped ones is told once a second when there is room again.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Settings } from '../config/settings.ts';

const BUFFER_BYTES_MAX = 4_000_000;
const FLUSH_MS = 200;

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
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: 4_096,
    maxLength: BUFFER_BYTES_MAX,
    periodicFlush: FLUSH_MS,
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
      try {
        destination.flushSync();
      } catch {
        // closed, or never opened
      }
    },
  };
}
