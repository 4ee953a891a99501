// Headers of a subrequest: what of the guest's goes out, what of the server's comes in. Framing, connection and host
// are ours: a guest that could set them could speak to another host, or smuggle a second request.
import type { FlatHeaders } from '#runtime';
import { BOUNDS } from '../limits.ts';
import { OpError, type OpRun } from './op.ts';

/** Of one connection, not of the message (RFC 9110, 7.6.1), and what frames a message. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const OURS = new Set([...HOP_BY_HOP, 'host', 'content-length', 'expect']);

/** Each header as a pair, name in lower case first. */
export function* pairs(headers: FlatHeaders): Generator<[lower: string, name: string, value: string]> {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string;
    yield [name.toLowerCase(), name, headers[at + 1] as string];
  }
}

/** The headers that go out with the first hop. What the guest set by itself stays, save what is not its to set. */
export function outgoingHeaders(headers: FlatHeaders, run: OpRun): FlatHeaders {
  const named = namedByConnection(headers);
  const out: FlatHeaders = [];
  const seen = new Set<string>();
  for (const [lower, name, value] of pairs(headers)) {
    if (OURS.has(lower) || named.has(lower) || lower.startsWith('x-tine-')) continue;
    seen.add(lower);
    out.push(name, value);
  }
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && !seen.has(name)) out.push(name, value);
  };
  add('accept', '*/*');
  add('accept-encoding', 'gzip, deflate, br');
  add('user-agent', 'tine');
  add('x-request-id', run.requestId);
  add('traceparent', run.traceparent);
  add('x-tine-hops', String(run.hops + 1));
  return out;
}

/** The headers that a guest sees. @throws OpError when there are too many */
export function incomingHeaders(raw: FlatHeaders, decoded: 'decoded' | 'as_sent'): FlatHeaders {
  if (raw.length / 2 > BOUNDS.responseHeaders) {
    throw new OpError('TypeError', 'fetch: the response headers are too large');
  }
  const named = namedByConnection(raw);
  const out: FlatHeaders = [];
  for (const [lower, name, value] of pairs(raw)) {
    if (HOP_BY_HOP.has(lower) || named.has(lower)) continue;
    // They describe bytes that the guest never sees; an answer that passes this response on must not carry them.
    if (decoded === 'decoded' && (lower === 'content-encoding' || lower === 'content-length')) continue;
    out.push(name, value);
  }
  return out;
}

/** Value of a header, lists joined; undefined when there is none. */
export function valueOf(headers: FlatHeaders, wanted: string): string | undefined {
  const values: string[] = [];
  for (const [lower, , value] of pairs(headers)) if (lower === wanted) values.push(value);
  return values.length === 0 ? undefined : values.join(', ');
}

/** A copy without these, given in lower case. */
export function without(headers: FlatHeaders, names: ReadonlySet<string>): FlatHeaders {
  const out: FlatHeaders = [];
  for (const [lower, name, value] of pairs(headers)) if (!names.has(lower)) out.push(name, value);
  return out;
}

function namedByConnection(headers: FlatHeaders): Set<string> {
  const names = (valueOf(headers, 'connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => name !== ''));
}
