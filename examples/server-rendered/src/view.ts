// What a visitor wants to see, read from the query of the address; nothing in it is trusted.
import type { Kind, Row } from './numbers.ts';

export const KINDS = ['unit', 'prime', 'perfect', 'abundant', 'deficient'] as const satisfies readonly Kind[];
export const COLUMNS = ['n', 'factors', 'divisors', 'kind', 'steps'] as const satisfies readonly (keyof Row)[];

export type Column = (typeof COLUMNS)[number];

export interface View {
  /** Shown back in the page. */
  name: string;
  /** Text that a row must contain. */
  q: string;
  kind: Kind | undefined;
  sort: Column;
  order: 'up' | 'down';
}

export function readView(query: URLSearchParams): View {
  return {
    name: (query.get('name') ?? '').slice(0, 100),
    q: (query.get('q') ?? '').trim().slice(0, 100),
    kind: KINDS.find((kind) => kind === query.get('kind')),
    sort: COLUMNS.find((column) => column === query.get('sort')) ?? 'n',
    order: query.get('order') === 'down' ? 'down' : 'up',
  };
}

/** The rows that fit, in the order asked for; equals stay in the order of their numbers. */
export function select(rows: readonly Row[], { q, kind, sort, order }: View): Row[] {
  const fits = (row: Row): boolean =>
    (kind === undefined || row.kind === kind) && (q === '' || COLUMNS.some((column) => `${row[column]}`.includes(q)));
  const sign = order === 'up' ? 1 : -1;
  return rows.filter(fits).sort((a, b) => sign * compare(a[sort], b[sort]) || a.n - b.n);
}

/** The address of this view with some of it changed. */
export function address(view: View, change: Partial<View>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...view, ...change })) if (value) query.set(key, value);
  return `/?${query}`;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
