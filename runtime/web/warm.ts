// Requests that the builder sends through the handler before the snapshot, so that what the program builds on its first
// request is part of its template. One after the other; they can do no ops; clock and randomness are fixed. Lazy.
import { putAway } from './awake.ts';
import { utf8Encode } from './bytes/utf8.ts';
import { setClock, stopClock } from './clock.ts';
import { callHandler } from './enter.ts';
import * as lazyAbort from './events/abort.ts';
import { responseState } from './fetch/response.ts';
import { requestFrom } from './fetch/wire.ts';
import type { Handlers } from './handlers.ts';
import {
  ArrayIsArray,
  ArrayPrototypePush,
  JSONParse,
  ObjectKeys,
  Promise,
  PromisePrototypeThen,
  PromiseResolve,
  StringPrototypeRepeat,
} from './primordials.ts';
import type { EnterHead, InitReport } from './protocol.ts';
import { closeRun, leaveRun, makeRun, openRun } from './run.ts';
import { describeThrown } from './thrown.ts';

/** As the configuration has it; `vars` is what `env` holds. */
interface WarmRequest {
  method?: string;
  path: string;
  headers?: Record<string, string> | string[];
  body?: string;
  vars?: Record<string, unknown>;
}

const LIMITS = { pendingOps: 0, timers: 0, subrequests: 0, logBytes: 0, responseBytes: 0 };
let previous: Promise<unknown> = PromiseResolve(undefined);
let lastId = 0;

/** `CALL.warm` @param results gets one entry at once, which is filled in when the handler has answered */
export const warm = (handlers: Handlers, json: string, results: InitReport['warmup']): void => {
  const result: InitReport['warmup'][number] = { error: 'the handler did not answer' };
  ArrayPrototypePush(results, result);
  previous = PromisePrototypeThen(previous, () => new Promise<void>((done) => send(handlers, json, result, done)));
};

const send = (handlers: Handlers, json: string, result: InitReport['warmup'][number], done: () => void): void => {
  const given = JSONParse(json) as WarmRequest;
  lastId -= 1;
  const run = makeRun(lastId, 'warmup', 'warmup', StringPrototypeRepeat('0', 96), LIMITS);
  openRun(run);
  setClock(0);
  const body = given.body === undefined ? undefined : utf8Encode(given.body);
  const request = requestFrom(headOf(given, body !== undefined), body, () => lazyAbort.makeSignal());
  const leave = () => {
    closeRun(run);
    leaveRun();
    stopClock();
    putAway();
    done();
  };
  callHandler(
    handlers,
    run,
    request,
    given.vars ?? {},
    (response) => {
      delete result.error;
      result.status = responseState(response).status;
      leave();
    },
    (thrown) => {
      const { name, message } = describeThrown(thrown);
      result.error = `${name}: ${message}`;
      leave();
    },
  );
};

const headOf = (given: WarmRequest, hasBody: boolean): EnterHead => {
  const { method = 'GET', path, headers = [] } = given;
  const flat: string[] = ArrayIsArray(headers) ? (headers as string[]) : [];
  if (!ArrayIsArray(headers)) {
    const names = ObjectKeys(headers);
    for (let i = 0; i < names.length; i++)
      ArrayPrototypePush(flat, names[i]!, (headers as Record<string, string>)[names[i]!]!);
  }
  return {
    kind: 'fetch',
    now: 0,
    seed: '',
    requestId: 'warmup',
    method,
    url: `http://localhost${path}`,
    headers: flat,
    body: hasBody ? 'bytes' : 'none',
  };
};
