// The page: a form, a table whose headings sort it, and a foot. preact escapes every text and attribute.
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls of them, see jsx_factory in the configuration
import { Fragment, h } from 'preact';
import type { Row } from './numbers.ts';
import { address, COLUMNS, type Column, KINDS, type View } from './view.ts';

const HEADINGS: Readonly<Record<Column, string>> = {
  n: 'Number',
  factors: 'Prime factors',
  divisors: 'Divisors',
  kind: 'Kind',
  steps: 'Collatz steps',
};

const STYLE = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { padding: .2rem .6rem; border-bottom: 1px solid #ccc; text-align: left }
label { display: inline-block; margin-right: 1rem } tbody tr:nth-child(even) { background: #f4f4f4 }`;

interface PageProps {
  view: View;
  rows: readonly Row[];
  total: number;
}

export function Page({ view, rows, total }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Four hundred numbers</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <h1>{view.name === '' ? 'Four hundred numbers' : `Four hundred numbers for ${view.name}`}</h1>
        <Search view={view} />
        <p id="count">
          {rows.length} of {total} rows
        </p>
        {rows.length === 0 ? <p>No number is like that.</p> : <Table view={view} rows={rows} />}
      </body>
    </html>
  );
}

function Search({ view }: { view: View }) {
  return (
    <form action="/" method="get">
      <label>
        Your name <input name="name" value={view.name} />
      </label>
      <label>
        Contains <input name="q" value={view.q} />
      </label>
      <label>
        Kind{' '}
        <select name="kind">
          <option value="">any</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind} selected={kind === view.kind}>
              {kind}
            </option>
          ))}
        </select>
      </label>
      <input type="hidden" name="sort" value={view.sort} />
      <input type="hidden" name="order" value={view.order} />
      <button type="submit">Show</button>
    </form>
  );
}

function Table({ view, rows }: { view: View; rows: readonly Row[] }) {
  return (
    <table>
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <Heading key={column} column={column} view={view} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.n}>
            {COLUMNS.map((column) => (
              <td key={column}>{row[column]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heading({ column, view }: { column: Column; view: View }) {
  const sorted = view.sort === column;
  const order = sorted && view.order === 'up' ? 'down' : 'up';
  return (
    <th aria-sort={sorted ? (view.order === 'up' ? 'ascending' : 'descending') : 'none'}>
      <a href={address(view, { sort: column, order })}>{HEADINGS[column]}</a>
      {sorted ? <Fragment> {view.order === 'up' ? '▲' : '▼'}</Fragment> : null}
    </th>
  );
}
