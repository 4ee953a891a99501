// Which version answers a request: from host and path to a program, from its traffic to a version. Known programs are
// pushed by the supervisor; a version that takes no traffic (a preview) is asked for once and kept.
import { createHash } from 'node:crypto';
import { type ProgramConfig, type ServedVersion, TineError } from '#sandbox';
import type { PublishedProgram, VersionAnswer, VersionQuestion } from './published.ts';
import { RouteMatcher } from './route-matcher.ts';

export interface RegistryParts {
  permits: number;
  defaultProgram: string | undefined;
  /** The encoded template of a version. */
  template(question: VersionQuestion): Promise<Uint8Array>;
  /** @returns undefined when there is no such version */
  findVersion(question: VersionQuestion): Promise<VersionAnswer | undefined>;
  /** A version that is no longer served. */
  onRetire(served: ServedVersion): void;
  /** A program appeared, or changed. */
  onProgram(name: string, namespace: string): void;
}

interface Entry {
  name: string;
  revision: number;
  traffic: [version: string, percent: number][];
  served: Map<string, ServedVersion>;
}

const PREVIEWS_MAX = 64;
const PREVIEW_HOST = /^([0-9a-f]{12,64})--([a-z0-9][a-z0-9-]*)$/;
const LOCALHOST = '.localhost';

let lastRunnable = 0;

export class Registry {
  readonly #parts: RegistryParts;
  readonly #programs = new Map<string, Entry>();
  readonly #previews = new Map<string, ServedVersion>();
  readonly #routes = new RouteMatcher();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get programs(): number {
    return this.#programs.size;
  }

  publish({ name, revision, traffic, configs }: PublishedProgram): void {
    const before = this.#programs.get(name);
    if (before !== undefined && revision < before.revision) return;
    const entry: Entry = {
      name,
      revision,
      traffic: Object.entries(traffic).filter(([, percent]) => percent > 0),
      served: new Map(),
    };
    for (const [version] of entry.traffic) {
      const config = configs[version];
      if (config === undefined) continue; // damaged: it has its share of the traffic and answers so
      entry.served.set(version, before?.served.get(version) ?? this.#serve(name, version, config));
    }
    this.#programs.set(name, entry);
    this.#routes.set(name, [...new Set(Object.values(configs).flatMap(({ routes }) => routes))]);
    for (const [version, served] of before?.served ?? []) if (!entry.served.has(version)) this.#parts.onRetire(served);
    const [config] = Object.values(configs);
    if (config !== undefined) this.#parts.onProgram(name, config.namespace);
  }

  remove(name: string): void {
    const entry = this.#programs.get(name);
    this.#programs.delete(name);
    this.#routes.set(name, []);
    for (const served of entry?.served.values() ?? []) this.#parts.onRetire(served);
    for (const [key, preview] of this.#previews) {
      if (preview.program !== name) continue;
      this.#previews.delete(key);
      this.#parts.onRetire(preview);
    }
  }

  /** @param host as the client sent it, with or without port
   * @param key who the client is, for a split: the same key always gets the same version
   * @throws TineError `not_found` */
  find(host: string, path: string, key: string): ServedVersion | Promise<ServedVersion> {
    const name = hostName(host);
    if (name.endsWith(LOCALHOST)) {
      const label = name.slice(0, -LOCALHOST.length);
      const entry = this.#programs.get(label);
      if (entry !== undefined) return this.#pick(entry, key);
      const preview = PREVIEW_HOST.exec(label);
      if (preview !== null) return this.#preview({ version: preview[1]!, program: preview[2]! });
    }
    const routed = this.#routes.find(name, path);
    const program = routed ?? (name.endsWith(LOCALHOST) ? undefined : this.#default());
    const entry = program === undefined ? undefined : this.#programs.get(program);
    if (entry === undefined) throw new TineError('not_found', `No program answers for host "${name}"`);
    return this.#pick(entry, key);
  }

  /** Whether the traffic of this program is split, so that a client has to be kept on its side. */
  isSplit(program: string): boolean {
    return (this.#programs.get(program)?.traffic.length ?? 0) > 1;
  }

  #default(): string | undefined {
    const { defaultProgram } = this.#parts;
    if (defaultProgram !== undefined) return defaultProgram;
    return this.#programs.size === 1 ? this.#programs.keys().next().value : undefined;
  }

  #pick({ name, traffic, served }: Entry, key: string): ServedVersion {
    if (traffic.length === 0) throw new TineError('not_found', `Program "${name}" serves no version`);
    const version = traffic.length === 1 ? traffic[0]![0] : versionAt(traffic, percentOf(name, key));
    const found = served.get(version);
    if (found === undefined)
      throw new TineError('corrupt_version', `Version ${version} of program "${name}" is damaged`);
    return found;
  }

  async #preview(question: VersionQuestion): Promise<ServedVersion> {
    const entry = this.#programs.get(question.program);
    for (const [version, served] of entry?.served ?? []) if (version.startsWith(question.version)) return served;
    const key = `${question.version}--${question.program}`;
    const known = this.#previews.get(key);
    if (known !== undefined) return known;
    const found = await this.#parts.findVersion(question);
    if (found === undefined)
      throw new TineError('not_found', `Program "${question.program}" has no version ${question.version}`);
    const raced = this.#previews.get(key); // by a request that asked at the same time
    if (raced !== undefined) return raced;
    const served = this.#serve(question.program, found.version, found.config);
    this.#previews.set(key, served);
    if (this.#previews.size > PREVIEWS_MAX) {
      const [oldest, retired] = this.#previews.entries().next().value!;
      this.#previews.delete(oldest);
      this.#parts.onRetire(retired);
    }
    return served;
  }

  #serve(program: string, version: string, config: ProgramConfig): ServedVersion {
    const { limits, isolation, namespace, pool } = config;
    lastRunnable += 1;
    let template: Promise<Uint8Array> | undefined;
    return {
      program,
      version,
      limits,
      permits: {
        concurrencyMax: Math.min(this.#parts.permits, pool.concurrency ?? Math.ceil(this.#parts.permits / 2)),
        queueMax: pool.queueMax,
        queueTimeoutMs: pool.queueTimeoutMs,
      },
      runnable: {
        id: lastRunnable,
        program,
        namespace,
        isolation,
        contextsMax: pool.max,
        memoryMb: limits.memoryMb,
        pace: { sliceUs: 0 },
        head: { isolation, poolMin: pool.min, cpuMs: limits.cpuMs, setup: setupOf(config) },
        template: () => {
          template ??= this.#parts.template({ program, version }).catch((error) => {
            template = undefined; // the next request asks again
            throw error;
          });
          return template;
        },
      },
    };
  }
}

/** JSON of `Setup`: the same for every request of a version. */
function setupOf({ vars, limits }: ProgramConfig): string {
  const { pendingOps, timers, subrequests, logBytes, responseBytes } = limits;
  return JSON.stringify({ vars, limits: { pendingOps, timers, subrequests, logBytes, responseBytes } });
}

/** `Example.com:8787` → `example.com`; `[::1]:8787` → `[::1]`. */
function hostName(host: string): string {
  const bare = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':', 1)[0]!;
  return bare.toLowerCase().replace(/\.$/, '');
}

function percentOf(program: string, key: string): number {
  return createHash('sha256').update(`${program}\n${key}`).digest().readUInt32LE(0) % 100;
}

/** @param at from 0 to 99 */
function versionAt(traffic: readonly [version: string, percent: number][], at: number): string {
  let left = at;
  for (const [version, percent] of traffic) {
    if (left < percent) return version;
    left -= percent;
  }
  return traffic.at(-1)![0];
}
