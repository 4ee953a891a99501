// The given clock. It is set when a slice begins and stands still in it; at the top level it shows the epoch, and a
// look at it is noted. `Date` is the builtin with these two differences: without arguments it means the given time.
import { noteDraw } from './entropy.ts';
import { defineValue } from './lazy.ts';
import { Date as BuiltinDate, MathFloor, ObjectDefineProperty, ReflectConstruct } from './primordials.ts';

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

/** What guests get as `Date`. */
export function makeDate(): DateConstructor {
  // in an object, as a bundler may rename a function but not a property
  const named = {
    Date: function (this: unknown, ...args: unknown[]): unknown {
      if (new.target === undefined) {
        noteDraw('Date()');
        return `${new BuiltinDate(epochMs())}`;
      }
      if (args.length === 0) {
        noteDraw('new Date()');
        args[0] = epochMs();
      }
      return ReflectConstruct(BuiltinDate, args, new.target);
    },
  };
  const Given = named.Date as unknown as DateConstructor;
  ObjectDefineProperty(Given, 'length', { value: 7 });
  ObjectDefineProperty(Given, 'prototype', { value: BuiltinDate.prototype, writable: false });
  defineValue(BuiltinDate.prototype, 'constructor', Given);
  defineValue(Given, 'UTC', BuiltinDate.UTC);
  defineValue(Given, 'parse', BuiltinDate.parse);
  const methods = {
    now() {
      noteDraw('Date.now()');
      return epochMs();
    },
  };
  defineValue(Given, 'now', methods.now);
  return Given;
}
