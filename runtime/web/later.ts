// What happens to a run beside its answer: ops are settled, the client goes, the handler fails. Lazy.
import { setClock } from './clock.ts';
import { writeLine } from './console/write.ts';
import * as lazyAbort from './events/abort.ts';
import { abandonOps, isLimitError, parseSettlement, settleOp } from './outbox.ts';
import { ArrayIsArray, isObject, TypeError } from './primordials.ts';
import { noteResult, type Run, resumeRun } from './run.ts';
import { describeThrown } from './thrown.ts';

/** `CALL.settle` */
export const settle = (id: number, settlementJson: string, bytes: unknown): void => {
  const settlement = parseSettlement(settlementJson);
  setClock(settlement.now);
  settleOp(resumeRun(id), settlement, bytes);
};

/** `CALL.abort`: the client has gone. */
export const abort = (id: number, now: number): void => {
  setClock(now);
  const run = resumeRun(id);
  run.aborted = true;
  if (run.signal !== undefined) lazyAbort.abortSignal(run.signal as lazyAbort.AbortSignal, undefined);
  abandonOps(run);
};

/** `request.signal`: made when somebody asks for it. */
export const signalOf = (run: Run): lazyAbort.AbortSignal => {
  const signal = (run.signal ?? lazyAbort.makeSignal()) as lazyAbort.AbortSignal;
  if (run.signal === undefined && run.aborted) lazyAbort.abortSignal(signal, undefined);
  run.signal = signal;
  return signal;
};

/** The handler threw, or its promise rejected. */
export const fail = (run: Run, error: unknown): void => {
  const texts = describeThrown(error);
  if (run.state !== 'open') {
    writeLine('error', texts.stack === '' ? `${texts.name}: ${texts.message}` : texts.stack);
    return;
  }
  const limit = isObject(error) && isLimitError(error);
  run.left.thrown = limit ? { ...texts, code: 'too_many_operations' } : texts;
  run.state = 'answered';
  noteResult(run);
};

/** The handler gave something else than a Response. */
export const wrongAnswer = (value: unknown): TypeError =>
  new TypeError(`fetch handler returned ${kindOf(value)}, expected a Response`);

const kindOf = (value: unknown): string => {
  if (value === undefined || value === null) return `${value as undefined}`;
  if (ArrayIsArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};
