// Draws from the clock or the random source at the top level: the value would be the same in every request, so each
// name is noted with the stack of its first draw, and the deployer is told.
import { ArrayPrototypePush, Error, StringPrototypeSlice } from './primordials.ts';
import { currentRun } from './run.ts';

const STACK_CHARS = 8_192;
let draws: { name: string; stack: string }[] = [];

/** Somebody looks at `name`. Does nothing within a run. */
export function noteDraw(name: string): void {
  if (currentRun() !== undefined) return;
  for (let i = 0; i < draws.length; i++) if (draws[i]!.name === name) return;
  // `Error.prepareStackTrace` of a guest may give anything
  const { stack } = new Error(name) as { stack?: unknown };
  ArrayPrototypePush(draws, {
    name,
    stack: typeof stack === 'string' ? StringPrototypeSlice(stack, 0, STACK_CHARS) : '',
  });
}

export function takeDraws(): { name: string; stack: string }[] {
  const taken = draws;
  draws = [];
  return taken;
}
