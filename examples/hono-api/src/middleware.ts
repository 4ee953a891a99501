// Middleware of this program: one says who answered, one which answer this is in its context.
import type { MiddlewareHandler } from 'hono';

export function poweredBy(name: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('x-powered-by', name);
  };
}

/** Counts the requests that this context has seen: with a context for each request it is always the same number. */
export function stamp(): MiddlewareHandler {
  let seen = 0;
  return async (c, next) => {
    seen += 1;
    await next();
    c.header('x-seen-by-this-context', String(seen));
  };
}
