// One page for everything that goes wrong in `tine dev`: a failed request, a failed build. Plain HTML without scripts;
// all that comes from a program is escaped.

export interface ErrorPage {
  title: string;
  text: string;
  place?: { file: string; line: number; column: number } | undefined;
  /** Lines of the author's source with a caret. */
  frame?: string | undefined;
  stack?: string;
  requestId?: string;
  figures?: string;
}

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 3rem auto; padding: 0 1rem; }
  h1 { font-size: 1rem; color: #c22; margin: 0; } h2 { font-size: 1.4rem; margin: .3rem 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  pre { padding: 1rem; border: 1px solid #8884; border-radius: 6px; overflow-x: auto; } p { opacity: .7; }`;

export function errorPage({ title, text, place, frame, stack = '', requestId, figures = '' }: ErrorPage): string {
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}`;
  const footer = [requestId === undefined ? '' : `request ${requestId}`, figures]
    .filter((part) => part !== '')
    .join(' · ');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style>
<h1>${escapeHtml(title)}</h1><h2>${escapeHtml(text)}</h2>
${where === '' ? '' : `<p>${escapeHtml(where)}</p>`}
${frame === undefined ? '' : `<pre>${escapeHtml(frame)}</pre>`}
${stack === '' ? '' : `<pre>${escapeHtml(stack)}</pre>`}
<p>${escapeHtml(footer)}</p></html>
`;
}

/** The same as a box over the page of the last good version. */
export function errorOverlay({ title, text, place, frame }: ErrorPage): string {
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}`;
  const box =
    'position:fixed;inset:auto 0 0 0;z-index:2147483647;max-height:60vh;overflow:auto;background:#fff;color:#111;border-top:4px solid #c22;padding:1rem;font:14px/1.5 system-ui,sans-serif';
  const lines = frame === undefined ? '' : `<pre style="overflow-x:auto">${escapeHtml(frame)}</pre>`;
  return `<div role="alert" style="${box}"><strong>${escapeHtml(title)}</strong> ${escapeHtml(text)} <em>${escapeHtml(where)}</em>${lines}This page comes from the last good version.</div>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}
