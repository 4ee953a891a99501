// `/metrics` for Prometheus: what the ingress counts, and what is known of the log. No token, so no label may hold
// anything of a request.
import type Router from '@koa/router';
import type { ControlParts } from '../control/app.ts';

export function metricsRoutes(router: Router, { metrics, logLinesDropped }: ControlParts): void {
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4; charset=utf-8';
    ctx.body = `${await metrics()}
# HELP tine_supervisor_log_lines_dropped_total Log lines of the supervisor that nobody took
# TYPE tine_supervisor_log_lines_dropped_total counter
tine_supervisor_log_lines_dropped_total ${logLinesDropped()}
`;
  });
}
