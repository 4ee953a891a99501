// What a client of `tine dev` reads when its request failed: the guest's message, its stack and the lines of the source,
// as a page for browsers, as JSON for the rest. `tine serve` never shows any of it. What comes from the guest is text,
// never markup.
import { CODES } from '#sandbox';
import { errorPage } from '../dev/error-page.ts';
import type { AppParts } from './app.ts';
import type { SourceMaps } from './source-maps.ts';

export function failurePages(maps: SourceMaps): NonNullable<AppParts['explain']> {
  return async (failure) => {
    const { requestId, program, version, code, accept, finished } = failure;
    if (program === '') return undefined;
    const { thrown } = finished ?? {};
    const text = thrown === undefined ? CODES[code].text : `${thrown.name}: ${thrown.message}`;
    const mapper = await maps.of({ program, version });
    const stack = thrown === undefined ? '' : mapper.stack(thrown.stack);
    const place = thrown === undefined ? undefined : mapper.first(thrown.stack);
    const frame = place === undefined ? undefined : mapper.frame(place);
    if (accept.includes('text/html')) {
      const figures = finished === undefined ? '' : `cpu ${(finished.cpuUs / 1000).toFixed(1)} ms · wall ${finished.wallMs.toFixed(0)} ms · ops ${finished.ops}`;
      return {
        contentType: 'text/html; charset=utf-8',
        body: errorPage({ title: `${program}: ${code}`, text, place, frame, stack, requestId, figures }),
      };
    }
    const error = { code, message: text, requestId, ...place, ...(frame === undefined ? {} : { frame }), ...(stack === '' ? {} : { stack }) };
    return { contentType: 'application/json; charset=utf-8', body: `${JSON.stringify({ error })}\n` };
  };
}

