// The one function that a context offers its host: see `protocol.ts`. It dispatches, and keeps what was learnt about
// the program while its top level ran.
import * as onceAdopt from './adopt.ts';
import { collect } from './collect.ts';
import * as lazyBytes from './collect-bytes.ts';
import { enter } from './enter.ts';
import * as onceInstall from './install.ts';
import { toJson } from './json.ts';
import * as lazyLater from './later.ts';
import { Error } from './primordials.ts';
import { CALL, type InitReport } from './protocol.ts';
import * as lazyWarm from './warm.ts';

const blank: InitReport = { handlers: [], unknownHandlers: [], entropy: [], log: [], warmup: [] };
let program: onceAdopt.Adopted = { handlers: { form: 'none' }, report: blank };

export function host(call: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  switch (call) {
    case CALL.enter:
      return enter(program.handlers, a as number, b as string, c as string, d);
    case CALL.collect:
      return collect(a as number, b as number | undefined);
    case CALL.settle:
      return lazyLater.settle(a as number, b as string, c);
    case CALL.bytes:
      return lazyBytes.takeBytes();
    case CALL.abort:
      return lazyLater.abort(a as number, b as number);
    case CALL.adopt:
      program = onceAdopt.adopt(a, program.report.warmup);
      return;
    case CALL.warm:
      return lazyWarm.warm(program.handlers, a as string, program.report.warmup);
    case CALL.report:
      return toJson(program.report);
    default:
      throw new Error(`host: there is no call ${call}`);
  }
}

onceInstall.install();
