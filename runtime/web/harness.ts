// For tests only: the bundle in a `node:vm` context, entered the way an executor does it. A vm context is no wall and
// has no limits; what must hold in a real isolate is tested in `sandbox/`.
import vm from 'node:vm';
import { bundleText } from '../javascript/bundle-text.ts';
import { CALL, type EnterHead, type InitReport, type OpCall, type Outbox, type Setup } from './protocol.ts';

export interface Slice {
  state: 'w' | 'd' | 's';
  outbox: Outbox;
  /** The bytes of the outbox, cut up: those of the answer, then those of the ops by id. */
  answerBytes: Uint8Array | undefined;
  opBytes: Map<number, Uint8Array>;
}

export interface Asked extends Partial<Omit<EnterHead, 'kind'>> {
  vars?: Record<string, unknown>;
  limits?: Partial<Setup['limits']>;
  bytes?: string | Uint8Array;
  run?: number;
}

const LIMITS: Setup['limits'] = {
  pendingOps: 100,
  timers: 100,
  subrequests: 50,
  logBytes: 65_536,
  responseBytes: 100_000_000,
};

export class Guest {
  readonly context: vm.Context;
  readonly #bytes: (length: number) => Uint8Array;
  now = 1_700_000_000_000;
  #runs = 0;

  constructor(bundle: string) {
    this.context = vm.createContext(Object.create(null), { microtaskMode: 'afterEvaluate' });
    vm.runInContext(`const tine_host = ${bundle};`, this.context, { filename: 'bundle.js' });
    this.#bytes = vm.runInContext('(length) => new Uint8Array(length)', this.context) as never;
  }

  /** Calls the host function from inside, so that microtasks of the context run before this returns. */
  call(...args: unknown[]): unknown {
    const slot = { args, result: undefined as unknown };
    this.context['tine_slot'] = slot;
    vm.runInContext('tine_slot.result = tine_host(...tine_slot.args)', this.context);
    delete this.context['tine_slot'];
    return slot.result;
  }

  /** Evaluates a script in the context. */
  run(code: string): unknown {
    return vm.runInContext(code, this.context, { filename: 'program.js' });
  }

  /** The program: an expression that gives the exports of the entry module, as `{ default: … }`. */
  adopt(exports: string): InitReport {
    this.run(`const tine_program = ${exports};`);
    vm.runInContext(`tine_host(${CALL.adopt}, tine_program)`, this.context);
    return this.report();
  }

  report(): InitReport {
    return JSON.parse(this.call(CALL.report) as string) as InitReport;
  }

  enter(asked: Asked = {}): Slice {
    const { vars = {}, limits = {}, bytes, run = ++this.#runs, ...head } = asked;
    const full: EnterHead = {
      kind: 'fetch',
      now: this.now,
      seed: '0123456789abcdef'.repeat(6),
      requestId: 'request-1',
      method: 'GET',
      url: 'http://example.com/',
      headers: [],
      body: bytes === undefined ? 'none' : 'bytes',
      ...head,
    };
    const setup: Setup = { vars, limits: { ...LIMITS, ...limits } };
    this.call(CALL.enter, run, JSON.stringify(full), JSON.stringify(setup), this.#inside(bytes));
    return this.collect();
  }

  settle(id: number, value: unknown = null, bytes?: string | Uint8Array, run = 1): Slice {
    const settlement = { id, now: ++this.now, ok: true, value };
    this.call(CALL.settle, run, JSON.stringify(settlement), this.#inside(bytes));
    return this.collect();
  }

  refuse(id: number, name: string, message: string, run = 1): Slice {
    this.call(CALL.settle, run, JSON.stringify({ id, now: ++this.now, ok: false, error: { name, message } }));
    return this.collect();
  }

  abort(run = 1): Slice {
    this.call(CALL.abort, run, ++this.now);
    return this.collect();
  }

  collect(charsMax = 8_000_000, run?: number): Slice {
    const text = this.call(CALL.collect, charsMax, run) as string;
    const outbox = JSON.parse(text.slice(2)) as Outbox;
    const bytes = text[1] === '1' ? new Uint8Array(this.call(CALL.bytes) as ArrayBuffer) : new Uint8Array(0);
    let at = 0;
    const take = (length: number) => {
      at += length;
      return bytes.slice(at - length, at);
    };
    const body = outbox.answer?.body;
    const answerBytes = body?.kind === 'bytes' ? take(body.length) : undefined;
    const opBytes = new Map<number, Uint8Array>();
    for (const op of outbox.ops ?? []) if (op.bytes !== undefined) opBytes.set(op.id, take(op.bytes));
    return { state: text[0] as Slice['state'], outbox, answerBytes, opBytes };
  }

  /** Bytes as the host hands them over: an ArrayBuffer of the context. */
  #inside(bytes: string | Uint8Array | undefined): ArrayBuffer | undefined {
    if (bytes === undefined) return undefined;
    const given = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    const inside = this.#bytes(given.length);
    inside.set(given);
    return inside.buffer as ArrayBuffer;
  }
}

/** A context with the bundle and nothing else in it. */
export async function makeGuest(): Promise<Guest> {
  return new Guest(await bundleText());
}

/** A context whose program is a handler: the text of a function `(request, env, ctx) => …`. */
export async function guestOf(handler: string, top = ''): Promise<Guest> {
  const guest = await makeGuest();
  guest.adopt(`(() => { ${top}; return { default: { fetch: ${handler} } }; })()`);
  return guest;
}

/** The one op of a slice. */
export function onlyOp(slice: Slice): OpCall {
  const ops = slice.outbox.ops ?? [];
  if (ops.length !== 1) throw new Error(`one op expected: ${JSON.stringify(slice)}`);
  return ops[0] as OpCall;
}

/** The text of the answer, or an Error that shows what came instead. */
export function textOf(slice: Slice): string {
  const body = slice.outbox.answer?.body;
  if (body?.kind === 'text') return body.text;
  if (slice.answerBytes !== undefined) return new TextDecoder().decode(slice.answerBytes);
  throw new Error(`a text answer expected: ${JSON.stringify(slice)}`);
}

/** What the body of an async function gives inside of a context, as JSON. */
export async function inGuest(body: string, asked: Asked = {}): Promise<unknown> {
  const guest = await guestOf(
    `async (request, env, ctx) => Response.json((await (async () => { ${body} })()) ?? null)`,
  );
  return JSON.parse(textOf(guest.enter(asked)));
}
