// Templates by version: from the cache when its sha256 and key fit, else built from source. Several that want the same
// one wait for the same build.
import type { Builder } from '../builder/builder.ts';
import type { TemplateCache } from './cache.ts';
import { templateKey, type Upload } from './key.ts';
import { headOf, type TemplateHead } from './template.ts';

export interface TemplatesOptions {
  cache: TemplateCache;
  builder: Builder;
  /** Text of the bundle of a language. */
  bundleOf(language: Upload['language']): Promise<string>;
  /** Called when a template had to be built although the version was stored before. */
  onRebuild?(program: string): void;
}

export class Templates {
  readonly #options: TemplatesOptions;
  /** By key: looking for a template, or building it. */
  readonly #finding = new Map<string, Promise<Buffer>>();

  constructor(options: TemplatesOptions) {
    this.#options = options;
  }

  /** Builds the template of a new upload, or finds it. @throws TineError one of the 422 codes */
  async build(upload: Upload): Promise<TemplateHead> {
    return headOf(await this.#bytes(upload));
  }

  /** The encoded template of a stored version. @throws TineError when it can no longer be built */
  async load(upload: Upload): Promise<Buffer> {
    return this.#bytes(upload, this.#options.onRebuild);
  }

  async #bytes(upload: Upload, onBuild?: (program: string) => void): Promise<Buffer> {
    const bundle = await this.#options.bundleOf(upload.language);
    const key = templateKey(upload, bundle);
    let finding = this.#finding.get(key);
    if (finding === undefined) {
      finding = this.#find(upload, bundle, key, onBuild).finally(() => this.#finding.delete(key));
      this.#finding.set(key, finding);
    }
    return finding;
  }

  async #find(upload: Upload, bundle: string, key: string, onBuild?: (program: string) => void): Promise<Buffer> {
    const cached = await this.#options.cache.get(key);
    if (cached !== undefined) return cached;
    onBuild?.(upload.program);
    return this.#build(upload, bundle, key);
  }

  async #build(upload: Upload, bundle: string, key: string): Promise<Buffer> {
    const { bytes } = await this.#options.builder.build(upload, bundle);
    await this.#options.cache.put(key, bytes);
    return bytes;
  }
}
