// What crosses the wall between a context and its host, and in which form. Types and constants only; both sides
// import it. The host trusts none of it: the executor looks at the first two characters, the ingress checks the rest.
//
// A context offers its host ONE function, `host(call, a, b, c)`, and gets no function in return. The bundle is an
// expression whose value is that function; the builder binds it to a name that no guest can guess. Everything that
// passes is a primitive, or an ArrayBuffer that our own code has made.
//
//   host(CALL.adopt)                             once, last script of the snapshot: find the handlers of the program
//                                                (the lexical constant `tine_program` is handed over as `a`)
//   host(CALL.warm, requestJson)                 builder only: send one request through the handler before the snapshot
//   host(CALL.report)                            → JSON of `InitReport`
//   host(CALL.enter, run, headJson, setupJson, body?)  a request comes in; `run` is an integer, unique in its context
//   host(CALL.settle, run, settlementJson, bytes?)     an op of that run has ended
//   host(CALL.abort, run, now)                   the client has gone: fires `request.signal`, rejects pending ops
//   host(CALL.collect, charsMax, run?)           → what the last slice left behind: state, flag, JSON of `Outbox`;
//                                                with `run`: what there is of another run (`Outbox.others`)
//   host(CALL.bytes)                             → the bytes that belong to the outbox just collected, or undefined
//
// A slice is one of enter, settle, abort, followed by collect: microtasks run when the first call returns, so that
// the second finds their effects. Of each run one slice is under way at a time; ops made in it belong to its run.

export const CALL = { adopt: 0, warm: 1, report: 2, enter: 3, settle: 4, abort: 5, collect: 6, bytes: 7 } as const;

/** First character of what `collect` gives. */
export const STATE = {
  /** Ops are pending: the host settles one. */
  waiting: 'w',
  /** Answered, body handed over, `waitUntil` settled: the context is no longer needed by this run. */
  done: 'd',
  /** No answer, and nothing pending in the whole context that could bring one. */
  stuck: 's',
} as const;

/** Second character: `1` when `CALL.bytes` has something to give. */
export const BYTES = { none: '0', some: '1' } as const;

/** Names and values in turn, in order; names as the sender wrote them. */
export type FlatHeaders = string[];

/** The head of a request, as JSON. */
export interface EnterHead {
  kind: 'fetch';
  /** Milliseconds since the epoch, may have a fraction. The clock stands still within a slice. */
  now: number;
  /** 96 hex digits from the system's random source: 32 for `Math.random`, 64 for `crypto`. A secret. */
  seed: string;
  requestId: string;
  method: string;
  /** Absolute. */
  url: string;
  headers: FlatHeaders;
  /** `bytes`: the whole body is the fourth argument. `stream`: it is read by op `read` with `from: 0`. */
  body: 'none' | 'bytes' | 'stream';
}

/** The same for every request of a version, as JSON. */
export interface Setup {
  /** What `env` holds. Parsed anew for each run. */
  vars: Record<string, unknown>;
  limits: { pendingOps: number; timers: number; subrequests: number; logBytes: number; responseBytes: number };
}

/** An op that has ended, as JSON. `value` depends on the op; bytes come beside it. */
export type Settlement =
  | { id: number; now: number; ok: true; value: unknown }
  | { id: number; now: number; ok: false; error: { name: string; message: string } };

export interface Outbox {
  /** At most once per run. */
  answer?: Answer;
  /** Instead of an answer: the handler threw, or gave something that is no Response. Texts are made inside the slice. */
  thrown?: Thrown;
  ops?: OpCall[];
  /** Ids of ops whose result nobody wants any more. They are not settled. */
  cancel?: number[];
  log?: LogLine[];
  /** Lines of console output that were dropped because of `logBytes`. */
  dropped?: number;
  /** Other open runs of which something came in this slice, by a promise that they share with this run (isolation
   * `program` only): collect each of them as well. */
  others?: number[];
}

export interface Thrown {
  name: string;
  message: string;
  /** Positions are those of the compiled script, `program.js:line:column`. */
  stack: string;
  /** Set when the guest ran into a limit of ours and did not catch it. */
  code?: 'too_many_operations';
}

export interface Answer {
  status: number;
  statusText: string;
  headers: FlatHeaders;
  body: AnswerBody;
}

/** The bytes of an answer come first in `CALL.bytes`, before those of the ops. */
export type AnswerBody =
  | { kind: 'none' }
  | { kind: 'text'; text: string }
  | { kind: 'bytes'; length: number }
  /** Chunks follow as ops `write`. */
  | { kind: 'stream' }
  /** The untouched body of the response to that `fetch` op (or of the request: 0): the host passes it on by itself. */
  | { kind: 'pipe'; from: number };

/** `arg` by op:
 * - `timer`  {ms}                               → null
 * - `fetch`  {method, url, headers, redirect, body: 'none'|'bytes'|'stream'|'pipe', from?} + bytes
 *            → {status, statusText, url, redirected, headers, body: 'none'|'bytes'|'stream'} + bytes
 * - `read`   {from}                             → {done: boolean} + bytes (at most 64 KiB); `from` 0 is the request, else a fetch op
 * - `discard` {from}                            → null; the rest of that body is not wanted
 * - `write`  {end?: true, error?: string} + bytes → null when there is room again; the body of the answer
 * - `send`   {to, end?: true, error?: string} + bytes → null; the body of a streamed upload of that fetch op
 */
export interface OpCall {
  /** From 1, unique in the run. */
  id: number;
  op: 'timer' | 'fetch' | 'read' | 'discard' | 'write' | 'send';
  arg: Record<string, unknown>;
  /** How many of the bytes are this op's; they come in the order of the ops. */
  bytes?: number;
}

export interface LogLine {
  level: 'debug' | 'info' | 'log' | 'warn' | 'error' | 'trace';
  text: string;
}

/** What the builder learns about a program once its top level has run. */
export interface InitReport {
  /** Names of the handlers that were found: `fetch`. */
  handlers: string[];
  /** Other function names of the default export that look like handlers and are never called. */
  unknownHandlers: string[];
  problem?: { code: 'no_handler' | 'two_handler_forms'; text: string };
  /** Draws from clock or random source at top level: which name, and the stack of the first draw of each. */
  entropy: { name: string; stack: string }[];
  /** Names that were looked for at top level but appear in contexts only (`WebAssembly`, `Promise.try` …) cannot be
   * seen from here; console output can. */
  log: LogLine[];
  /** One entry per warm-up request, in order. */
  warmup: { status?: number; error?: string }[];
}
