// Errors that nobody is there to catch: of listeners, timers and microtasks, and those given to `reportError`. They are
// offered to the `error` listeners of the global; when nobody takes care of one, it goes to the log. Lazy.
import { awake } from '../awake.ts';
import { writeLine } from '../console/write.ts';
import { describeThrown } from '../thrown.ts';

let reporting = false;

export function reportException(error: unknown): void {
  // an error listener that throws does not come back to itself
  if (!reporting) {
    reporting = true;
    try {
      if (awake.offerUncaught(error)) return;
    } finally {
      reporting = false;
    }
  }
  const { name, message, stack } = describeThrown(error);
  writeLine('error', `Uncaught ${stack === '' ? `${name}: ${message}` : stack}`);
}
