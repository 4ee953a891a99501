// Errors that nobody is there to catch: of listeners, timers and microtasks, and those given to `reportError`. They are
// offered to the `error` listeners of the global; when nobody takes care of one, it goes to the log.
import { writeLine } from '../console/write.ts';
import { describeThrown } from '../thrown.ts';

/** Set by `install.ts`: says whether somebody took care of the error. */
export const uncaught: { offer: (error: unknown) => boolean } = { offer: () => false };

let reporting = false;

export function reportException(error: unknown): void {
  // an error listener that throws does not come back to itself
  if (!reporting) {
    reporting = true;
    try {
      if (uncaught.offer(error)) return;
    } finally {
      reporting = false;
    }
  }
  const { name, message, stack } = describeThrown(error);
  writeLine('error', `Uncaught ${stack === '' ? `${name}: ${message}` : stack}`);
}
