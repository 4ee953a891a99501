// server-rendered: a page made anew for every request with preact. It does real work (four hundred rows are computed,
// filtered, sorted and rendered) and shows back what a visitor typed, escaped.
//   GET /?q=&kind=&sort=&order=&name=     the page
//   GET /rows.json?…                      the same rows as data
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls of it, see jsx_factory in the configuration
import { h } from 'preact';
import { render } from 'preact-render-to-string';
import { makeRows } from './numbers.ts';
import { Page } from './page.tsx';
import { readView, select } from './view.ts';

export default {
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== 'GET')
      return new Response('method not allowed\n', { status: 405, headers: { allow: 'GET' } });
    const view = readView(searchParams);
    const rows = makeRows();
    const selected = select(rows, view);
    if (pathname === '/rows.json') return Response.json({ total: rows.length, rows: selected });
    if (pathname !== '/') return new Response('not found\n', { status: 404 });
    const html = render(<Page view={view} rows={selected} total={rows.length} />);
    return new Response(`<!doctype html>${html}`, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      },
    });
  },
};
