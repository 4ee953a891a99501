// What a guest reads when a fetch fails: a short reason, and nothing of the host's network. The errors of the socket
// and of the HTTP client name addresses and ports; their texts never leave this file.
import { OpError } from './op.ts';

export const notAllowed = () => new OpError('TypeError', 'fetch: this address is not allowed');

/** Marks a connection that the address check has refused, on its way through the HTTP client. */
export class BlockedAddress extends Error {
  readonly code = 'blocked_address';
}

const TIMED_OUT = 'the connection timed out';
const REFUSED = 'the connection was refused';
const UNREACHABLE = 'the host cannot be reached';
const UNRESOLVED = 'the host name cannot be resolved';
const CLOSED = 'the connection was closed before the response was complete';
const CERTIFICATE = 'the certificate of the server is not valid';
const NO_HTTP = 'the server gave an invalid answer';
const INVALID = 'the request is not valid';

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: UNRESOLVED,
  ENODATA: UNRESOLVED,
  EAI_AGAIN: UNRESOLVED,
  EAI_FAIL: UNRESOLVED,
  EAI_NODATA: UNRESOLVED,
  ECONNREFUSED: REFUSED,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  ETIMEDOUT: TIMED_OUT,
  UND_ERR_CONNECT_TIMEOUT: TIMED_OUT,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  EADDRNOTAVAIL: UNREACHABLE,
  UND_ERR_HEADERS_OVERFLOW: 'the response headers are too large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: NO_HTTP,
  HTTPParserError: NO_HTTP,
  UND_ERR_INVALID_ARG: INVALID,
  UND_ERR_NOT_SUPPORTED: INVALID,
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: INVALID,
  CERT_HAS_EXPIRED: CERTIFICATE,
  CERT_NOT_YET_VALID: CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE,
};

/** Any failure of a fetch, as the guest may read it. */
export function fetchError(error: unknown): OpError {
  if (error instanceof OpError) return error;
  const code = codesOf(error).find((name) => name === 'blocked_address' || Object.hasOwn(REASONS, name));
  if (code === 'blocked_address') return notAllowed();
  const reason = code === undefined ? 'the request failed' : REASONS[code];
  return new OpError('TypeError', `fetch: ${reason}`, { cause: error });
}

/** Codes and names of the error and of what it wraps: with several addresses, each has an error of its own. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { name, code, cause, errors } = error as Error & { code?: unknown; errors?: unknown };
  const own = [code, name].filter((each) => typeof each === 'string');
  return [...own, ...[...(Array.isArray(errors) ? errors : []), cause].flatMap(codesOf)];
}
