// Puts a program aside that keeps ending its executors: a process costs 75 ms to start, and its neighbours pay for it.
// Time is handed in.

/** So many executors ended by one program … */
const DEATHS_MAX = 10;
/** … within this time … */
const WINDOW_MS = 10_000;
/** … put it aside for this long, twice as long each time. */
const ASIDE_MS = 2_000;
const ASIDE_MS_MAX = 60_000;

interface Record {
  deaths: number[];
  asideUntil: number;
  asideMs: number;
}

export class Quarantine {
  readonly #now: () => number;
  readonly #records = new Map<string, Record>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** An executor ended while a slice of this program ran. @returns for how long it is put aside, in ms; 0: it is not */
  add(program: string): number {
    const now = this.#now();
    const record = this.#records.get(program) ?? { deaths: [], asideUntil: 0, asideMs: ASIDE_MS };
    this.#records.set(program, record);
    record.deaths = [...record.deaths.filter((at) => at > now - WINDOW_MS), now];
    if (record.deaths.length < DEATHS_MAX) return 0;
    const aside = record.asideMs;
    record.deaths = [];
    record.asideUntil = now + aside;
    record.asideMs = Math.min(ASIDE_MS_MAX, aside * 2);
    return aside;
  }

  has(program: string): boolean {
    const record = this.#records.get(program);
    if (record === undefined) return false;
    const now = this.#now();
    if (now < record.asideUntil) return true;
    // Long enough without a death: it begins anew.
    const last = record.deaths.at(-1) ?? record.asideUntil;
    if (now > last + ASIDE_MS_MAX) this.#records.delete(program);
    return false;
  }

  /** A new version gets a new chance. */
  forget(program: string): void {
    this.#records.delete(program);
  }
}
