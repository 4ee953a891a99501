// Serves one group of routes over a real socket, for the tests of this folder; errors are answered by their code alone.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import type { ExecutionContext } from 'ava';
import Koa from 'koa';
import { CODES, codeOf } from '#sandbox';
import type { ControlParts } from '../control/app.ts';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the body of an answer
  json: any;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** @returns how to ask it */
export async function serve(
  t: ExecutionContext,
  routes: (router: Router, parts: ControlParts) => void,
  parts: Partial<ControlParts> = {},
): Promise<(path: string, ask?: Ask) => Promise<Reply>> {
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const code = codeOf(error);
      ctx.status = CODES[code].status;
      if (!ctx.req.complete) ctx.set('connection', 'close');
      ctx.body = { code, message: (error as Error).message, details: (error as { details?: object }).details };
    }
  });
  const router = new Router({ sensitive: true, strict: true });
  routes(router, parts as ControlParts);
  app.use(router.routes());
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        const json = /^[{[]/.test(text) ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}
