// What goes to a builder and what comes back, as frames on its socket (`executor/frames.ts`).
import type { Details } from '../errors.ts';
import type { Upload } from '../template/key.ts';
import type { BuildWarning } from '../template/template.ts';

export const BUILD_FRAME = {
  // parent → child
  /** text: JSON of `BuildJob` */
  job: 32,
  // child → parent
  /** The child is warm: compiler and isolated-vm are loaded. */
  ready: 48,
  /** text: a `BuildPhase`. Sent before the phase begins, as the child may die in it. */
  phase: 49,
  /** bytes: the encoded template */
  built: 50,
  /** text: JSON of `BuildFailure` */
  failed: 51,
} as const;

export interface BuildJob {
  upload: Upload;
  /** Text of the language's bundle: an expression whose value is the host function. */
  bundle: string;
  mode: 'snapshot' | 'script';
  /** Why it is not mode `snapshot`, when that was tried first. */
  warnings: BuildWarning[];
}

export type BuildPhase = 'compile' | 'init' | 'trial';

/** The program cannot be built this way. `retry`: another mode may work. */
export interface BuildFailure {
  code: BuildFailureCode;
  details: Details;
  retry: boolean;
}

export type BuildFailureCode =
  | 'compile_error'
  | 'unresolved_import'
  | 'init_threw'
  | 'no_handler'
  | 'two_handler_forms'
  | 'entropy_at_init'
  | 'build_timeout'
  | 'build_crashed'
  | 'unloadable_template'
  | 'template_too_large';
