// How results look: tables, and the few kinds of values in them.
import { styleText } from 'node:util';
import type { ConfigWarning } from '#router';
import type { Traffic } from './client.ts';
import { type Io, plain } from './io.ts';

/** Columns as wide as their widest cell. */
export function printTable(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const cells = [head, ...rows].map((row) => row.map(plain));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of cells.entries()) {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    io.out(index === 0 ? styleText('bold', line, { stream: process.stdout }) : line);
  }
}

export function printJson(io: Io, value: unknown): void {
  io.out(JSON.stringify(value, null, 2));
}

/** A warning of the configuration, the compiler or the builder. */
export function printWarning(io: Io, warning: Pick<ConfigWarning, 'text' | 'file' | 'line' | 'column'>): void {
  const place = [warning.file, warning.line, warning.column].filter((part) => part !== undefined).join(':');
  const mark = styleText('yellow', 'warning:', { stream: process.stderr });
  io.err(`${mark} ${plain(warning.text)}${place === '' ? '' : plain(` (${place})`)}`);
}

export function shortVersion(version: string): string {
  return version.slice(0, 12);
}

/** `3f2a9c1b7d21 90 %, 77aa… 10 %`. */
export function showTraffic(traffic: Traffic): string {
  const parts = Object.entries(traffic).filter(([, percent]) => percent > 0);
  if (parts.length === 0) return 'none';
  return parts
    .sort((a, b) => b[1] - a[1])
    .map(([version, percent]) => (percent === 100 ? shortVersion(version) : `${shortVersion(version)} ${percent} %`))
    .join(', ');
}

export function showBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Milliseconds since the epoch, or a date as text, to the second. */
export function showTime(at: number | string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
