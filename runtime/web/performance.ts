// `performance` on the given clock: it stands still within a slice. Timelines, marks and measures are not part of the
// minimum common API. Lazy.
import { originMs, sinceOriginMs } from './clock.ts';
import { noteDraw } from './entropy.ts';
import { EventTarget } from './events/event-target.ts';
import { defineInterface } from './fetch/interface.ts';
import { TypeError } from './primordials.ts';

let building = true;

export class Performance extends EventTarget {
  constructor() {
    if (!building) throw new TypeError('Illegal constructor');
    super();
  }

  now(): number {
    noteDraw('performance.now()');
    return sinceOriginMs();
  }

  get timeOrigin(): number {
    noteDraw('performance.timeOrigin');
    return originMs();
  }

  toJSON(): { timeOrigin: number } {
    return { timeOrigin: originMs() };
  }
}

defineInterface(Performance, 'Performance');
export const performance: Performance = new Performance();
building = false;
