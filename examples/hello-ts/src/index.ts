// hello-ts: TypeScript in several modules, a text file, a variable of the configuration, and work after the response.
//   GET /                 the page `usage.txt`
//   GET /hello/:name      {"greeting": …, "language": …}; the language is taken from `accept-language`
//   GET /fail             throws: the stack in the log names this file, line and column
import { fail } from './fail.ts';
import { greet } from './greet.ts';
import { matchPath } from './match-path.ts';
import type { Context, Env } from './types.ts';
import usage from './usage.txt';

export default {
  fetch(request: Request, env: Env, ctx: Context): Response {
    const { pathname } = new URL(request.url);
    if (request.method !== 'GET')
      return new Response('method not allowed\n', { status: 405, headers: { allow: 'GET' } });
    if (pathname === '/') return new Response(usage);
    if (pathname === '/fail') fail('this is what an error looks like');
    const hello = matchPath('/hello/:name', pathname);
    if (hello === undefined) return new Response('not found\n', { status: 404 });
    ctx.waitUntil(Promise.resolve().then(() => console.log(`greeted ${hello['name']}`)));
    return Response.json(greet(hello['name'] ?? '', env.GREETING, request.headers.get('accept-language')));
  },
};
