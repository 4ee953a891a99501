// The figures of a run beside what they are to reach, as a table for people and as JSON for the record.

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What it is to reach; left out where it is only told. */
  target?: { bound: 'at least' | 'at most'; value: number };
}

export type Verdict = 'ok' | 'miss' | '';

/** Does the figure reach its target? Empty when it has none. */
export function verdict({ value, target }: Figure): Verdict {
  if (target === undefined) return '';
  const reached = target.bound === 'at least' ? value >= target.value : value <= target.value;
  return reached ? 'ok' : 'miss';
}

/** One line for each figure. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${round(figure.value)} ${figure.unit}`,
    figure.target === undefined ? '' : `${figure.target.bound} ${round(figure.target.value)}`,
    verdict(figure),
  ]);
  const lines = [['figure', 'measured', 'target', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Three digits are all that a measurement of seconds knows. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(3)).toString();
}
