// The scripts of a template, in the order in which they are evaluated: bundle, program, adoption of its handlers,
// warm-up requests, and last the removal of names that would make every context die.
import type { TemplateScript } from '../template/template.ts';

export const BUNDLE_FILE = 'bundle.js';
export const PROGRAM_FILE = 'program.js';

/** Calls of `protocol.ts` by their numbers are written out below: 0 is `adopt`, 1 is `warm`. */
interface ScriptParts {
  hostName: string;
  /** An expression whose value is the host function. */
  bundle: string;
  /** Defines `tine_program`. */
  program: string;
}

export function baseScripts({ hostName, bundle, program }: ScriptParts): TemplateScript[] {
  return [
    { filename: BUNDLE_FILE, code: `'use strict';const ${hostName} = ${bundle.trim().replace(/;$/, '')};` },
    { filename: PROGRAM_FILE, code: program },
    { filename: 'adopt.js', code: `'use strict';${hostName}(0, tine_program);` },
  ];
}

/** One script for each request, so that its microtasks have run before the next. */
export function warmupScripts(hostName: string, requests: readonly unknown[]): TemplateScript[] {
  return requests.map((request) => ({
    filename: 'warmup.js',
    code: `'use strict';${hostName}(1, ${JSON.stringify(JSON.stringify(request))});`,
  }));
}

/** V8 adds these names to each context when it is made, and dies when they are there already. Packages that
 * feature-detect define them at top level, as they are missing while a snapshot is built. Deleted last, the native
 * ones come back in every context. */
export const LATE_NAMES = [
  'Promise.try',
  'RegExp.escape',
  'Error.isError',
  'Error.stackTraceLimit',
  'Math.f16round',
  'Atomics.pause',
  'Iterator.prototype[Symbol.dispose]',
  'DataView.prototype.getFloat16',
  'DataView.prototype.setFloat16',
] as const;

export const LATE_NAMES_SCRIPT: TemplateScript = {
  filename: 'late-names.js',
  code: LATE_NAMES.map((name) => `try { delete ${name}; } catch {}`).join(' '),
};
