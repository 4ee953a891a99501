// The data plane as a readable list: what happens to a request before and after a program runs.
import type { ServerResponse } from 'node:http';
import Koa from 'koa';
import {
  type Code,
  type Finished,
  type InvokeParts,
  invoke,
  monotonicMs,
  type ServedVersion,
  TineError,
} from '#sandbox';
import type { RequestContext } from '../context/request-context.ts';
import { codeAndDetails, problemOf } from '../problem.ts';
import { bodyOf } from './body.ts';
import { HttpClient } from './client.ts';
import { costHeaders } from './cost.ts';
import type { DevPages } from './dev-pages.ts';
import { type RequestHead, readHead, requestIdOf, urlOf } from './head.ts';
import type { Registry } from './registry.ts';

export interface AppParts {
  registry: Registry;
  invoke: InvokeParts;
  context: RequestContext;
  trustsPeer(address: string | undefined): boolean;
  isDebugToken(token: string): boolean;
  /** The server is shutting down: new requests on open connections are refused. */
  isDraining(): boolean;
  /** A request is over. */
  onAccess(access: Access): void;
  /** In `tine dev`: what is shown instead of the fixed text of a code. */
  devPages: DevPages | undefined;
}

export interface Access {
  requestId: string;
  program: string;
  version: string;
  method: string;
  target: string;
  status: number;
  bytes: number;
  finished: Finished | undefined;
  code: string | undefined;
  wallMs: number;
}

/** A request that ended without an answer of its guest. */
export interface Failure {
  requestId: string;
  host: string;
  /** Empty: none answers. */
  program: string;
  version: string;
  code: Code;
  accept: string;
  finished: Finished | undefined;
}

interface State {
  requestId: string;
  arrivedMs: number;
  head: RequestHead;
  /** On which side of a traffic split the client is. */
  versionKey: string;
  served: ServedVersion | undefined;
  client: HttpClient | undefined;
  finished: Finished | undefined;
  code: Code | undefined;
}

type Context = Koa.ParameterizedContext<State>;

export function makeApp(parts: AppParts): Koa<State> {
  const app = new Koa<State>();
  app.silent = true;
  app.use((ctx, next) => arrive(ctx, next, parts));
  app.use((ctx, next) => report(ctx, next, parts));
  app.use((ctx, next) => answerProblems(ctx, next, parts));
  app.use((ctx, next) => route(ctx, next, parts));
  app.use((ctx) => run(ctx, parts));
  return app;
}

/** Gives the request its id, and the context in which its log lines are written. */
function arrive(ctx: Context, next: Koa.Next, { context }: AppParts): Promise<void> {
  ctx.respond = false; // the answer goes straight to the response, see `client.ts`
  const { state } = ctx;
  state.arrivedMs = monotonicMs();
  const given = ctx.req.headers['x-request-id'];
  state.requestId = requestIdOf(typeof given === 'string' ? given : undefined);
  return context.run(() => {
    context.set('requestId', state.requestId);
    return next();
  });
}

async function report({ state, req, res }: Context, next: Koa.Next, { onAccess }: AppParts): Promise<void> {
  await next();
  const { requestId, served, client, finished, code, arrivedMs } = state;
  onAccess({
    requestId,
    program: served?.program ?? '',
    version: served?.version ?? '',
    method: req.method ?? '',
    target: req.url ?? '',
    status: code === 'cancelled' ? 499 : res.statusCode,
    bytes: client?.sentBytes ?? 0,
    finished,
    code,
    wallMs: monotonicMs() - arrivedMs,
  });
}

/** Every request that its guest did not answer is answered here. */
async function answerProblems(ctx: Context, next: Koa.Next, parts: AppParts): Promise<void> {
  const { state, req, res } = ctx;
  try {
    await next();
  } catch (error) {
    state.code = codeAndDetails(error).code;
    if (state.code === 'internal') ctx.app.emit('error', error, ctx);
  }
  // `cancelled`: nobody is there to read it.
  if (state.code === undefined || state.code === 'cancelled' || res.headersSent || res.destroyed) return;
  const { code } = state;
  const problem = problemOf(code, { requestId: state.requestId });
  const explained = await parts.devPages?.explain({
    host: state.head?.host ?? '',
    requestId: state.requestId,
    program: state.served?.program ?? '',
    version: state.served?.version ?? '',
    code,
    accept: String(req.headers.accept ?? ''),
    finished: state.finished,
  });
  const body = explained?.body ?? problem.body;
  // A body that was not read is not read: the connection could not be used again.
  // After a malformed request nobody can tell what the bytes behind it are.
  if (!req.complete || code === 'draining' || code === 'bad_request') res.setHeader('connection', 'close');
  if (state.finished !== undefined && isDebug(state, parts)) setAll(res, costHeaders(state.finished));
  res.writeHead(problem.status, {
    ...problem.headers,
    ...(explained === undefined
      ? {}
      : { 'content-type': explained.contentType, 'content-length': String(Buffer.byteLength(body)) }),
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** Checks the head and finds the version that answers. */
async function route(
  { state, req }: Context,
  next: Koa.Next,
  { registry, trustsPeer, isDraining, context }: AppParts,
): Promise<void> {
  if (isDraining()) throw new TineError('draining');
  state.head = readHead(req, state.requestId, trustsPeer(req.socket.remoteAddress));
  const { host, target, versionKey } = state.head;
  // Whoever brings no key gets one, so that the next request finds the same side of a split.
  state.versionKey = versionKey ?? randomKey();
  const found = registry.find(host, pathOf(target), state.versionKey);
  state.served = found instanceof Promise ? await found : found;
  context.set('program', state.served.program);
  await next();
}

async function run({ state, req, res }: Context, parts: AppParts): Promise<void> {
  const { head, served, requestId } = state as State & { served: ServedVersion };
  const client = new HttpClient(req, res, {
    requestId,
    responseBytesMax: served.limits.responseBytes,
    extraHeaders: extraHeaders(state, served, parts),
    overlay: parts.devPages?.overlayOf(served.program),
    isLast: parts.isDraining,
  });
  state.client = client;
  const arriving = bodyOf(req, head, served.limits.bodyBytes, () => {
    if (req.headers.expect !== undefined && req.httpVersion === '1.1' && !res.headersSent) res.writeContinue();
  });
  const body = arriving instanceof Promise ? await arriving : arriving;
  const { traceparent, hops, headers } = head;
  state.finished = await invoke(
    {
      requestId,
      traceparent,
      hops,
      method: req.method ?? 'GET',
      url: urlOf(head),
      headers,
      body,
      arrivedMs: state.arrivedMs,
    },
    served,
    client,
    parts.invoke,
  );
  state.code = state.finished.code;
}

/** What comes with an answer besides what its guest says; undefined for nearly all requests. */
function extraHeaders(
  state: State,
  { program }: ServedVersion,
  parts: AppParts,
): ((soFar: Finished) => string[]) | undefined {
  const shows = isDebug(state, parts);
  const needsKey = state.head.versionKey === undefined && parts.registry.isSplit(program);
  if (!shows && !needsKey) return undefined;
  return (soFar) => [
    ...(shows ? costHeaders(soFar) : []),
    ...(needsKey ? ['set-cookie', `tine-version-key=${state.versionKey}; Path=/; HttpOnly; SameSite=Lax`] : []),
  ];
}

function isDebug({ head }: State, { isDebugToken }: AppParts): boolean {
  return head?.debugToken !== undefined && isDebugToken(head.debugToken);
}

function setAll(res: ServerResponse, flat: readonly string[]): void {
  for (let i = 0; i < flat.length; i += 2) res.setHeader(flat[i]!, flat[i + 1]!);
}

function pathOf(target: string): string {
  const end = target.indexOf('?');
  return end < 0 ? target : target.slice(0, end);
}

/** Only to be spread evenly: nothing depends on its secrecy. */
function randomKey(): string {
  return Math.random().toString(36).slice(2, 14);
}
