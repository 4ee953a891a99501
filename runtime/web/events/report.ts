// How an uncaught error is offered to the guest: to the `error` listeners of the global, then to `onerror`.
import { FunctionPrototypeCall } from '../primordials.ts';
import { describeThrown } from '../thrown.ts';
import * as lazyEvent from './event.ts';
import { fireGlobally, globalListeners } from './global-target.ts';
import * as lazyKinds from './kinds.ts';
import { reportException } from './uncaught.ts';

/** @returns whether somebody prevented the default, or `onerror` gave true */
export function offerToListeners(error: unknown): boolean {
  const handler = (globalThis as { onerror?: unknown }).onerror;
  if (typeof handler !== 'function' && globalListeners('error') === 0) return false;
  const { message } = describeThrown(error);
  const event = lazyEvent.trusted(new lazyKinds.ErrorEvent('error', { error, message, cancelable: true }));
  const prevented = !fireGlobally(event);
  if (typeof handler !== 'function') return prevented;
  try {
    return FunctionPrototypeCall(handler, globalThis, message, '', 0, 0, error) === true || prevented;
  } catch (second) {
    reportException(second);
    return prevented;
  }
}
