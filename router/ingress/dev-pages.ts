// What a client of `tine dev` reads when something failed: a request (the guest's message, its mapped stack, the lines
// of the source) or a build (the same for the source that does not compile). Pages for browsers, JSON for the rest.
// `tine serve` never shows any of it. What comes from a program is text, never markup.
import { CODES } from '#sandbox';
import type { ShownBuildError } from '../dev/build-error.ts';
import { errorPage } from '../dev/error-page.ts';
import type { Failure } from './app.ts';
import type { SourceMaps } from './source-maps.ts';

interface Page {
  contentType: string;
  body: string;
}

const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

export class DevPages {
  readonly #maps: SourceMaps;
  readonly #buildErrors = new Map<string, NonNullable<ShownBuildError['error']>>();

  constructor(maps: SourceMaps) {
    this.#maps = maps;
  }

  show({ program, error }: ShownBuildError): void {
    if (error === undefined) this.#buildErrors.delete(program);
    else this.#buildErrors.set(program, error);
  }

  /** Laid over the pages of the last good version while the source does not build. */
  overlayOf(program: string): string | undefined {
    return this.#buildErrors.get(program)?.overlay;
  }

  /** @returns undefined: the fixed text of the code will do */
  async explain(failure: Failure): Promise<Page | undefined> {
    if (failure.program === '') return failure.code === 'not_found' ? this.#neverBuilt(failure) : undefined;
    const wantsPage = failure.accept.includes('text/html');
    return wantsPage ? this.#failedPage(failure) : this.#failedJson(failure);
  }

  /** No version of it was ever good: its build error is all there is to show. */
  #neverBuilt({ host, accept }: Failure): Page | undefined {
    const name = /^([^.:]+)\.localhost/.exec(host)?.[1] ?? '';
    const only = this.#buildErrors.size === 1 ? this.#buildErrors.values().next().value : undefined;
    const error = this.#buildErrors.get(name) ?? only;
    if (error === undefined) return undefined;
    return accept.includes('text/html')
      ? { contentType: HTML, body: error.page }
      : { contentType: JSON_TYPE, body: error.json };
  }

  async #failedPage(failure: Failure): Promise<Page> {
    const { program, code, requestId, finished } = failure;
    const { text, place, frame, stack } = await this.#found(failure);
    const figures =
      finished === undefined
        ? ''
        : `cpu ${(finished.cpuUs / 1000).toFixed(1)} ms · wall ${finished.wallMs.toFixed(0)} ms · ops ${finished.ops}`;
    return {
      contentType: HTML,
      body: errorPage({ title: `${program}: ${code}`, text, place, frame, stack, requestId, figures }),
    };
  }

  async #failedJson(failure: Failure): Promise<Page> {
    const { code, requestId } = failure;
    const { text, place, frame, stack } = await this.#found(failure);
    const error = { code, message: text, requestId, ...place, frame, stack: stack === '' ? undefined : stack };
    return { contentType: JSON_TYPE, body: `${JSON.stringify({ error })}\n` };
  }

  async #found({ program, version, code, finished }: Failure) {
    const { thrown } = finished ?? {};
    if (thrown === undefined)
      return { text: CODES[code].text as string, place: undefined, frame: undefined, stack: '' };
    const mapper = await this.#maps.of({ program, version });
    const place = mapper.first(thrown.stack);
    return {
      text: `${thrown.name}: ${thrown.message}`,
      place,
      frame: place === undefined ? undefined : mapper.frame(place),
      stack: mapper.stack(thrown.stack),
    };
  }
}
