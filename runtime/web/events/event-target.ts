// `EventTarget` of the DOM standard. Listeners are kept in order of registration; what a listener throws is reported
// (`report.ts`) and stops nothing. The global object of a context is a target too: `globalTarget` holds its listeners.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { requireArguments } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import { dropStatics } from '../lazy.ts';
import {
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ArrayPrototypeSplice,
  FunctionPrototypeCall,
  isObject,
  String,
  TypeError,
} from '../primordials.ts';
import { errorFrom } from './dom-exception.ts';
import { type Event, type EventState, eventState } from './event.ts';
import { reportException } from './uncaught.ts';

export type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  /** An AbortSignal: when it aborts the listener is removed. */
  signal?: object;
}

interface Registered {
  readonly type: string;
  readonly callback: Listener;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

export class EventTarget {
  /** Made with the first listener. */
  #listeners: Registered[] | undefined;
  /** What events that arrive here show as their target; another object than this one for the global. */
  #shown: object = this;

  addEventListener(type: unknown, callback: Listener | null, options?: ListenerOptions | boolean): void {
    requireArguments(arguments.length, 2, 'addEventListener()');
    const target = ownOr(this);
    const { capture, once, passive, signal } = flatten(options);
    const name = String(type);
    if (signal !== undefined && !signals.isSignal(signal)) {
      throw new TypeError('addEventListener(): options.signal must be an AbortSignal');
    }
    if (callback === null || callback === undefined) return;
    if (!isObject(callback)) throw new TypeError('addEventListener(): the listener must be a function or an object');
    if (signal !== undefined && signals.isAborted(signal)) return;
    target.#listeners ??= [];
    const list = target.#listeners;
    for (let i = 0; i < list.length; i++) if (isSame(list[i]!, name, callback, capture)) return;
    const listener: Registered = { type: name, callback, capture, once, passive, removed: false };
    ArrayPrototypePush(list, listener);
    if (signal !== undefined) signals.onAbort(signal, () => target.#remove(listener));
  }

  removeEventListener(type: unknown, callback: Listener | null, options?: ListenerOptions | boolean): void {
    requireArguments(arguments.length, 2, 'removeEventListener()');
    const target = ownOr(this);
    const capture = isObject(options) ? !!options.capture : !!options;
    const list = target.#listeners;
    const name = String(type);
    if (list === undefined) return;
    for (let i = 0; i < list.length; i++) {
      const listener = list[i]!;
      if (!isSame(listener, name, callback, capture)) continue;
      target.#remove(listener);
      return;
    }
  }

  dispatchEvent(event: Event): boolean {
    requireArguments(arguments.length, 1, 'dispatchEvent()');
    const state = eventState(event);
    if (state === undefined) throw new TypeError('dispatchEvent(): an Event is wanted');
    if (state.dispatching || !state.initialized) {
      throw errorFrom('InvalidStateError', 'dispatchEvent(): the event is being dispatched already');
    }
    state.trusted = false;
    return ownOr(this).#dispatch(event, state);
  }

  #remove(listener: Registered): void {
    listener.removed = true;
    const list = this.#listeners ?? [];
    for (let i = 0; i < list.length; i++) if (list[i] === listener) ArrayPrototypeSplice(list, i, 1);
  }

  #dispatch(event: Event, state: EventState): boolean {
    state.dispatching = true;
    state.target = this.#shown;
    if (this.#listeners !== undefined && state.stopped === 'no') {
      state.currentTarget = this.#shown;
      state.phase = 2;
      // a copy: listeners that are added now are not called, those that are removed are marked
      const list = ArrayPrototypeSlice(this.#listeners);
      this.#call(list, event, state, 'capturing');
      if (state.stopped === 'no') this.#call(list, event, state, 'bubbling');
    }
    state.phase = 0;
    state.currentTarget = null;
    state.dispatching = false;
    state.stopped = 'no';
    return !state.canceled;
  }

  #call(list: readonly Registered[], event: Event, state: EventState, pass: 'capturing' | 'bubbling'): void {
    for (let i = 0; i < list.length; i++) {
      const listener = list[i]!;
      if (listener.removed || listener.type !== state.type || listener.capture !== (pass === 'capturing')) continue;
      if (listener.once) this.#remove(listener);
      state.inPassiveListener = listener.passive;
      try {
        invoke(listener.callback, this.#shown, event);
      } catch (error) {
        reportException(error);
      }
      state.inPassiveListener = false;
      if (state.stopped === 'immediately') return;
    }
  }

  /** Dispatches an event of the platform. */
  static fire(target: EventTarget, event: Event): boolean {
    return target.#dispatch(event, eventState(event)!);
  }

  static show(target: EventTarget, as: object): void {
    target.#shown = as;
  }

  static count(target: EventTarget, type: string): number {
    const list = target.#listeners ?? [];
    let found = 0;
    for (let i = 0; i < list.length; i++) if (list[i]!.type === type) found += 1;
    return found;
  }
}

/** Dispatches an event of the platform: it stays trusted. @returns whether nobody has prevented the default */
export const fireEvent = EventTarget.fire;
/** Events that arrive at `target` show `as` as their target. */
export const showAs = EventTarget.show;
/** How many listeners there are for a type. */
export const listenerCount = EventTarget.count;
dropStatics(EventTarget, ['fire', 'show', 'count']);

defineInterface(EventTarget, 'EventTarget');

/** The listeners of the global object. */
export const globalTarget: EventTarget = new EventTarget();

// `addEventListener(…)` as a bare call has no `this`: it means the global.
function ownOr(self: EventTarget | undefined): EventTarget {
  return self === undefined || self === null || self === (globalThis as unknown) ? globalTarget : self;
}

/** What is to be known of signals; `abort.ts` is lazy, and before it has run there can be no signal. */
export const signals: {
  isSignal: (value: object) => boolean;
  isAborted: (signal: object) => boolean;
  onAbort: (signal: object, act: () => void) => void;
} = { isSignal: () => false, isAborted: () => false, onAbort: () => {} };

function flatten(options: unknown): { capture: boolean; once: boolean; passive: boolean; signal: object | undefined } {
  if (!isObject(options)) return { capture: !!options, once: false, passive: false, signal: undefined };
  const { capture, once, passive, signal } = options as ListenerOptions;
  if (signal === null) throw new TypeError('addEventListener(): options.signal must be an AbortSignal, got null');
  return { capture: !!capture, once: !!once, passive: !!passive, signal };
}

function isSame(listener: Registered, type: string, callback: unknown, capture: boolean): boolean {
  return listener.callback === callback && listener.type === type && listener.capture === capture;
}

function invoke(callback: Listener, self: object, event: Event): void {
  if (typeof callback === 'function') {
    FunctionPrototypeCall(callback, self, event);
    return;
  }
  const { handleEvent } = callback;
  if (typeof handleEvent !== 'function') throw new TypeError('the listener has no method handleEvent');
  FunctionPrototypeCall(handleEvent, callback, event);
}
