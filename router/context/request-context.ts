// What travels with a request without being an argument: its id and its program, for logs. One interface, two engines:
// cls-hooked in the supervisor, AsyncLocalStorage in the ingress, where each promise would pay for the other. On the
// path of `invoke` the request id is an argument; nothing there depends on this.
import type { EventEmitter } from 'node:events';

export type ContextKey = 'requestId' | 'program';

export interface RequestContext {
  /** Runs `work` in a fresh context; what it awaits, and what it starts, sees the same one. */
  run<T>(work: () => T): T;
  /** Undefined outside of `run`. */
  get(key: ContextKey): string | undefined;
  /** @throws Error outside of `run` */
  set(key: ContextKey, value: string): void;
  /** A function that sees the present context whoever calls it. */
  bind<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R;
  /** Listeners that are added from now on see the context in which they were added. */
  bindEmitter(emitter: EventEmitter): void;
}
