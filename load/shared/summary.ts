// The end of every scenario: the whole summary as JSON for `run.ts`, and a short table for the reader. k6's own table
// is longer than a screen.

interface Metric {
  type: string;
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}

export interface Summary {
  metrics: Record<string, Metric>;
}

/** k6 calls it with all metrics; the keys of the answer are files. */
export function handleSummary(data: Summary): Record<string, string> {
  const lines = Object.entries(data.metrics)
    .filter(([name, metric]) => metric.thresholds !== undefined || name === 'http_reqs')
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, metric]) => `${mark(metric)} ${name.padEnd(52)} ${figures(metric)}`);
  return { stdout: `\n${lines.join('\n')}\n`, [__ENV['SUMMARY_FILE'] as string]: JSON.stringify(data, null, 2) };
}

function mark({ thresholds = {} }: Metric): string {
  const verdicts = Object.values(thresholds);
  if (verdicts.length === 0) return '  ';
  return verdicts.every((verdict) => verdict.ok) ? '✓ ' : '✗ ';
}

function figures({ type, values }: Metric): string {
  const show = (name: string) => `${name} ${(values[name] ?? 0).toFixed(1)}`;
  if (type === 'trend') return ['p(50)', 'p(95)', 'p(99)', 'max'].map(show).join('  ');
  if (type === 'rate') return `${((values['rate'] ?? 0) * 100).toFixed(2)} %`;
  return `${values['count'] ?? values['value'] ?? 0} (${(values['rate'] ?? 0).toFixed(0)}/s)`;
}

/** What `figures` shows; k6 computes only the percentiles that are asked for. */
export const trendStats = ['p(50)', 'p(95)', 'p(99)', 'max', 'avg'];
