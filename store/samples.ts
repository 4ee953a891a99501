// What the tests of the store have in common: a folder that goes away, and versions made from a number, so that
// another process can tell what it must find. Imported by tests only.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { VersionRecord } from './store.ts';

/** An empty folder that is removed after the test. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tine-store-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The hash that stands for sample `n`. */
export function sampleHash(n: number): string {
  return createHash('sha256').update(`sample ${n}`).digest('hex');
}

/** Version `n` of a program, the same each time; `more` replaces fields. */
export function sampleVersion(n: number, more: Partial<VersionRecord> = {}): VersionRecord {
  return {
    program: 'a',
    version: sampleHash(n),
    language: 'javascript',
    config: JSON.stringify({ name: 'a', n }),
    modules: [
      { path: 'main.js', text: `export default { n: ${n} };\n`.repeat((n % 40) + 1) },
      { path: 'lib/b.js', text: `// ${n}` },
    ],
    createdAt: 1_700_000_000_000 + n,
    ...more,
  };
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The code of what a promise ends in, or `none`. */
export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error) => String((error as { code?: unknown }).code),
  );
}
