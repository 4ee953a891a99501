// The request context on AsyncLocalStorage: the engine of the ingress.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import type { ContextKey, RequestContext } from './request-context.ts';

type Values = { [K in ContextKey]: string | undefined };

export function makeAlsContext(): RequestContext {
  const storage = new AsyncLocalStorage<Values>();
  return {
    run: (work) => storage.run({ requestId: undefined, program: undefined }, work),
    get: (key) => storage.getStore()?.[key],
    set(key, value) {
      const values = storage.getStore();
      if (values === undefined) throw new Error(`Cannot set ${key} outside of a request`);
      values[key] = value;
    },
    bind: (work) => AsyncResource.bind(work),
    bindEmitter(emitter) {
      bindListeners(emitter, (listener) => AsyncResource.bind(listener));
    },
  };
}

type Listener = (...args: unknown[]) => void;

/** `on`, `once` and their kin take a listener that is bound at that moment; `off` still knows the original. */
function bindListeners(emitter: EventEmitter, bind: (listener: Listener) => Listener): void {
  const bound = new WeakMap<Listener, Listener>();
  for (const method of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const) {
    const add = emitter[method].bind(emitter) as (event: string | symbol, listener: Listener) => EventEmitter;
    emitter[method] = ((event: string | symbol, listener: Listener) => {
      const wrapped = bound.get(listener) ?? bind(listener);
      bound.set(listener, wrapped);
      return add(event, wrapped);
    }) as never;
  }
  for (const method of ['off', 'removeListener'] as const) {
    const remove = emitter[method].bind(emitter) as (event: string | symbol, listener: Listener) => EventEmitter;
    emitter[method] = ((event: string | symbol, listener: Listener) =>
      remove(event, bound.get(listener) ?? listener)) as never;
  }
}
