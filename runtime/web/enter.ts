// A request comes in, is given to the handler, and is answered. Nothing here throws because of a guest; what a handler
// throws or rejects with is put into the outbox as text (`later.ts`).
import { awake } from './awake.ts';
import { setClock } from './clock.ts';
import { ExecutionContext } from './context.ts';
import { isResponse, type Response } from './fetch/response.ts';
import { answerOf, requestFrom } from './fetch/wire.ts';
import type { Handlers } from './handlers.ts';
import { toJson } from './json.ts';
import * as lazyLater from './later.ts';
import { bytesOf, isObject, JSONParse, ReflectApply, TypeError } from './primordials.ts';
import type { EnterHead, Setup } from './protocol.ts';
import { makeRun, noteResult, openRun, type Run } from './run.ts';
import * as lazyServiceWorker from './service-worker.ts';
import { whenSettled } from './when-settled.ts';

/** `CALL.enter` */
export function enter(handlers: Handlers, id: number, headJson: string, setupJson: string, body: unknown): void {
  const head = JSONParse(headJson) as EnterHead;
  const setup = JSONParse(setupJson) as Setup;
  setClock(head.now);
  const run = makeRun(id, 'request', head.requestId, head.seed, setup.limits);
  openRun(run);
  awake.groupDepth = 0;
  const bytes = body === undefined ? undefined : bytesOf(body);
  const request = requestFrom(head, bytes, () => lazyLater.signalOf(run));
  callHandler(
    handlers,
    run,
    request,
    setup.vars,
    (response) => answer(run, response),
    (thrown) => lazyLater.fail(run, thrown),
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
    else refuse(lazyLater.wrongAnswer(value));
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
    lazyLater.fail(run, error);
  }
}
