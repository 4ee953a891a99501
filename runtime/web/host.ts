// The one function that a context offers its host: see `protocol.ts`. It dispatches, and keeps what was learnt about
// the program while its top level ran.

import { putAway } from './before-snapshot.ts';
import { collect, takeBytes } from './collect.ts';
import { takeTopLevelLog } from './console/write.ts';
import { abort, enter, settle } from './enter.ts';
import { takeDraws } from './entropy.ts';
import type { Handlers } from './handlers.ts';
import * as onceHandlers from './handlers.ts';
import * as onceInstall from './install.ts';
import { toJson } from './json.ts';
import { Error } from './primordials.ts';
import { CALL, type InitReport } from './protocol.ts';
import * as lazyWarm from './warm.ts';

let handlers: Handlers = { form: 'none' };
let report: InitReport = { handlers: [], unknownHandlers: [], entropy: [], log: [], warmup: [] };

export function host(call: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  switch (call) {
    case CALL.enter:
      return enter(handlers, a as number, b as string, c as string, d);
    case CALL.collect:
      return collect(a as number, b as number | undefined);
    case CALL.settle:
      return settle(a as number, b as string, c);
    case CALL.bytes:
      return takeBytes();
    case CALL.abort:
      return abort(a as number, b as number);
    case CALL.adopt:
      return adopt(a);
    case CALL.warm:
      return lazyWarm.warm(handlers, a as string, report.warmup);
    case CALL.report:
      return toJson(report);
    default:
      throw new Error(`host: there is no call ${call}`);
  }
}

function adopt(program: unknown): void {
  const { handlers: found, unknown, problem } = onceHandlers.findHandlers(program);
  handlers = found;
  report = {
    handlers: found.form === 'none' ? [] : ['fetch'],
    unknownHandlers: unknown,
    ...(problem === undefined ? {} : { problem }),
    entropy: takeDraws(),
    log: takeTopLevelLog(),
    warmup: report.warmup,
  };
  putAway();
}

onceInstall.install();
