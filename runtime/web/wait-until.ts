// `waitUntil`, in both forms of handlers. Lazy.
import { writeLine } from './console/write.ts';
import { TypeError } from './primordials.ts';
import { noteResult, type Run } from './run.ts';
import { describeThrown } from './thrown.ts';
import { whenSettled } from './when-settled.ts';

/** `waitUntil`, in both forms of handlers. */
export function waitFor(run: Run, work: unknown): void {
  if (run.state === 'over') throw new TypeError('waitUntil: this request is over');
  run.background += 1;
  const done = () => {
    run.background -= 1;
    noteResult(run);
  };
  whenSettled(work, done, (reason) => {
    const { name, message, stack } = describeThrown(reason);
    writeLine('error', `waitUntil: ${stack === '' ? `${name}: ${message}` : stack}`);
    done();
  });
}
