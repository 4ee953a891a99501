// `MessageChannel` and `MessagePort` within one context. A message is cloned when it is posted and delivered in the
// same slice, behind the microtasks that wait already: there is no host task for it, so a long chain of microtasks can
// be overtaken. Lazy.

import { errorFrom } from './events/dom-exception.ts';
import { Event, trusted } from './events/event.ts';
import { EventTarget, fireEvent } from './events/event-target.ts';
import { MessageEvent } from './events/kinds.ts';
import { reportException } from './events/uncaught.ts';
import { dictionary, requireArguments } from './fetch/arguments.ts';
import { defineInterface } from './fetch/interface.ts';
import { dropStatics } from './lazy.ts';
import {
  ArrayIsArray,
  ArrayPrototypePush,
  ArrayPrototypeShift,
  FunctionPrototypeCall,
  isObject,
  PromisePrototypeThen,
  PromiseResolve,
  ReflectConstruct,
  SymbolIterator,
  TypeError,
} from './primordials.ts';
import { type Cloned, cloneWith, listOf, ports } from './structured-clone.ts';

/** How many microtasks a message lets pass before it is delivered. */
const HOPS = 16;

type Handler = ((event: Event) => unknown) | null;

/** One end of a channel. Ports may move, their ends stay where they are. */
interface End {
  other: End | undefined;
  port: MessagePort | undefined;
  queue: Cloned[];
  state: 'waiting' | 'started' | 'closed';
}

let building = false;

export class MessagePort extends EventTarget {
  #end: End | undefined;
  #onmessage: Handler = null;
  #onmessageerror: Handler = null;

  constructor() {
    if (!building) throw new TypeError('Illegal constructor');
    super();
  }

  postMessage(message: unknown, options?: { transfer?: Iterable<object> } | Iterable<object>): void {
    // biome-ignore lint/complexity/noArguments: Web IDL counts the arguments of a call
    requireArguments(arguments.length, 1, 'postMessage()');
    const transfer = transferList(options);
    for (let i = 0; i < transfer.length; i++) {
      if (transfer[i] === this)
        throw errorFrom('DataCloneError', 'postMessage(): a port cannot be sent through itself');
    }
    const target = this.#end?.other;
    const cloned = cloneWith(message, transfer);
    if (target === undefined || target.state === 'closed') return;
    ArrayPrototypePush(target.queue, cloned);
    if (target.state === 'started') deliverSoon(target);
  }

  start(): void {
    const end = this.#end;
    if (end === undefined || end.state !== 'waiting') return;
    end.state = 'started';
    for (let i = 0; i < end.queue.length; i++) deliverSoon(end);
  }

  close(): void {
    const end = this.#end;
    if (end === undefined || end.state === 'closed') return;
    end.state = 'closed';
    const { other } = end;
    end.other = undefined;
    if (other === undefined) return;
    other.other = undefined;
    soon(() => {
      if (other.port !== undefined) fireEvent(other.port, trusted(new Event('close')));
    });
  }

  get onmessage(): Handler {
    return this.#onmessage;
  }

  set onmessage(handler: unknown) {
    this.#onmessage = typeof handler === 'function' ? (handler as Handler) : null;
    this.start();
  }

  get onmessageerror(): Handler {
    return this.#onmessageerror;
  }

  set onmessageerror(handler: unknown) {
    this.#onmessageerror = typeof handler === 'function' ? (handler as Handler) : null;
  }

  static at(end: End): MessagePort {
    building = true;
    const port = ReflectConstruct(MessagePort, []) as MessagePort;
    building = false;
    port.#end = end;
    end.port = port;
    return port;
  }

  static is(value: object): value is MessagePort {
    return #end in value;
  }

  static detached(port: MessagePort): boolean {
    return port.#end === undefined;
  }

  static move(port: MessagePort): MessagePort {
    const end = port.#end!;
    port.#end = undefined;
    if (end.state === 'started') end.state = 'waiting';
    return portAt(end);
  }

  static deliver(port: MessagePort, event: Event): void {
    if (port.#onmessage !== null) {
      try {
        FunctionPrototypeCall(port.#onmessage, port, event);
      } catch (error) {
        reportException(error);
      }
    }
    fireEvent(port, event);
  }
}

const { at: portAt, is: isPort, detached, move, deliver } = MessagePort;
dropStatics(MessagePort, ['at', 'is', 'detached', 'move', 'deliver']);

export class MessageChannel {
  readonly #port1: MessagePort;
  readonly #port2: MessagePort;

  constructor() {
    const one: End = { other: undefined, port: undefined, queue: [], state: 'waiting' };
    const two: End = { other: one, port: undefined, queue: [], state: 'waiting' };
    one.other = two;
    this.#port1 = portAt(one);
    this.#port2 = portAt(two);
  }

  get port1(): MessagePort {
    return this.#port1;
  }

  get port2(): MessagePort {
    return this.#port2;
  }
}

defineInterface(MessagePort, 'MessagePort');
defineInterface(MessageChannel, 'MessageChannel');

ports.isPort = isPort;
ports.isDetached = detached as (port: object) => boolean;
ports.move = move as (port: object) => object;

const transferList = (options: unknown): object[] => {
  if (ArrayIsArray(options)) return listOf(options as object[]);
  const iterable = isObject(options) && (options as { [Symbol.iterator]?: unknown })[SymbolIterator] !== undefined;
  if (iterable) return listOf(options as Iterable<object>);
  const given = options as { transfer?: Iterable<object> } | undefined;
  const { transfer } = dictionary<{ transfer?: Iterable<object> }>(given, 'postMessage()');
  return transfer === undefined ? [] : listOf(transfer);
};

const deliverSoon = (end: End): void =>
  soon(() => {
    if (end.state !== 'started' || end.port === undefined) return;
    const next = ArrayPrototypeShift(end.queue);
    if (next === undefined) return;
    deliver(end.port, trusted(new MessageEvent('message', { data: next.value, ports: next.ports })));
  });

const settled = PromiseResolve(undefined);

const soon = (act: () => void, hops: number = HOPS): void => {
  PromisePrototypeThen(settled, () => (hops === 0 ? act() : soon(act, hops - 1)));
};
