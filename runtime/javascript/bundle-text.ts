// The bundle as text: everything that `bundle.ts` imports, as one classic script that is an expression and whose value
// is the host function. What is asleep in it, and why, says `link.ts`.
import { fileURLToPath } from 'node:url';
import { link } from './link.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Modules that not every request needs, although eager ones import them like any other. */
const LAZY = [
  '../web/bytes/encoding.ts',
  '../web/bytes/utf8.ts',
  '../web/console/console.ts',
  '../web/events/dom-exception.ts',
  '../web/events/event.ts',
  '../web/events/event-target.ts',
  '../web/fetch/arguments.ts',
  '../web/fetch/body-extract.ts',
  '../web/fetch/body-read.ts',
  '../web/fetch/fetch.ts',
  '../web/fetch/header-list.ts',
  '../web/fetch/headers.ts',
  '../web/fetch/host-body.ts',
  '../web/fetch/request-state.ts',
  '../web/fetch/response-state.ts',
  '../web/outbox.ts',
  '../web/thrown.ts',
  '../web/url/parse.ts',
  '../web/url/search-params.ts',
  '../web/url/serialize.ts',
  '../web/url/url.ts',
];

let made: Promise<string> | undefined;

/** Made once per process. It begins with `(` and ends with `)`: what evaluates it gives it a name. */
export function bundleText(): Promise<string> {
  made ??= link({ entry: path('./bundle.ts'), lazy: LAZY.map(path) });
  return made;
}
