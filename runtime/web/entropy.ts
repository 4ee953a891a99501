// Draws from the clock or the random source at the top level: the value would be the same in every request, so each
// name is noted with the stack of its first draw, and the deployer is told.
import { awake } from './awake.ts';
import {
  ArrayPrototypePush,
  Error,
  ObjectSetPrototypeOf,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGetOwnPropertyDescriptor,
  StringPrototypeSlice,
} from './primordials.ts';
import { currentRun } from './run.ts';

const STACK_CHARS = 8_192;
const STACK_FRAMES = 20;

/** Somebody looks at `name`. Does nothing within a run. */
export function noteDraw(name: string): void {
  if (currentRun() !== undefined) return;
  const { draws } = awake;
  for (let i = 0; i < draws.length; i++) if (draws[i]!.name === name) return;
  ArrayPrototypePush(draws, { name, stack: stackHere(name) });
}

// While a snapshot is made `Error.stackTraceLimit` does not exist, and so no error has a stack. It must not exist
// either when the snapshot is taken, or every context of it dies. What a program has made of it, and of
// `Error.prepareStackTrace`, is put back.
function stackHere(head: string): string {
  const limit = lend('stackTraceLimit', STACK_FRAMES);
  const prepare = lend('prepareStackTrace', undefined);
  try {
    const { stack } = new Error(head) as { stack?: unknown };
    return typeof stack === 'string' ? StringPrototypeSlice(stack, 0, STACK_CHARS) : '';
  } catch {
    return '';
  } finally {
    giveBack('stackTraceLimit', limit);
    giveBack('prepareStackTrace', prepare);
  }
}

/** @returns what there was */
function lend(name: string, value: unknown): PropertyDescriptor | undefined {
  const found = ReflectGetOwnPropertyDescriptor(Error, name);
  const lent = { __proto__: null, value, writable: true, enumerable: true, configurable: true } as PropertyDescriptor;
  ReflectDefineProperty(Error, name, lent);
  return found;
}

function giveBack(name: string, found: PropertyDescriptor | undefined): void {
  if (found === undefined) ReflectDeleteProperty(Error, name);
  else ReflectDefineProperty(Error, name, ObjectSetPrototypeOf(found, null) as PropertyDescriptor);
}
