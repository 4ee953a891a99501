// Runs one table of web-platform-tests against its file of expectations. For tests only: nothing of the bundle
// imports this folder.

import type { ExecutionContext } from 'ava';

/** What a case is called, and a check that throws or returns a text when the case does not pass. */
export interface TableCase {
  name: string;
  run(): string | undefined;
}

/** Fails for every case that does not pass and has no reason, for every one that passes though it has a reason, and
 * for every reason that belongs to no case. Logs the figures. `expected` is a reason by the name of a case. */
export function runTable(t: ExecutionContext, cases: readonly TableCase[], expected: Record<string, string>): void {
  const reasons = new Map(Object.entries(expected));
  const wrong: string[] = [];
  let passed = 0;
  for (const { name, run } of cases) {
    let problem: string | undefined;
    try {
      problem = run();
    } catch (error) {
      problem = String(error);
    }
    const reason = reasons.get(name);
    reasons.delete(name);
    if (problem === undefined) passed += 1;
    if (problem === undefined && reason !== undefined) wrong.push(`${name}: passes, though "${reason}"`);
    if (problem !== undefined && reason === undefined) wrong.push(`${name}: ${problem}`);
  }
  for (const name of reasons.keys()) wrong.push(`${name}: expected to fail, but there is no such case`);
  t.log(`${passed} of ${cases.length}`);
  t.true(cases.length > 0);
  t.deepEqual(wrong, []);
}

/** `undefined` when both are the same, else both. */
export function differs(what: string, found: unknown, wanted: unknown): string | undefined {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  return a === b ? undefined : `${what} is ${a}, wanted ${b}`;
}
