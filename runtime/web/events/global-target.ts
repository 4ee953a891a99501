// The global object as an EventTarget. Most programs never add a listener to it: as long as none does, the real target
// is not built.
import { ObjectDefineProperty, ReflectApply } from '../primordials.ts';
import * as lazyTarget from './event-target.ts';

let used = false;

/** The target behind the global. */
function target(): lazyTarget.EventTarget {
  if (!used) lazyTarget.showAs(lazyTarget.globalTarget, globalThis);
  used = true;
  return lazyTarget.globalTarget;
}

/** How many listeners of the global there are for a type. */
export function globalListeners(type: string): number {
  return used ? lazyTarget.listenerCount(target(), type) : 0;
}

/** Dispatches an event of the platform to the global. @returns whether nobody has prevented the default */
export function fireGlobally(event: object): boolean {
  return lazyTarget.fireEvent(target(), event as Parameters<typeof lazyTarget.fireEvent>[1]);
}

/** What guests get on the global, not enumerable. */
export const targetMethods = {
  addEventListener(...args: [type: unknown, listener: never, options?: never]): void {
    ReflectApply(target().addEventListener, undefined, args);
  },
  removeEventListener(...args: [type: unknown, listener: never, options?: never]): void {
    ReflectApply(target().removeEventListener, undefined, args);
  },
  dispatchEvent(...args: [event: never]): boolean {
    return ReflectApply(target().dispatchEvent, undefined, args) as boolean;
  },
};

ObjectDefineProperty(targetMethods.addEventListener, 'length', { value: 2 });
ObjectDefineProperty(targetMethods.removeEventListener, 'length', { value: 2 });
ObjectDefineProperty(targetMethods.dispatchEvent, 'length', { value: 1 });
