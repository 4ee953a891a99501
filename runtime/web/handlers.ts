// Which code of the program answers: found once, when the top level has run. Either the default export, by property
// lookup, so that instances of classes work, or listeners of the global (`service-worker.ts`).
import { awake } from './awake.ts';
import * as lazyGlobalTarget from './events/global-target.ts';
import { ArrayPrototypePush, isObject } from './primordials.ts';
import type { InitReport } from './protocol.ts';

export type FetchHandler = (request: object, env: object, ctx: object) => unknown;

export type Handlers =
  | { readonly form: 'none' }
  | { readonly form: 'export'; readonly self: object; readonly fetch: FetchHandler }
  | { readonly form: 'listener' };

export interface Found {
  readonly handlers: Handlers;
  readonly unknown: string[];
  readonly problem: InitReport['problem'];
}

const NEVER_CALLED = ['scheduled', 'queue', 'email', 'tail', 'trace', 'test', 'alarm', 'connect'] as const;
const NEVER_CALLED_SOCKET = ['webSocketMessage', 'webSocketClose', 'webSocketError'] as const;

/** @param program the exports of the entry module. Runs getters of the guest: whatever they throw comes through. */
export function findHandlers(program: unknown): Found {
  const exported = isObject(program) ? (program as { default?: unknown }).default : undefined;
  const fetch = isObject(exported) ? (exported as { fetch?: unknown }).fetch : undefined;
  const unknown = isObject(exported) ? neverCalled(exported as Record<string, unknown>) : [];
  const listens = awake.globalTarget && lazyGlobalTarget.globalListeners('fetch') > 0;
  if (typeof fetch === 'function') {
    if (listens) {
      const text = 'use either export default or addEventListener("fetch"), not both';
      return { handlers: { form: 'none' }, unknown, problem: { code: 'two_handler_forms', text } };
    }
    const handlers: Handlers = { form: 'export', self: exported as object, fetch: fetch as FetchHandler };
    return { handlers, unknown, problem: undefined };
  }
  if (listens) return { handlers: { form: 'listener' }, unknown, problem: undefined };
  const text = 'no handler found: use export default { fetch(request, env, ctx) { … } }';
  return { handlers: { form: 'none' }, unknown, problem: { code: 'no_handler', text } };
}

function neverCalled(exported: Record<string, unknown>): string[] {
  const found: string[] = [];
  const all = [NEVER_CALLED, NEVER_CALLED_SOCKET];
  for (let k = 0; k < all.length; k++) {
    for (let i = 0; i < all[k]!.length; i++) {
      const name = all[k]![i]!;
      if (typeof exported[name] === 'function') ArrayPrototypePush(found, name);
    }
  }
  return found;
}
