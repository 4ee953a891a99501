// The request context on cls-hooked: the engine of the supervisor, and the only file that imports it. From the moment
// a namespace exists every promise of this process pays for it; so nothing that the ingress loads may reach this file.
import { createNamespace } from 'cls-hooked';
import type { RequestContext } from './request-context.ts';

export function makeClsContext(name = 'tine'): RequestContext {
  const namespace = createNamespace(name);
  return {
    run: (work) => namespace.runAndReturn(work),
    get: (key) => namespace.active?.[key] as string | undefined,
    set(key, value) {
      if (!namespace.active) throw new Error(`Cannot set ${key} outside of a request`);
      namespace.set(key, value);
    },
    bind: (work) => namespace.bind(work) as typeof work,
    bindEmitter: (emitter) => namespace.bindEmitter(emitter),
  };
}
