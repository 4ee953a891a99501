// The programs of this server, between the store, the builder and the ingress: what the routes of the control API and
// the dev server do, without any HTTP.
import {
  type Deployed,
  decodeTemplate,
  deploy,
  type ProgramConfig,
  type Templates,
  TineError,
  type Upload,
  uploadOf,
} from '#sandbox';
import type { ProgramRecord, Store, Traffic, VersionSummary } from '#store';
import type { PublishedProgram, VersionAnswer, VersionQuestion } from './ingress/published.ts';

export interface ProgramsParts {
  store: Store;
  templates: Templates;
  publish(program: PublishedProgram): Promise<void>;
  remove(name: string): Promise<void>;
}

const SHOWN_DIGITS = 12;
const PREFIX_DIGITS_MIN = 4;

/** A version as it is shown. */
export function shown(version: string): string {
  return version.slice(0, SHOWN_DIGITS);
}

export class Programs {
  readonly #parts: ProgramsParts;
  readonly #published = new Map<string, PublishedProgram>();
  /** Of deploys that are under way. */
  readonly #deploying = new Set<ProgramConfig>();

  constructor(parts: ProgramsParts) {
    this.#parts = parts;
  }

  get published(): PublishedProgram[] {
    return [...this.#published.values()];
  }

  /** Reads what is stored; the start of a server. A version that is damaged has no configuration then: it answers
   * `corrupt_version`, and all others are served.
   * @returns one sentence per program that is damaged */
  async load(): Promise<string[]> {
    const problems: string[] = [];
    for (const program of await this.#parts.store.listPrograms()) {
      try {
        this.#published.set(program.name, await this.#describe(program));
      } catch (error) {
        problems.push(`program "${program.name}" is damaged: ${(error as Error).message}`);
        this.#published.set(program.name, await this.#describe(program, 'whole_ones'));
      }
    }
    return problems;
  }

  /** @throws TineError 409 and 422 codes; see `deploy` */
  async deploy(upload: Upload, promote: 'now' | 'later'): Promise<Deployed> {
    const { store, templates } = this.#parts;
    this.#refuseHeldRoutes(upload.config);
    // A build takes its time: nobody else gets the routes meanwhile.
    this.#deploying.add(upload.config);
    try {
      return await deploy(upload, { promote }, { store, templates, publish: (program) => this.#publish(program) });
    } finally {
      this.#deploying.delete(upload.config);
    }
  }

  list(): Promise<ProgramRecord[]> {
    return this.#parts.store.listPrograms();
  }

  /** @throws TineError `not_found` */
  async get(name: string): Promise<ProgramRecord> {
    const program = await this.#parts.store.getProgram(name);
    if (program === undefined) throw new TineError('not_found', `There is no program "${name}"`);
    return program;
  }

  versions(name: string): Promise<VersionSummary[]> {
    return this.#parts.store.listVersions(name);
  }

  history(name: string, limit: number) {
    return this.#parts.store.trafficHistory(name, limit);
  }

  /** @param traffic percent by version, full or its first digits
   * @param expected revision that it must still have; undefined: whatever it has
   * @throws TineError `not_found`, `version_conflict`, `route_conflict`, `bad_request` */
  async setTraffic(name: string, traffic: Traffic, expected: number | undefined): Promise<ProgramRecord> {
    const program = await this.get(name);
    const full: Record<string, number> = {};
    for (const [prefix, percent] of Object.entries(traffic)) {
      const version = await this.#fullVersion(name, prefix);
      full[version] = (full[version] ?? 0) + percent;
      if (percent > 0) this.#refuseHeldRoutes((await uploadOf(this.#parts.store, name, version)).config);
    }
    const changed = await this.#parts.store.setTraffic(name, full, expected ?? program.revision);
    await this.#publish(changed);
    return changed;
  }

  /** Deletes old versions: all but those that take traffic and the newest ones. */
  async prune(name: string, keep: number): Promise<void> {
    await this.#parts.store.pruneVersions(name, keep);
  }

  async delete(name: string): Promise<void> {
    await this.#parts.store.deleteProgram(name);
    this.#published.delete(name);
    await this.#parts.remove(name);
  }

  /** For the ingress: the encoded template of a version. */
  async template({ program, version }: VersionQuestion): Promise<Buffer> {
    return this.#parts.templates.load(await uploadOf(this.#parts.store, program, version));
  }

  /** For the ingress: a version that takes no traffic. */
  async findVersion({ program, version }: VersionQuestion): Promise<VersionAnswer | undefined> {
    try {
      const full = await this.#fullVersion(program, version);
      const { config } = await uploadOf(this.#parts.store, program, full);
      return { version: full, config };
    } catch (error) {
      if ((error as TineError).code === 'not_found') return undefined;
      throw error;
    }
  }

  /** For error messages: the source map of a version. */
  async map(question: VersionQuestion): Promise<string> {
    return decodeTemplate(await this.template(question)).map;
  }

  async #publish(program: ProgramRecord): Promise<void> {
    const published = await this.#describe(program);
    const before = this.#published.get(program.name);
    if (before === undefined || before.revision <= published.revision) this.#published.set(program.name, published);
    await this.#parts.publish(published);
  }

  /** `whole_ones`: versions that are damaged are left out of `configs`. */
  async #describe(
    { name, revision, traffic }: ProgramRecord,
    wanted: 'all' | 'whole_ones' = 'all',
  ): Promise<PublishedProgram> {
    const before = this.#published.get(name);
    const configs: Record<string, ProgramConfig> = {};
    for (const version of Object.keys(traffic)) {
      const config = before?.configs[version] ?? (await this.#configOf(name, version, wanted));
      if (config !== undefined) configs[version] = config;
    }
    return { name, revision, traffic, configs };
  }

  async #configOf(name: string, version: string, wanted: 'all' | 'whole_ones'): Promise<ProgramConfig | undefined> {
    try {
      return (await uploadOf(this.#parts.store, name, version)).config;
    } catch (error) {
      if (wanted === 'whole_ones' && (error as TineError).code === 'corrupt_version') return undefined;
      throw error;
    }
  }

  async #fullVersion(name: string, prefix: string): Promise<string> {
    const matches = (await this.versions(name)).filter(({ version }) => version.startsWith(prefix));
    if (prefix.length < PREFIX_DIGITS_MIN || matches.length === 0) {
      throw new TineError('not_found', `Program "${name}" has no version "${prefix}"`);
    }
    if (matches.length > 1)
      throw new TineError('bad_request', `Version "${prefix}" of program "${name}" is not unique: give more digits`);
    return matches[0]!.version;
  }

  #refuseHeldRoutes({ name, routes }: ProgramConfig): void {
    if (routes.length === 0) return;
    const served = [...this.#published.values()].flatMap(({ configs }) => Object.values(configs));
    for (const other of [...served, ...this.#deploying]) {
      if (other.name === name) continue;
      const route = routes.find((wanted) => other.routes.includes(wanted));
      if (route === undefined) continue;
      const text = `route "${route}" is held by program "${other.name}"`;
      throw new TineError('route_conflict', text, { details: { text, route, program: other.name } });
    }
  }
}
