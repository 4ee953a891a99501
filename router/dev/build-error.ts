// A failed build of `tine dev`, for the terminal and for the page: what, where, and the lines around it.
import { styleText } from 'node:util';
import type { Details } from '#sandbox';
import type { IngressKeeper } from '../ingress-keeper.ts';
import { codeAndDetails } from '../problem.ts';
import { errorOverlay, errorPage } from './error-page.ts';

export interface BuildError {
  code: string;
  text: string;
  place: { file: string; line: number; column: number } | undefined;
  frame: string | undefined;
  terminal: string;
}

/** What the ingress shows while a program's last build has failed. */
export interface ShownBuildError {
  program: string;
  /** Undefined: the last build was good. */
  error: { page: string; overlay: string; json: string } | undefined;
}

export function buildErrorOf(error: unknown, program: string): BuildError {
  const details = ((error as { details?: Details }).details ?? (error as { place?: Details }).place ?? {}) as Details;
  const known = codeAndDetails(error).code;
  // The source could not even be read: whatever it was, the fault is not inside of tine.
  const code = known === 'internal' ? 'cannot be built' : known;
  const text = details.text ?? (error as Error).message;
  const { file, line, column, frame } = details;
  const place = file === undefined ? undefined : { file, line: line ?? 1, column: column ?? 1 };
  const where = place === undefined ? '' : `\n  ${place.file}:${place.line}:${place.column}`;
  const lines = frame === undefined ? '' : `\n${frame.replace(/^/gm, '  ')}`;
  const terminal = `${styleText('red', `${program}: ${code}`)}  ${text}${where}${lines}`;
  return { code, text, place, frame, terminal };
}

export async function showBuildError(
  ingress: IngressKeeper,
  program: string,
  { code, text, place, frame }: BuildError,
): Promise<void> {
  const shown = { title: `${program}: ${code}`, text, place, frame };
  const error = { code, message: text, ...place, ...(frame === undefined ? {} : { frame }) };
  await ingress.showBuildError({
    program,
    error: { page: errorPage(shown), overlay: errorOverlay(shown), json: `${JSON.stringify({ error })}\n` },
  });
}
