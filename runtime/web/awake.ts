// What awake code has to know of sleeping modules without waking them: each field belongs to the module named there,
// which alone writes it, but for what is said. One object, as every one costs in each context.
import type { RequestState } from './fetch/request-state.ts';
import type { ResponseState } from './fetch/response-state.ts';
import type { InitReport, LogLine } from './protocol.ts';

export interface Awake {
  /** `entropy.ts`: names drawn from at the top level, with stacks. */
  draws: InitReport['entropy'];
  /** `console/write.ts`: lines of the top level, and how many bytes of them still fit. */
  log: LogLine[];
  logLeft: number;
  /** `console/console.ts`: how many groups are open; those of a run are closed when another one begins. */
  groupDepth: number;
  /** `events/global-target.ts`: somebody has asked for the target behind the global. */
  globalTarget: boolean;
  /** `events/report.ts`, set by `install.ts`: offers an uncaught error to the guest; says whether that took care of it. */
  offerUncaught: (error: unknown) => boolean;
  /** `console/platform.ts`, set by `install.ts`: the private state of a Request or a Response. */
  insideOf: (value: object) => RequestState | ResponseState | undefined;
  /** What must be put away before a snapshot is taken: modules that have come to life leave a function here. */
  putAway: (() => void)[];
  /** Objects that only have to be alive when the snapshot is taken (`rehearse.ts`). */
  rehearsal: unknown;
}

export const LOG_BYTES_TOP_LEVEL = 65_536;

export const awake: Awake = {
  draws: [],
  log: [],
  logLeft: LOG_BYTES_TOP_LEVEL,
  groupDepth: 0,
  globalTarget: false,
  offerUncaught: () => false,
  insideOf: () => undefined,
  putAway: [],
  rehearsal: undefined,
};

/** Before a snapshot is taken: after the top level, and after each warm-up. */
export function putAway(): void {
  for (let i = 0; i < awake.putAway.length; i++) awake.putAway[i]!();
}
