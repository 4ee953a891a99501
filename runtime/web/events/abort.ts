// `AbortController` and `AbortSignal` of the DOM standard. Lazy. Dependent signals (`any`) are flat: a signal made of
// others listens to the sources these have, not to them, so that chains do not grow.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { requireArguments } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import { dropStatics } from '../lazy.ts';
import { timerOp } from '../outbox.ts';
import {
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  ArrayPrototypeShift,
  FunctionPrototypeCall,
  isObject,
  Number,
  ReflectConstruct,
  SymbolIterator,
  TypeError,
} from '../primordials.ts';
import { errorFrom } from './dom-exception.ts';
import { Event, trusted } from './event.ts';
import { EventTarget, fireEvent, signals } from './event-target.ts';
import { reportException } from './uncaught.ts';

let building = false;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  /** What to do on abort, in order. */
  #acts: (() => void)[] | undefined;
  /** The signals that this one follows: never themselves followers. */
  #sources: AbortSignal[] | undefined;
  #followers: AbortSignal[] | undefined;
  #onabort: ((event: Event) => unknown) | null = null;

  constructor() {
    if (!building) throw new TypeError('Illegal constructor');
    super();
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = makeSignal();
    signal.#aborted = true;
    signal.#reason = reason === undefined ? errorFrom('AbortError', 'This operation was aborted') : reason;
    return signal;
  }

  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout()');
    const ms = Number(milliseconds);
    if (!(ms >= 0 && ms <= 9_007_199_254_740_991)) {
      throw new TypeError(`AbortSignal.timeout(): milliseconds must be from 0 to 2 ** 53 - 1: got ${ms}`);
    }
    const signal = makeSignal();
    const fire = () => signal.#abort(errorFrom('TimeoutError', 'The operation was aborted due to timeout'));
    timerOp(ms < 1 ? 1 : ms - (ms % 1), fire, undefined, 'AbortSignal.timeout()');
    return signal;
  }

  static any(sources: Iterable<AbortSignal>): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.any()');
    const given = listOf(sources);
    for (let i = 0; i < given.length; i++) {
      if (!isAbortSignal(given[i])) throw new TypeError('AbortSignal.any(): every member must be an AbortSignal');
    }
    return dependentSignal(given);
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  get onabort(): ((event: Event) => unknown) | null {
    return this.#onabort;
  }

  set onabort(handler: unknown) {
    const had = this.#onabort !== null;
    this.#onabort = typeof handler === 'function' ? (handler as (event: Event) => unknown) : null;
    // the place in the order of listeners is that of the first assignment
    if (!had && this.#onabort !== null) super.addEventListener('abort', this.#handle);
    if (had && this.#onabort === null) super.removeEventListener('abort', this.#handle);
  }

  readonly #handle = (event: Event): unknown =>
    this.#onabort === null ? undefined : FunctionPrototypeCall(this.#onabort, this, event);

  #follow(source: AbortSignal): void {
    if (ArrayPrototypeIncludes(this.#sources!, source)) return;
    ArrayPrototypePush(this.#sources!, source);
    source.#followers ??= [];
    ArrayPrototypePush(source.#followers, this);
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    const all: AbortSignal[] = [this];
    const cause = reason === undefined ? errorFrom('AbortError', 'This operation was aborted') : reason;
    this.#aborted = true;
    this.#reason = cause;
    const followers = this.#followers ?? [];
    for (let i = 0; i < followers.length; i++) {
      const follower = followers[i]!;
      if (follower.#aborted) continue;
      follower.#aborted = true;
      follower.#reason = cause;
      ArrayPrototypePush(all, follower);
    }
    // all are marked before any code of the guest runs
    for (let i = 0; i < all.length; i++) all[i]!.#run();
  }

  #run(): void {
    const acts = this.#acts;
    this.#acts = undefined;
    while (acts !== undefined && acts.length > 0) {
      try {
        ArrayPrototypeShift(acts)!();
      } catch (error) {
        reportException(error);
      }
    }
    fireEvent(this, trusted(new Event('abort')));
  }

  static is(value: unknown): value is AbortSignal {
    return isObject(value) && #aborted in value;
  }

  static dependent(sources: readonly AbortSignal[]): AbortSignal {
    const signal = makeSignal();
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      if (!source.#aborted) continue;
      signal.#aborted = true;
      signal.#reason = source.#reason;
      return signal;
    }
    signal.#sources = [];
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      if (source.#sources === undefined) signal.#follow(source);
      else for (let k = 0; k < source.#sources.length; k++) signal.#follow(source.#sources[k]!);
    }
    return signal;
  }

  static why(signal: AbortSignal): unknown {
    return signal.#reason;
  }

  static act(signal: AbortSignal, act: () => void): void {
    signal.#acts ??= [];
    ArrayPrototypePush(signal.#acts, act);
  }

  static end(signal: AbortSignal, reason: unknown): void {
    signal.#abort(reason);
  }

  static had(signal: AbortSignal): boolean {
    return signal.#aborted;
  }
}

/** By brand. */
export const isAbortSignal = AbortSignal.is;
/** Calls `act` when the signal aborts, before its listeners. An aborted signal calls nothing any more. */
export const onAbort = AbortSignal.act;
/** Aborts a signal; `undefined` gives an AbortError. */
export const abortSignal = AbortSignal.end;
/** `signal.aborted`, whatever a guest made of it. */
export const isAborted = AbortSignal.had;
/** `signal.reason`, whatever a guest made of it. */
export const abortReason = AbortSignal.why;
/** A signal that aborts as soon as one of `sources` does. */
export const dependentSignal = AbortSignal.dependent;
dropStatics(AbortSignal, ['is', 'act', 'end', 'had', 'why', 'dependent']);

/** A signal that nobody has a controller of. */
export function makeSignal(): AbortSignal {
  building = true;
  try {
    return ReflectConstruct(AbortSignal, []) as AbortSignal;
  } finally {
    building = false;
  }
}

export class AbortController {
  readonly #signal: AbortSignal = makeSignal();

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    abortSignal(this.#signal, reason);
  }
}

defineInterface(AbortSignal, 'AbortSignal');
defineInterface(AbortController, 'AbortController');

signals.isSignal = isAbortSignal;
signals.isAborted = isAborted as (signal: object) => boolean;
signals.onAbort = onAbort as (signal: object, act: () => void) => void;

function listOf<T>(items: Iterable<T>): T[] {
  if (!isObject(items)) throw new TypeError('AbortSignal.any(): an iterable of signals is wanted');
  const make = (items as { [Symbol.iterator]?: unknown })[SymbolIterator];
  if (typeof make !== 'function') throw new TypeError('AbortSignal.any(): an iterable of signals is wanted');
  const walk = FunctionPrototypeCall(make, items) as Iterator<T>;
  const list: T[] = [];
  for (;;) {
    const step = walk.next();
    if (step.done === true) return list;
    ArrayPrototypePush(list, step.value);
  }
}
