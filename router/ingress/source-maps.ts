// Source maps by version: fetched from the supervisor at the first error, as most versions never throw.
import { SourceMapper } from '#runtime';
import type { RunLabel } from '#sandbox';
import type { VersionQuestion } from './published.ts';

const KEPT_MAX = 32;

export class SourceMaps {
  readonly #fetch: (question: VersionQuestion) => Promise<string>;
  readonly #kept = new Map<string, Promise<SourceMapper>>();

  constructor(fetch: (question: VersionQuestion) => Promise<string>) {
    this.#fetch = fetch;
  }

  /** @returns a mapper that maps nothing when the map cannot be had */
  of({ program, version }: Pick<RunLabel, 'program' | 'version'>): Promise<SourceMapper> {
    const key = `${program} ${version}`;
    let mapper = this.#kept.get(key);
    if (mapper === undefined) {
      mapper = this.#fetch({ program, version }).then(
        (map) => new SourceMapper(map),
        () => new SourceMapper(''),
      );
      this.#kept.set(key, mapper);
      if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    }
    return mapper;
  }

  async stack(run: Pick<RunLabel, 'program' | 'version'>, stack: string): Promise<string> {
    return (await this.of(run)).stack(stack);
  }
}
