// From a request to an outcome: permit, context, slices, answer. The one function to read. A guest's mistakes are
// values here and never errors; what is thrown was refused before any guest code ran.
import type { Answer, Outbox } from '#runtime';
import { type Code, TineError } from './errors.ts';
import type { EndReason, SliceReply } from './executor/executor.ts';
import type { Executors } from './executor/executors.ts';
import { ProtocolError, SLICE } from './executor/frames.ts';
import type { RemoteContext } from './executor/remote-context.ts';
import type { Finished, Observer } from './observer.ts';
import type { EndedOp } from './ops/op.ts';
import { parseOutbox, splitBytes } from './ops/outbox.ts';
import { type Performers, RunOps } from './ops/run-ops.ts';
import type { Outcome } from './outcome.ts';
import type { Permit, Permits } from './permits.ts';
import type { Quarantine } from './quarantine.ts';
import { type Client, type GuestRequest, isStreamed, Run, type ServedVersion } from './run.ts';

export interface InvokeParts {
  permits: Permits;
  executors: Executors;
  performers: Performers;
  quarantine: Quarantine;
  observer: Observer;
}

/** How one attempt ended. `again`: its executor died, and nothing of it can have been seen outside. */
type Ending = Outcome | 'again';

/**
 * Runs one request in a context of its own and sends what the guest answers to the client.
 * @returns how it went; when `code` is set, nothing was sent and the caller answers with that code
 * @throws TineError `overloaded` or `quarantined`: nothing was run
 */
export async function invoke(
  request: GuestRequest,
  served: ServedVersion,
  client: Client,
  parts: InvokeParts,
): Promise<Finished> {
  const run = new Run(request, served, client, parts.observer);
  try {
    using _permit = await enter(run, parts); // kept until the guest has stopped
    let ending = await attempt(run, parts);
    if (ending === 'again') {
      parts.observer.ranAgain(run);
      ending = await attempt(run, parts);
    }
    run.finished.outcome = ending === 'again' ? fail(run, 'crashed') : ending;
    parts.observer.finished(run, run.end());
    return run.finished;
  } finally {
    run.end();
  }
}

async function enter(run: Run, { permits, quarantine, observer }: InvokeParts): Promise<Permit> {
  if (quarantine.has(run.program)) {
    observer.refused(run, 'quarantined');
    throw new TineError('quarantined');
  }
  const start = performance.now();
  try {
    const wanted = permits.enter(run);
    const permit = wanted instanceof Promise ? await wanted : wanted;
    run.finished.queuedMs = performance.now() - start;
    observer.admitted(run, run.finished.queuedMs);
    return permit;
  } catch (error) {
    const why = run.interruption;
    const code = why === 'cancelled' || why === 'body_too_large' ? why : 'overloaded';
    observer.refused(run, code);
    throw new TineError(code, (error as Error).message);
  }
}

/** One context, from its first slice to its end. */
async function attempt(run: Run, parts: InvokeParts): Promise<Ending> {
  let context: RemoteContext;
  try {
    const taken = parts.executors.take(run.served.runnable, run);
    context = taken instanceof Promise ? await taken : taken;
  } catch (error) {
    return interruptedWhileWaiting(run, error);
  }
  using ops = new RunOps(run, parts.performers);
  context.onLost(() => run.interrupt('lost'));
  try {
    if (run.interruption !== undefined) return await leave(context, run, parts); // while the template was fetched
    const { body } = run.request;
    let reply = await context.enter(run.head(), isStreamed(body) ? undefined : body, Math.max(1, run.wallLeftMs));
    let op: Promise<EndedOp> | undefined;
    for (;;) {
      const ending = await take(reply, run, ops, parts);
      if (ending !== undefined) return ending;
      op ??= ops.next();
      await run.waitFor(somethingNew(context, op));
      if (run.interruption !== undefined) return await leave(context, run, parts);
      const unasked = context.takeUnasked();
      if (unasked !== undefined) {
        reply = unasked; // before the op, as it came of an earlier slice
        continue;
      }
      const ended = await op;
      op = undefined;
      const bytes = ended.ok ? ended.bytes : undefined;
      reply = await context.settle(run.settlement(ended), bytes, Math.max(1, run.wallLeftMs));
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    context.executor.kill('protocol');
    return fail(run, 'crashed');
  } finally {
    if (!context.closed) await context.drop();
  }
}

/** An op of the run has ended, or something came of it in the slice of another run. */
function somethingNew(context: RemoteContext, op: Promise<EndedOp>): Promise<unknown> {
  const unasked = context.whenUnasked();
  return unasked === undefined ? op : Promise.race([op, unasked]);
}

/** Looks at what a slice left behind. @returns how the attempt ended, or undefined: it goes on when an op has ended */
async function take(reply: SliceReply, run: Run, ops: RunOps, { observer }: InvokeParts): Promise<Ending | undefined> {
  if (reply.kind === 'died') return afterDeath(run, reply.reason!, reply.culprit!);
  if (reply.kind === SLICE.lost) return afterDeath(run, 'out_of_memory', false);
  run.account(reply);
  const outbox = parseOutbox(reply.text, reply.bytes);
  for (const { level, text } of outbox.log ?? []) observer.logged(run, level, text);
  if (outbox.dropped !== undefined) observer.dropped(run, outbox.dropped);
  switch (reply.kind) {
    case SLICE.cpuLimit:
      return fail(run, 'cpu_limit');
    case SLICE.starved:
      observer.starved(run);
      return fail(run, 'wall_limit');
    case SLICE.wallLimit:
      return fail(run, 'wall_limit');
    case SLICE.memoryLimit:
      return fail(run, 'memory_limit');
  }
  if (outbox.thrown !== undefined && !run.answered) {
    run.finished.thrown = outbox.thrown;
    return fail(run, 'threw', outbox.thrown.code ?? 'threw');
  }
  const bytes = splitBytes(outbox, reply.bytes);
  if (outbox.answer !== undefined) {
    if (run.answered) throw new ProtocolError('a run must answer once: got a second answer');
    const { body } = outbox.answer;
    if (body.kind === 'pipe' && !run.bodies.has(body.from)) {
      throw new ProtocolError(`the body of an answer must be open: ${body.from} is not`);
    }
    try {
      answer(run, outbox.answer, bytes.answer);
    } catch (error) {
      run.warn('bad_response', (error as Error).message);
      return fail(run, 'threw', 'bad_response');
    }
  }
  if (outbox.ops !== undefined) {
    run.touched = true;
    run.finished.ops += outbox.ops.length;
    ops.start(outbox.ops, bytes.ops, outbox.cancel);
  }
  if (outbox.cancel !== undefined) ops.cancel(outbox.cancel);
  const isDone = reply.kind === SLICE.done;
  if (reply.kind === SLICE.stuck || (isDone && !run.answered)) return fail(run, 'never_settles');
  if (isDone) return run.piping === undefined ? 'ok' : await whilePiping(run, run.piping);
  return undefined;
}

function answer(run: Run, { body, ...head }: Answer, bytes: Uint8Array): void {
  run.client.answer({ ...head, body }, body.kind === 'bytes' ? bytes : undefined, run.finished);
  run.answered = true;
  run.touched = true;
  if (body.kind === 'pipe') run.piping = pipe(run, body.from);
}

/** The untouched body of a response (or of the request) goes to the client without passing through the guest. */
async function pipe(run: Run, from: number): Promise<void> {
  const source = run.bodies.get(from);
  let sent = 0;
  try {
    for (let chunk = await source?.read(); chunk !== undefined; chunk = await source?.read()) {
      sent += chunk.length;
      if (sent > run.limits.responseBytes) throw new Error('the body of the answer is larger than allowed');
      await run.sink.write(chunk);
    }
    await run.sink.end();
  } catch (error) {
    run.sink.fail((error as Error).message);
  }
}

async function whilePiping(run: Run, piping: Promise<void>): Promise<Ending> {
  await run.waitFor(piping);
  switch (run.interruption) {
    case 'cancelled':
    case 'wall_limit':
      return fail(run, run.interruption);
    case 'body_too_large':
      return fail(run, 'cancelled');
    case 'bad_body':
      return fail(run, 'threw', 'bad_response');
    default:
      return 'ok';
  }
}

/** The run has to stop although its guest is waiting. */
async function leave(context: RemoteContext, run: Run, { observer }: InvokeParts): Promise<Ending> {
  switch (run.interruption) {
    case 'cancelled': {
      const { log } = lastWords(await context.abort());
      for (const { level, text } of log ?? []) observer.logged(run, level, text);
      return fail(run, 'cancelled');
    }
    case 'wall_limit':
      await context.drop();
      return fail(run, 'wall_limit');
    case 'body_too_large':
      await context.drop();
      return fail(run, 'cancelled', 'body_too_large');
    case 'bad_body':
      await context.drop();
      return fail(run, 'threw', 'bad_response');
    default:
      return afterDeath(run, 'outside', false);
  }
}

function interruptedWhileWaiting(run: Run, error: unknown): Ending {
  switch (run.interruption) {
    case 'cancelled':
    case 'wall_limit':
      return fail(run, run.interruption);
    case 'body_too_large':
      return fail(run, 'cancelled', 'body_too_large');
    default:
      throw error;
  }
}

/** Whose fault was it, and may the run begin anew? */
function afterDeath(run: Run, reason: EndReason, isCulprit: boolean): Ending {
  if (isCulprit) {
    if (reason === 'slice_deadline') return fail(run, 'cpu_limit');
    if (reason === 'rss' || reason === 'out_of_memory') return fail(run, 'memory_limit');
    return fail(run, 'crashed');
  }
  if (run.touched || run.interruption === 'cancelled' || run.interruption === 'wall_limit') return fail(run, 'crashed');
  run.renew();
  return 'again';
}

/** Nothing was sent: the caller answers with the code. Something was: the client must notice that it is not whole. */
function fail(run: Run, outcome: Outcome, code: Code = outcome as Code): Outcome {
  if (run.answered) run.client.fail(`the run ended with ${outcome}`);
  else run.finished.code = code;
  return outcome;
}

/** The outbox of the last slice: only its log counts, so ops and their bytes are not looked at. */
function lastWords(text: string): Pick<Outbox, 'log'> {
  try {
    const { log } = JSON.parse(text) as Outbox;
    return log === undefined ? {} : parseOutbox(JSON.stringify({ log }), undefined);
  } catch {
    return {};
  }
}
