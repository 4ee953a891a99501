// `/healthz`: is this server alive, and what of its walls stands. `/readyz`: may it be sent requests. No token.
import type Router from '@koa/router';
import { TineError } from '#sandbox';
import type { ControlParts } from '../control/app.ts';

export function healthRoutes(router: Router, { health, isReady }: ControlParts): void {
  router.get('/healthz', async (ctx) => {
    ctx.body = await health();
  });
  router.get('/readyz', (ctx) => {
    if (!isReady()) throw new TineError('draining');
    ctx.body = { status: 'ready' };
  });
}
