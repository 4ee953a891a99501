// Test helper: the host's side of one run in plain Node, without a context. Ops are taken from the outbox as the host
// would take them, and settled by hand. One at a time per process: the current run is global.
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import { parseSettlement, settleOp } from '../outbox.ts';
import type { EnterHead, OpCall } from '../protocol.ts';
import { closeRun, leaveRun, makeRun, openRun, resumeRun, takeLeavings } from '../run.ts';

declare function setImmediate(run: () => void): void;

export interface SentOp extends OpCall {
  sent: Uint8Array | undefined;
}

const LIMITS = { pendingOps: 100, timers: 100, subrequests: 3, logBytes: 1_000, responseBytes: 1_000_000 };
let runs = 0;

export class FakeHost {
  readonly run = makeRun(++runs, 'request', 'request-1', '0'.repeat(96), LIMITS);

  constructor() {
    openRun(this.run);
  }

  /** What was asked for since the last look. Cancelled ids come as ops named `cancel`. */
  async ops(): Promise<SentOp[]> {
    await settled();
    const left = takeLeavings(this.run);
    const ops: SentOp[] = [];
    for (const [i, json] of left.ops.entries()) {
      if (json !== undefined) ops.push({ ...JSON.parse(json), sent: left.opBytes[i] });
    }
    for (const id of left.cancel) ops.push({ id, op: 'cancel' as never, arg: {}, sent: undefined });
    return ops;
  }

  /** The one op that was asked for. */
  async op(): Promise<SentOp> {
    const ops = await this.ops();
    if (ops.length !== 1) throw new Error(`one op wanted, got ${JSON.stringify(ops)}`);
    return ops[0]!;
  }

  async settle(id: number, value: unknown, bytes?: Uint8Array): Promise<void> {
    this.#settle({ id, now: 0, ok: true, value }, bytes);
    await settled();
  }

  async fail(id: number, name: string, message: string): Promise<void> {
    this.#settle({ id, now: 0, ok: false, error: { name, message } }, undefined);
    await settled();
  }

  end(): void {
    closeRun(this.run);
    leaveRun();
  }

  #settle(settlement: object, bytes: Uint8Array | undefined): void {
    resumeRun(this.run.id);
    settleOp(this.run, parseSettlement(JSON.stringify(settlement)), bytes);
  }
}

/** All microtasks have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return utf8Encode(text);
}

export function textOf(sent: Uint8Array | undefined): string {
  return sent === undefined ? '' : utf8Decode(sent);
}

export function head(part: Partial<EnterHead> = {}): EnterHead {
  return {
    kind: 'fetch',
    now: 0,
    seed: '0'.repeat(96),
    requestId: 'request-1',
    method: 'GET',
    url: 'http://hello.localhost:8787/',
    headers: [],
    body: 'none',
    ...part,
  };
}
