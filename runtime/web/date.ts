// `Date` is the builtin with two differences: without arguments it means the given time, and a look at that is noted
// when it happens at the top level. Runs once, when the bundle is evaluated.
import { epochMs } from './clock.ts';
import * as lazyEntropy from './entropy.ts';
import { defineValue } from './lazy.ts';
import { Date as BuiltinDate, ObjectDefineProperty, ReflectConstruct } from './primordials.ts';
import { currentRun } from './run.ts';

/** What guests get as `Date`. */
export function makeDate(): DateConstructor {
  // in an object, as a bundler may rename a function but not a property
  const named = {
    Date: function (this: unknown, ...args: unknown[]): unknown {
      if (new.target === undefined) {
        if (currentRun() === undefined) lazyEntropy.noteDraw('Date()');
        return `${new BuiltinDate(epochMs())}`;
      }
      if (args.length === 0) {
        if (currentRun() === undefined) lazyEntropy.noteDraw('new Date()');
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
      if (currentRun() === undefined) lazyEntropy.noteDraw('Date.now()');
      return epochMs();
    },
  };
  defineValue(Given, 'now', methods.now);
  return Given;
}
