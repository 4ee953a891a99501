// `structuredClone`: a copy of a value with its cycles and without its prototypes. First everything is read into nodes
// (this may run getters and may fail), then what is to be transferred is detached, then the copy is built: so that a
// failure leaves the original whole. Proxies cannot be told from objects without the host: their traps are used. Lazy.

import { CloneNode, NodeReader } from './clone-nodes.ts';
import { errorFrom } from './events/dom-exception.ts';
import { dictionary, requireArguments } from './fetch/arguments.ts';
import {
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeTransfer,
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  FunctionPrototypeCall,
  isArrayBuffer,
  isObject,
  Map,
  MapPrototypeGet,
  MapPrototypeSet,
  SymbolIterator,
  TypeError,
} from './primordials.ts';

/** What is to be known of ports; `message-channel.ts` is lazy, and before it has run there can be no port. */
export const ports: {
  isPort: (value: object) => boolean;
  isDetached: (port: object) => boolean;
  /** A new port in the place of the old one, which is of no use any more. */
  move: (port: object) => object;
} = { isPort: () => false, isDetached: () => false, move: (port) => port };

export interface Cloned {
  readonly value: unknown;
  /** The ports that were transferred, in order. */
  readonly ports: object[];
}

/** What guests get as `structuredClone`. */
export const structuredClone = function structuredClone(
  value: unknown,
  options?: { transfer?: Iterable<object> },
): unknown {
  // biome-ignore lint/complexity/noArguments: Web IDL counts the arguments of a call
  requireArguments(arguments.length, 1, 'structuredClone()');
  const { transfer } = dictionary<{ transfer?: Iterable<object> }>(options, 'structuredClone()');
  return cloneWith(value, transfer === undefined ? [] : listOf(transfer)).value;
};

/** @throws DataCloneError when something in `value` or `transfer` cannot be cloned or transferred */
export const cloneWith = (value: unknown, transfer: readonly object[]): Cloned => {
  const moved: Map<object, CloneNode> = new Map();
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i]!;
    if (!isObject(item) || !(isArrayBuffer(item) || ports.isPort(item)))
      throw refuse('only buffers and ports can be transferred');
    if (MapPrototypeGet(moved, item) !== undefined) throw refuse('an object is in the transfer list twice');
    MapPrototypeSet(moved, item, new CloneNode(() => item));
  }
  const root = new NodeReader(moved).read(value);
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i]!;
    const gone = isArrayBuffer(item) ? ArrayBufferPrototypeGetDetached(item) : ports.isDetached(item);
    if (gone) throw refuse('a transferred object is detached already');
  }
  const newPorts: object[] = [];
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i]!;
    const now = isArrayBuffer(item) ? ArrayBufferPrototypeTransfer(item) : ports.move(item);
    MapPrototypeGet(moved, item)!.become(now);
    if (!isArrayBuffer(item)) ArrayPrototypePush(newPorts, now);
  }
  return { value: CloneNode.build(root), ports: newPorts };
};

export const refuse = (text: string): object => errorFrom('DataCloneError', `structuredClone: ${text}`);

/** A sequence of Web IDL: anything that can be iterated. */
export const listOf = (items: Iterable<object>): object[] => {
  const make = isObject(items) ? (items as { [Symbol.iterator]?: unknown })[SymbolIterator] : undefined;
  if (typeof make !== 'function') throw new TypeError('transfer must be a list of objects');
  const walk = FunctionPrototypeCall(make, items) as Iterator<object>;
  const list: object[] = [];
  for (;;) {
    const step = walk.next();
    if (step.done === true) return list;
    if (!isObject(step.value)) throw new TypeError('transfer must be a list of objects');
    if (!ArrayPrototypeIncludes(list, step.value)) ArrayPrototypePush(list, step.value);
    else throw refuse('an object is in the transfer list twice');
  }
};
