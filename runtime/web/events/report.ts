// Errors that nobody is there to catch: of listeners, timers, microtasks, and those given to `reportError`. They go to
// the `error` listeners of the global and to `onerror`; when none of these prevents the default, to the log.

import { writeLine } from '../console/write.ts';
import { FunctionPrototypeCall } from '../primordials.ts';
import { describeThrown } from '../thrown.ts';
import { trusted } from './event.ts';
import { fireEvent, globalTarget, listenerCount } from './event-target.ts';
import * as lazyKinds from './kinds.ts';

let reporting = false;

export function reportException(error: unknown): void {
  // an error listener that throws does not come back to itself
  const handled = !reporting && offer(error);
  if (handled) return;
  const { name, message, stack } = describeThrown(error);
  writeLine('error', `Uncaught ${stack === '' ? `${name}: ${message}` : stack}`);
}

/** @returns whether somebody took care of it */
function offer(error: unknown): boolean {
  const handler = (globalThis as { onerror?: unknown }).onerror;
  const called = typeof handler === 'function' ? handler : undefined;
  if (called === undefined && listenerCount(globalTarget, 'error') === 0) return false;
  reporting = true;
  try {
    const { message } = describeThrown(error);
    const event = trusted(new lazyKinds.ErrorEvent('error', { error, message, cancelable: true }));
    const goesOn = fireEvent(globalTarget, event);
    if (called !== undefined && FunctionPrototypeCall(called, globalThis, message, '', 0, 0, error) === true)
      return true;
    return !goesOn;
  } catch {
    return false;
  } finally {
    reporting = false;
  }
}
