import test from 'ava';
import { Registry } from 'prom-client';
import type { Finished, RunLabel } from '#sandbox';
import { HTTP } from '../limits.ts';
import { MetricsObserver } from './metrics.ts';
import { several } from './several.ts';

function make() {
  return new MetricsObserver(new Registry(), () => ({
    permitsInUse: 3,
    queued: 2,
    waitingForExecutor: 1,
    logLinesDropped: 9,
    executors: [
      { rssBytes: 10, contexts: 4, warm: 1, runs: 0 },
      { rssBytes: 20, contexts: 5, warm: 2, runs: 0 },
    ],
  }));
}

const run = (program: string): RunLabel => ({ requestId: 'canary', program, version: 'canary' });
const ok = { outcome: 'ok', wallMs: 5 } as Finished;

test('text() has counts by program and outcome, and levels as they are now', async (t) => {
  const metrics = make();
  for (let i = 0; i < 3; i++) metrics.finished(run('a'), ok);
  metrics.finished(run('a'), { ...ok, outcome: 'threw' });
  metrics.refused(run('a'), 'overloaded');
  metrics.executorEnded(1, 'retired');
  metrics.executorEnded(1, 'slice_deadline');
  const text = await metrics.text();
  for (const line of [
    'tine_requests_total{program="a",outcome="ok"} 3',
    'tine_requests_total{program="a",outcome="threw"} 1',
    'tine_request_seconds_count{program="a"} 4',
    'tine_refused_total{program="a",code="overloaded"} 1',
    'tine_executor_restarts_total{reason="slice_deadline"} 1',
    'tine_permits_in_use 3',
    'tine_executors 2',
    'tine_executor_rss_bytes 30',
    'tine_contexts 9',
    'tine_contexts_warm 3',
    'tine_ingress_log_lines_dropped_total 9',
  ]) {
    t.true(text.split('\n').includes(line), line);
  }
  t.is(/^tine_ingress_log_lines_dropped_total (\d+)$/m.exec(await metrics.text())?.[1], '9', 'not added up');
  t.false(text.includes('canary'));
  t.false(text.includes('retired'));
});

test('programs beyond the cap share a label (R27)', async (t) => {
  const metrics = make();
  for (let n = 0; n < HTTP.programLabelsMax + 50; n++) metrics.finished(run(`p${n}`), ok);
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('tine_requests_total{'));
  t.is(lines.length, HTTP.programLabelsMax + 1);
  t.true(lines.includes('tine_requests_total{program="other",outcome="ok"} 50'));
});

test('several() hands each event to all, in order', async (t) => {
  const [a, b] = [make(), make()];
  several([a, b]).finished(run('x'), ok);
  for (const each of [a, b]) t.true((await each.text()).includes('tine_requests_total{program="x",outcome="ok"} 1'));
});
