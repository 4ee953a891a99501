// Thrown inside the builder's child when the program is at fault.
import type { Details } from '../errors.ts';
import type { BuildFailureCode } from './job.ts';

export class BuildProblem extends Error {
  readonly code: BuildFailureCode;
  readonly details: Details;
  /** Another mode may work. */
  readonly retry: boolean;

  constructor(code: BuildFailureCode, details: Details, { retry = false }: { retry?: boolean } = {}) {
    super(details.text ?? code);
    this.code = code;
    this.details = details;
    this.retry = retry;
  }
}
