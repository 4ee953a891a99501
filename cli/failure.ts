// How a command fails: the exit codes, the one error class of the command line, and how any thrown thing is printed.
// Errors of other folders are known by their `code`, so that printing one loads neither compiler nor server.
import type { Code, Details } from '#sandbox';
import { type Io, plain } from './io.ts';

/** 78 is EX_CONFIG of sysexits. */
export const EXIT = { ok: 0, failed: 1, config: 78 } as const;

const CONFIG_CODES: readonly unknown[] = ['invalid_config', 'limit_above_ceiling'] satisfies Code[];

/** An answer of the server, or something that the command found out by itself. */
export class CliError extends Error {
  readonly code: string;
  readonly details: Details | undefined;

  constructor(message: string, options: { code?: string; details?: Details | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.code = options.code ?? 'failed';
    this.details = options.details;
  }
}

interface Known {
  code?: unknown;
  /** Of a TineError or a CliError. */
  details?: Details;
  /** Of a CompileError. */
  place?: Details;
}

/** Prints what went wrong, where, and the lines around it. @returns the exit code */
export function fail(error: unknown, io: Io): number {
  for (const line of linesOf(error)) io.err(plain(line));
  return CONFIG_CODES.includes((error as Known | null | undefined)?.code) ? EXIT.config : EXIT.failed;
}

function linesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { code, details, place } = error as Known;
  if (typeof code === 'string' && (details ?? place) !== undefined)
    return withPlace(error.message, (details ?? place)!);
  // An error without a code is ours to mend: show where it happened.
  return [typeof code === 'string' ? error.message : (error.stack ?? error.message)];
}

function withPlace(message: string, { text, file, line, column, frame }: Details): string[] {
  const lines = [text === undefined || text === message ? message : `${message}: ${text}`];
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  if (place !== '') lines.push(`  at ${place}`);
  if (frame !== undefined) lines.push('', frame);
  return lines;
}
