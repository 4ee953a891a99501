import test from 'ava';
import { Registry } from 'prom-client';
import { MetricsObserver } from '../observers/metrics.ts';
import { serve } from './harness.fixture.ts';
import { metricsRoutes } from './metrics.ts';

/** What a real ingress counts. */
function ingressMetrics(): Promise<string> {
  const levels = { permitsInUse: 1, queued: 0, waitingForExecutor: 0, logLinesDropped: 2, executors: [] };
  return new MetricsObserver(new Registry(), () => levels).text();
}

test('GET /metrics gives what the ingress counts and what the supervisor has dropped of its log', async (t) => {
  let dropped = 3;
  const ask = await serve(t, metricsRoutes, { metrics: ingressMetrics, logLinesDropped: () => dropped });
  const { status, headers, text } = await ask('/metrics');
  t.is(status, 200);
  t.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  for (const line of ['tine_ingress_log_lines_dropped_total 2', 'tine_supervisor_log_lines_dropped_total 3']) {
    t.true(text.split('\n').includes(line), line);
  }
  dropped = 4;
  t.regex((await ask('/metrics')).text, /^tine_supervisor_log_lines_dropped_total 4$/m);
});

test('GET /metrics is a text that Prometheus reads: every line a comment or a sample, every name announced once', async (t) => {
  const ask = await serve(t, metricsRoutes, { metrics: ingressMetrics, logLinesDropped: () => 0 });
  const { text } = await ask('/metrics');
  t.true(text.endsWith('\n'));
  const lines = text.split('\n').filter((line) => line !== '');
  for (const line of lines) t.regex(line, /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{[^{}]*\})? \S+)$/);
  const announced = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
  t.is(new Set(announced).size, announced.length);
});

test('GET /metrics has the part of the supervisor while no ingress answers', async (t) => {
  const ask = await serve(t, metricsRoutes, { metrics: async () => '', logLinesDropped: () => 5 });
  const { status, text } = await ask('/metrics');
  t.is(status, 200);
  t.regex(text, /^tine_supervisor_log_lines_dropped_total 5$/m);
});

test('GET /metrics that cannot be had is an error, and no half of it', async (t) => {
  const metrics = async () => {
    throw new Error('the ingress is gone');
  };
  const ask = await serve(t, metricsRoutes, { metrics, logLinesDropped: () => 5 });
  const { status, text } = await ask('/metrics');
  t.is(status, 500);
  t.false(text.includes('tine_supervisor'));
});
