// A request comes in, its ops are settled, the client goes: each is one slice. Nothing here throws because of a guest;
// what a handler throws or rejects with is put into the outbox as text.
import { setClock } from './clock.ts';
import { groups, writeLine } from './console/write.ts';
import { ExecutionContext, whenSettled } from './context.ts';
import * as lazyAbort from './events/abort.ts';
import { isResponse, type Response } from './fetch/response.ts';
import { answerOf, requestFrom } from './fetch/wire.ts';
import type { Handlers } from './handlers.ts';
import { toJson } from './json.ts';
import { abandonOps, isLimitError, parseSettlement, settleOp } from './outbox.ts';
import { ArrayIsArray, bytesOf, isObject, JSONParse, ReflectApply, TypeError } from './primordials.ts';
import type { EnterHead, Setup } from './protocol.ts';
import { makeRun, noteResult, openRun, type Run, resumeRun } from './run.ts';
import * as lazyServiceWorker from './service-worker.ts';
import { describeThrown } from './thrown.ts';

/** `CALL.enter` */
export function enter(handlers: Handlers, id: number, headJson: string, setupJson: string, body: unknown): void {
  const head = JSONParse(headJson) as EnterHead;
  const setup = JSONParse(setupJson) as Setup;
  setClock(head.now);
  const run = makeRun(id, 'request', head.requestId, head.seed, setup.limits);
  openRun(run);
  groups.depth = 0;
  const bytes = body === undefined ? undefined : bytesOf(body);
  const request = requestFrom(head, bytes, () => signalOf(run));
  callHandler(
    handlers,
    run,
    request,
    setup.vars,
    (response) => answer(run, response),
    (thrown) => fail(run, thrown),
  );
}

/** Calls the handler. One of the two is called with what comes of it, now or later: a Response, or what was thrown. */
export function callHandler(
  handlers: Handlers,
  run: Run,
  request: object,
  env: Record<string, unknown>,
  take: (response: Response) => void,
  refuse: (thrown: unknown) => void,
): void {
  const receive = (value: unknown) => {
    if (isResponse(value)) take(value);
    else refuse(new TypeError(`fetch handler returned ${kindOf(value)}, expected a Response`));
  };
  let result: unknown;
  try {
    if (handlers.form === 'export') {
      result = ReflectApply(handlers.fetch, handlers.self, [request, env, new ExecutionContext(run)]);
    } else if (handlers.form === 'listener') {
      result = lazyServiceWorker.dispatchFetch(request, env, run);
    } else {
      throw new TypeError('the program has no handler');
    }
  } catch (error) {
    refuse(error);
    return;
  }
  if (!isObject(result) || isResponse(result)) receive(result);
  else whenSettled(result, receive, refuse);
}

function answer(run: Run, response: Response): void {
  if (run.state !== 'open') return;
  try {
    const handover = answerOf(response);
    run.left.answer = toJson(handover.answer);
    run.left.answerBytes = handover.bytes;
    run.body = handover.answer.body.kind === 'stream' ? 'open' : 'closed';
    run.state = 'answered';
    noteResult(run);
  } catch (error) {
    fail(run, error);
  }
}

function fail(run: Run, error: unknown): void {
  const texts = describeThrown(error);
  if (run.state !== 'open') {
    writeLine('error', texts.stack === '' ? `${texts.name}: ${texts.message}` : texts.stack);
    return;
  }
  const limit = isObject(error) && isLimitError(error);
  run.left.thrown = limit ? { ...texts, code: 'too_many_operations' } : texts;
  run.state = 'answered';
  noteResult(run);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return `${value as undefined}`;
  if (ArrayIsArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** `CALL.settle` */
export function settle(id: number, settlementJson: string, bytes: unknown): void {
  const settlement = parseSettlement(settlementJson);
  setClock(settlement.now);
  settleOp(resumeRun(id), settlement, bytes);
}

/** `CALL.abort`: the client has gone. */
export function abort(id: number, now: number): void {
  setClock(now);
  const run = resumeRun(id);
  run.aborted = true;
  if (run.signal !== undefined) lazyAbort.abortSignal(run.signal as lazyAbort.AbortSignal, undefined);
  abandonOps(run);
}

/** `request.signal`: made when somebody asks for it. */
function signalOf(run: Run): lazyAbort.AbortSignal {
  const signal = (run.signal ?? lazyAbort.makeSignal()) as lazyAbort.AbortSignal;
  if (run.signal === undefined && run.aborted) lazyAbort.abortSignal(signal, undefined);
  run.signal = signal;
  return signal;
}
