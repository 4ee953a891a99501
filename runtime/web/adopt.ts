// The program is there: its handlers are found, and what was learnt while its top level ran is put together. Runs once.
import { awake, LOG_BYTES_TOP_LEVEL, putAway } from './awake.ts';
import { findHandlers, type Handlers } from './handlers.ts';
import type { InitReport } from './protocol.ts';

export interface Adopted {
  handlers: Handlers;
  report: InitReport;
}

/** @param program the exports of the entry module */
export function adopt(program: unknown, warmup: InitReport['warmup']): Adopted {
  const { handlers, unknown, problem } = findHandlers(program);
  const { draws, log } = awake;
  awake.draws = [];
  awake.log = [];
  awake.logLeft = LOG_BYTES_TOP_LEVEL;
  putAway();
  return {
    handlers,
    report: {
      handlers: handlers.form === 'none' ? [] : ['fetch'],
      unknownHandlers: unknown,
      ...(problem === undefined ? {} : { problem }),
      entropy: draws,
      log,
      warmup,
    },
  };
}
