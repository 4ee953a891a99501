// Writes a log as a process of tine does, and says at its end how many lines were dropped: for the tests of the
// logger, as what it writes to is the standard output of its process.
import { makeLog } from './logger.ts';

const { lines, bytes, mode, level, format } = JSON.parse(process.argv[2]!) as {
  lines: number;
  /** Length of each line's text. */
  bytes: number;
  /** `later`: the end is left to the process. `flush`: written out, and the process ends at once. */
  mode: 'later' | 'flush';
  level: 'info' | 'warn';
  format: 'auto' | 'json' | 'pretty';
};

const log = makeLog({ logLevel: level, logFormat: format }, 'test', () => ({ mixed: 'in' }));
for (let n = 0; n < lines; n++) {
  log.logger.info({ n }, 'x'.repeat(bytes));
  // A process of tine is never this busy: what it writes is taken between its turns.
  if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
}
log.logger.warn('the last line');
if (mode === 'flush') {
  log.flush();
  process.stderr.write(`${JSON.stringify({ dropped: log.dropped(), isPretty: log.isPretty })}\n`);
  process.exit(0);
}
