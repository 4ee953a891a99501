// From an error code to status, headers and body: the only place. `message` is a fixed text per code, so that nothing
// of a guest, a path or a secret gets out; the control plane adds `details` for 409 and 422, as its reader is the owner.

import { CODES, type Code, codeOf, type Details } from '#sandbox';
import type { Traffic } from '#store';
import { shownTraffic } from './routes/shown.ts';

export interface Problem {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface ProblemOptions {
  requestId: string;
  details?: Details | undefined;
  /** Only in `tine dev`, and where the reader is the owner: instead of the fixed text. */
  message?: string | undefined;
}

export function problemOf(code: Code, { requestId, details, message }: ProblemOptions): Problem {
  const info: { status: number; text: string; retryAfter?: number } = CODES[code];
  const error = { code, message: message ?? info.text, requestId, ...(details === undefined ? {} : { details }) };
  const body = `${JSON.stringify({ error })}\n`;
  return {
    status: info.status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-tine-error': code,
      'x-request-id': requestId,
      ...(info.retryAfter === undefined ? {} : { 'retry-after': String(info.retryAfter) }),
    },
    body,
  };
}

/** Codes whose `details` the owner may read. */
export function mayShowDetails(code: Code): boolean {
  const { status } = CODES[code];
  return status === 409 || status === 422 || status === 400;
}

/** Code and details of anything thrown. Errors of the store have codes of the same table. */
export function codeAndDetails(error: unknown): { code: Code; details: Details | undefined } {
  const code = codeOf(error);
  const details = (error as { details?: Details } | undefined)?.details;
  return { code, details: mayShowDetails(code) ? withShortVersions(details) : undefined };
}

/** The store knows versions by all their digits; shown are the first ones, here as everywhere. */
function withShortVersions(details: Details | undefined): Details | undefined {
  const traffic = details?.['traffic'];
  return typeof traffic === 'object' && traffic !== null
    ? { ...details, traffic: shownTraffic(traffic as Traffic) }
    : details;
}
