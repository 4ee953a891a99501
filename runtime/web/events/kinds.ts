// The events that carry something: CustomEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent, CloseEvent is the
// business of sockets. Lazy.

// biome-ignore-all lint/complexity/noArguments: Web IDL counts the arguments of a call

import { dictionary, requireArguments } from '../fetch/arguments.ts';
import { defineInterface } from '../fetch/interface.ts';
import { Number, String, TypeError } from '../primordials.ts';
import { Event, type EventInit, eventState } from './event.ts';

export class CustomEvent extends Event {
  #detail: unknown;

  constructor(type: unknown, init?: EventInit & { detail?: unknown }) {
    requireArguments(arguments.length, 1, 'new CustomEvent()');
    super(type, init);
    const { detail } = dictionary<{ detail?: unknown }>(init, 'new CustomEvent()');
    this.#detail = detail === undefined ? null : detail;
  }

  get detail(): unknown {
    return this.#detail;
  }

  initCustomEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false, detail: unknown = null): void {
    requireArguments(arguments.length, 1, 'CustomEvent.initCustomEvent()');
    if (eventState(this)!.dispatching) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

export class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #lineno: number;
  readonly #colno: number;
  readonly #error: unknown;

  constructor(type: unknown, init?: ErrorEventInit) {
    requireArguments(arguments.length, 1, 'new ErrorEvent()');
    super(type, init);
    const given = dictionary<ErrorEventInit>(init, 'new ErrorEvent()');
    const { message = '', filename = '', lineno = 0, colno = 0, error } = given;
    this.#message = String(message);
    this.#filename = String(filename);
    this.#lineno = Number(lineno) >>> 0;
    this.#colno = Number(colno) >>> 0;
    this.#error = error;
  }

  get message(): string {
    return this.#message;
  }
  get filename(): string {
    return this.#filename;
  }
  get lineno(): number {
    return this.#lineno;
  }
  get colno(): number {
    return this.#colno;
  }
  get error(): unknown {
    return this.#error;
  }
}

export interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: object | null;
  ports?: readonly object[];
}

export class MessageEvent extends Event {
  readonly #data: unknown;
  readonly #origin: string;
  readonly #lastEventId: string;
  readonly #source: object | null;
  readonly #ports: readonly object[];

  constructor(type: unknown, init?: MessageEventInit) {
    requireArguments(arguments.length, 1, 'new MessageEvent()');
    super(type, init);
    const given = dictionary<MessageEventInit>(init, 'new MessageEvent()');
    const { data = null, origin = '', lastEventId = '', source = null, ports = [] } = given;
    this.#data = data;
    this.#origin = String(origin);
    this.#lastEventId = String(lastEventId);
    this.#source = source;
    this.#ports = ports;
  }

  get data(): unknown {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }
  get lastEventId(): string {
    return this.#lastEventId;
  }
  get source(): object | null {
    return this.#source;
  }
  get ports(): readonly object[] {
    return this.#ports;
  }
}

export class PromiseRejectionEvent extends Event {
  readonly #promise: object;
  readonly #reason: unknown;

  constructor(type: unknown, init: EventInit & { promise: object; reason?: unknown }) {
    requireArguments(arguments.length, 2, 'new PromiseRejectionEvent()');
    super(type, init);
    const { promise, reason } = dictionary<{ promise: object; reason?: unknown }>(init, 'new PromiseRejectionEvent()');
    if (promise === undefined) throw new TypeError('new PromiseRejectionEvent(): init.promise is required');
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise(): object {
    return this.#promise;
  }
  get reason(): unknown {
    return this.#reason;
  }
}

defineInterface(CustomEvent, 'CustomEvent');
defineInterface(ErrorEvent, 'ErrorEvent');
defineInterface(MessageEvent, 'MessageEvent');
defineInterface(PromiseRejectionEvent, 'PromiseRejectionEvent');
