// The control plane as a readable list: who may ask, and where each question goes.
import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import { type Code, TineError } from '#sandbox';
import type { Ceilings } from '../config/settings.ts';
import type { RequestContext } from '../context/request-context.ts';
import { requestIdOf } from '../ingress/head.ts';
import { codeAndDetails, problemOf } from '../problem.ts';
import type { Programs } from '../programs.ts';
import { healthRoutes } from '../routes/health.ts';
import { metricsRoutes } from '../routes/metrics.ts';
import { programRoutes } from '../routes/programs.ts';
import { trafficRoutes } from '../routes/traffic.ts';
import { guardHost } from './host.ts';
import { TokenGate } from './token.ts';

export interface ControlParts {
  programs: Programs;
  context: RequestContext;
  logger: Logger;
  token: string;
  /** Further host names that it answers to. */
  hosts: readonly string[];
  ceilings: Ceilings;
  urlOf(program: string): string;
  metrics(): Promise<string>;
  health(): Promise<object>;
  isReady(): boolean;
  /** The server has been told to stop: nothing is changed any more. */
  isStopping(): boolean;
  logLinesDropped(): number;
}

/** What needs no token. Anything else does, also what the router might take for one of its routes. */
const OPEN = new Set(['/healthz', '/readyz', '/metrics']);

export function makeControlApp(parts: ControlParts): Koa {
  const app = new Koa();
  const gate = new TokenGate(parts.token);
  app.silent = true;
  app.on('error', (error) => parts.logger.error({ err: error }, 'a request of the control plane failed inside tine'));
  app.use((ctx, next) => inContext(ctx, next, parts));
  app.use((ctx, next) => answerProblems(ctx, next, parts));
  app.use(async (ctx, next) => {
    guardHost(ctx.req, parts.hosts);
    if (!OPEN.has(ctx.path)) {
      await gate.check(ctx.req);
      if (parts.isStopping()) throw new TineError('draining');
    }
    await next();
  });
  app.use(async (ctx, next) => {
    await next();
    if (ctx.status === 404) throw new TineError('not_found'); // no route has taken it
  });
  const router = new Router({ sensitive: true, strict: true });
  healthRoutes(router, parts);
  metricsRoutes(router, parts);
  programRoutes(router, parts);
  trafficRoutes(router, parts);
  app.use(router.routes());
  app.use(
    router.allowedMethods({
      throw: true,
      methodNotAllowed: () => new TineError('method_not_allowed'),
      notImplemented: () => new TineError('method_not_allowed'),
    }),
  );
  return app;
}

function inContext(ctx: Koa.Context, next: Koa.Next, { context, logger }: ControlParts): Promise<void> {
  const requestId = requestIdOf(ctx.get('x-request-id') || undefined);
  const start = performance.now();
  ctx.state['requestId'] = requestId;
  ctx.set('x-request-id', requestId);
  return context.run(async () => {
    context.set('requestId', requestId);
    context.bindEmitter(ctx.res);
    ctx.res.on('finish', () => {
      const wallMs = Math.round((performance.now() - start) * 100) / 100;
      logger.info({ method: ctx.method, path: ctx.path, status: ctx.res.statusCode, wallMs }, 'control request');
    });
    await next();
  });
}

async function answerProblems(ctx: Koa.Context, next: Koa.Next, { logger }: ControlParts): Promise<void> {
  try {
    await next();
  } catch (error) {
    const { code, details } = codeAndDetails(error);
    if (code === 'internal') logger.error({ err: error }, 'a request of the control plane failed inside tine');
    const message = code === 'internal' ? undefined : messageOf(error, code);
    const problem = problemOf(code, { requestId: ctx.state['requestId'], details: withText(details, message) });
    ctx.status = problem.status;
    ctx.set(problem.headers);
    // A body that was not read to its end is not read: the connection could not be used again.
    if (!ctx.req.complete) ctx.set('connection', 'close');
    ctx.body = problem.body;
  }
}

/** What the error says beyond the fixed text of its code. */
function messageOf(error: unknown, code: Code): string | undefined {
  const { message } = error as Error;
  return message === new TineError(code).message ? undefined : message;
}

function withText(details: ReturnType<typeof codeAndDetails>['details'], text: string | undefined) {
  if (details === undefined) return text === undefined ? undefined : { text };
  return details.text === undefined && text !== undefined ? { text, ...details } : details;
}
