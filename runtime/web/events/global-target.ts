// The global object as an EventTarget. Most programs never add a listener to it: as long as none does, the real target
// is not built. Lazy.
import { awake } from '../awake.ts';
import type { Event } from './event.ts';
import { type EventTarget, fireEvent, globalTarget, listenerCount, showAs } from './event-target.ts';

/** The target behind the global. */
export function target(): EventTarget {
  if (!awake.globalTarget) showAs(globalTarget, globalThis);
  awake.globalTarget = true;
  return globalTarget;
}

/** How many listeners of the global there are for a type. */
export function globalListeners(type: string): number {
  return awake.globalTarget ? listenerCount(globalTarget, type) : 0;
}

/** Dispatches an event of the platform to the global. @returns whether nobody has prevented the default */
export function fireGlobally(event: object): boolean {
  return fireEvent(target(), event as Event);
}
