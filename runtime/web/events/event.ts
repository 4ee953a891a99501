// `Event` of the DOM standard, for targets that have no tree: the path of an event is its target. The state that
// dispatching needs is private; `event-target.ts` reaches it through `eventState`.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { sinceOriginMs } from '../clock.ts';
import { dictionary, requireArguments } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import { defineConstant, dropStatics } from '../lazy.ts';
import { String } from '../primordials.ts';

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

/** What dispatching reads and writes. */
export interface EventState {
  type: string;
  bubbles: boolean;
  cancelable: boolean;
  composed: boolean;
  target: object | null;
  currentTarget: object | null;
  phase: 0 | 2;
  dispatching: boolean;
  stopped: 'no' | 'propagation' | 'immediately';
  canceled: boolean;
  inPassiveListener: boolean;
  trusted: boolean;
  initialized: boolean;
  timeStamp: number;
}

export class Event {
  readonly #state: EventState;

  constructor(type: unknown, init?: EventInit) {
    requireArguments(arguments.length, 1, 'new Event()');
    const name = String(type);
    const { bubbles, cancelable, composed } = dictionary<EventInit>(init, 'new Event()');
    this.#state = {
      type: name,
      bubbles: !!bubbles,
      cancelable: !!cancelable,
      composed: !!composed,
      target: null,
      currentTarget: null,
      phase: 0,
      dispatching: false,
      stopped: 'no',
      canceled: false,
      inPassiveListener: false,
      trusted: false,
      initialized: true,
      timeStamp: sinceOriginMs(),
    };
  }

  get type(): string {
    return this.#state.type;
  }
  get target(): object | null {
    return this.#state.target;
  }
  get srcElement(): object | null {
    return this.#state.target;
  }
  get currentTarget(): object | null {
    return this.#state.currentTarget;
  }
  composedPath(): object[] {
    const { currentTarget } = this.#state;
    return currentTarget === null ? [] : [currentTarget];
  }
  get eventPhase(): number {
    return this.#state.phase;
  }
  stopPropagation(): void {
    const state = this.#state;
    if (state.stopped === 'no') state.stopped = 'propagation';
  }
  get cancelBubble(): boolean {
    return this.#state.stopped !== 'no';
  }
  set cancelBubble(value: unknown) {
    if (value) this.stopPropagation();
  }
  stopImmediatePropagation(): void {
    this.#state.stopped = 'immediately';
  }
  get bubbles(): boolean {
    return this.#state.bubbles;
  }
  get cancelable(): boolean {
    return this.#state.cancelable;
  }
  get returnValue(): boolean {
    return !this.#state.canceled;
  }
  set returnValue(value: unknown) {
    if (!value) cancelEvent(this.#state);
  }
  preventDefault(): void {
    cancelEvent(this.#state);
  }
  get defaultPrevented(): boolean {
    return this.#state.canceled;
  }
  get composed(): boolean {
    return this.#state.composed;
  }
  get isTrusted(): boolean {
    return this.#state.trusted;
  }
  get timeStamp(): number {
    return this.#state.timeStamp;
  }
  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, 'Event.initEvent()');
    const state = this.#state;
    if (state.dispatching) return;
    state.type = String(type);
    state.bubbles = !!bubbles;
    state.cancelable = !!cancelable;
    state.stopped = 'no';
    state.canceled = false;
    state.trusted = false;
    state.target = null;
  }

  /** The state of an event, or undefined when it is none. */
  static stateOf(value: unknown): EventState | undefined {
    return typeof value === 'object' && value !== null && #state in value ? value.#state : undefined;
  }
}

/** The state of an event, or undefined when it is none. */
export const eventState = Event.stateOf;
dropStatics(Event, ['stateOf']);

function cancelEvent(state: EventState): void {
  if (state.cancelable && !state.inPassiveListener) state.canceled = true;
}

defineInterface(Event, 'Event');
definePhases(Event);
definePhases(Event.prototype);

function definePhases(target: object): void {
  const names = ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'];
  for (let i = 0; i < names.length; i++) defineConstant(target, names[i]!, i, 'enumerable');
}

/** An event made by the platform. */
export function trusted<E extends Event>(event: E): E {
  eventState(event)!.trusted = true;
  return event;
}
