// What an op knows of the run it belongs to, and what it gives back. Every file in this folder that performs an op
// exports it under its name, as an `Op`: the schema of its `arg`, and `perform(arg, run, bytes, own)`. Ops are done by
// the ingress; none of this runs in an executor.
import type { FlatHeaders, OpCall } from '#runtime';
import type { Limits } from '../limits.ts';

/** A body that is read chunk by chunk: that of the request, or that of the response to a `fetch` op. */
export interface BodySource {
  /** At most 64 KiB; undefined at the end. Rejects when the sender failed, or the body grew past its limit. */
  read(): Promise<Uint8Array | undefined>;
  /** Nobody wants the rest. */
  cancel(): void;
}

/** Where the chunks of a streamed answer go. */
export interface AnswerSink {
  /** Resolves when there is room for more; rejects when the client is gone or `responseBytes` is passed. */
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Cuts the connection, so that the client notices that the body is not whole. */
  fail(reason: string): void;
}

export interface OpRun {
  readonly requestId: string;
  readonly program: string;
  /** The W3C header that goes out with subrequests; undefined when there is none. */
  readonly traceparent: string | undefined;
  /** How often this request passed through a tine already (`x-tine-hops`). */
  readonly hops: number;
  readonly limits: Limits;
  /** Aborted when the run ends, for whatever reason. */
  readonly signal: AbortSignal;
  /** Open bodies by id: 0 is the request's, others belong to the fetch op of that id. */
  readonly bodies: Map<number, BodySource>;
  readonly sink: AnswerSink;
  /** Subrequests so far, redirects included. */
  subrequests: number;
  /** A line for the program's log. `code` names what happened: `blocked_address` … */
  warn(code: string, text: string): void;
}

export interface OpResult {
  /** JSON. */
  value: unknown;
  bytes?: Uint8Array;
}

/** An op that has ended; `error` is what the guest's promise rejects with. */
export type EndedOp =
  | { id: number; ok: true; value: unknown; bytes?: Uint8Array }
  | { id: number; ok: false; error: { name: string; message: string } };

/** `arg` by name of op, as the schemas of the outbox let it through. */
export interface OpArgs {
  timer: { ms: number };
  fetch: {
    method: string;
    url: string;
    headers: FlatHeaders;
    redirect: 'follow' | 'manual' | 'error';
    body: 'none' | 'bytes' | 'stream' | 'pipe';
    /** Only with `pipe`: whose body is sent on. */
    from?: number;
  };
  read: { from: number };
  discard: { from: number };
  write: { end?: true; error?: string };
  send: { to: number; end?: true; error?: string };
}

export type OpName = OpCall['op'];

/** What a performer may know of the call itself. */
export interface OwnOp {
  readonly id: number;
  /** Aborted when nobody wants the result any more: the op was cancelled, or the run has ended. */
  readonly signal: AbortSignal;
}

/** Starts at once, so that ops of one slice start in their order. A rejection that is no `OpError` is a fault of ours. */
export type Perform<N extends OpName> = (
  arg: OpArgs[N],
  run: OpRun,
  bytes: Uint8Array,
  own: OwnOp,
) => Promise<OpResult>;

export interface Op<N extends OpName> {
  /** JSON Schema of `arg`. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly perform: Perform<N>;
}

export type OpErrorName = 'TypeError' | 'RangeError' | 'AbortError';

/** An error that the guest may read: its promise rejects with this name and this message. */
export class OpError extends Error {
  override readonly name: OpErrorName;

  constructor(name: OpErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** The form that every limit has in the eyes of a guest. */
export function limitReached(limit: number, what: string): OpError {
  return new OpError('RangeError', `limit reached: ${limit} ${what}`);
}
