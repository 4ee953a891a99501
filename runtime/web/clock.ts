// The given clock. It is set when a slice begins and stands still in it; at the top level it shows the epoch.
import { MathFloor } from './primordials.ts';

let now = 0;
let origin: number | undefined;

/** A slice begins. Milliseconds since the epoch, may have a fraction. */
export function setClock(ms: number): void {
  now = ms;
  origin ??= ms;
}

/** Milliseconds since the first entry into this context; what `performance.now()` and events show. */
export function sinceOriginMs(): number {
  return now - (origin ?? now);
}

/** Milliseconds since the epoch at the first entry into this context. */
export function originMs(): number {
  return origin ?? now;
}

/** Whole milliseconds since the epoch. */
export function epochMs(): number {
  return MathFloor(now);
}

/** Back to the state before any entry: after a warm-up. */
export function stopClock(): void {
  now = 0;
  origin = undefined;
}
