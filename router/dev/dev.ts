// `tine dev`: the same processes, limits and isolation as `tine serve`, with a watch on the sources. A save is bundled,
// built, tried and promoted as any deploy; when it is not good, the last good version goes on serving, and the error is
// shown in the terminal and on the page.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { bundleForUpload } from '#runtime';
import type { Resolved } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { stopOnSignals } from '../signals.ts';
import { Supervisor } from '../supervisor.ts';
import { type BuildError, buildErrorOf, showBuildError } from './build-error.ts';

export interface DevSource {
  /** What the author named: `.`, `api/`, `hello.ts`. */
  shown: string;
  /** Reads configuration and entry anew. @throws TineError, CompileError … */
  load(): Promise<{ entry: string; folder: string; resolved: Resolved; configFile: string | undefined }>;
}

/** A save is often several events: editors write, rename, touch. */
const DEBOUNCE_MS = 20;
/** By then a watch has begun. */
const WATCH_BEGINS_MS = 300;
/** Versions of earlier saves that are kept, besides the one that serves. */
const VERSIONS_KEPT = 10;

/** Resolves when the programs are built for the first time, good or not; the process ends by a signal. */
export async function dev(settings: Settings, sources: readonly DevSource[]): Promise<void> {
  const supervisor = await Supervisor.start(settings, { errors: 'full' });
  const programs = sources.map((source) => new DevProgram(source, supervisor));
  stopOnSignals(supervisor, () => Promise.all(programs.map((program) => program.end())));
  process.stdout.write(`tine dev  ${supervisor.dataUrl}  (control API ${supervisor.controlUrl})\n`);
  await Promise.all(programs.map((program) => program.start()));
}

class DevProgram {
  readonly #source: DevSource;
  readonly #supervisor: Supervisor;
  readonly #watcher = watch([], { ignoreInitial: true, atomic: 10 });
  readonly #watched = new Set<string>();
  /** While the last build has failed: what is missing may appear beside what is there. */
  #folders: FSWatcher | undefined;
  /** When the files were last read, by the clock of the file system. */
  #buildStarted = 0;
  #name: string | undefined;
  #version: string | undefined;
  /** The program under which a build error is shown. */
  #shownAs: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #changedMs = 0;
  #building: Promise<void> | undefined;
  #again = false;

  constructor(source: DevSource, supervisor: Supervisor) {
    this.#source = source;
    this.#supervisor = supervisor;
    this.#watcher.on('all', () => this.#changed());
  }

  async start(): Promise<void> {
    this.#changedMs = performance.now();
    await this.#build();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([this.#watcher.close(), this.#folders?.close()]);
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#changedMs = performance.now();
    this.#timer = setTimeout(() => {
      // One build at a time; what changes meanwhile is built when that one is done.
      if (this.#building === undefined) void this.#build();
      else this.#again = true;
    }, DEBOUNCE_MS);
  }

  async #build(): Promise<void> {
    this.#building = this.#buildOnce();
    await this.#building;
    this.#building = undefined;
    if (!this.#again) return;
    this.#again = false;
    await this.#build();
  }

  async #buildOnce(): Promise<void> {
    this.#buildStarted = Date.now();
    const { programs, ingress } = this.#supervisor;
    try {
      const { version, warnings } = await this.#deploy();
      if (this.#shownAs !== undefined) await ingress.showBuildError({ program: this.#shownAs, error: undefined });
      this.#shownAs = undefined;
      await this.#folders?.close();
      this.#folders = undefined;
      if (version !== this.#version) this.#say(version, warnings);
      this.#version = version;
      await programs.prune(this.#name!, VERSIONS_KEPT);
    } catch (error) {
      await this.#showError(buildErrorOf(error, this.#name ?? this.#source.shown));
      this.#followFolders();
    }
  }

  async #deploy(): Promise<{ version: string; warnings: string[] }> {
    const { entry, folder, resolved, configFile } = await this.#source.load();
    const { config } = resolved;
    this.#name = config.name;
    this.#follow([entry, ...(configFile === undefined ? [] : [configFile])]);
    const { modules, files, warnings } = await bundleForUpload(entry, { ...config.compile, resolveFrom: folder });
    this.#follow(files);
    const upload = { program: config.name, language: 'javascript' as const, modules, config };
    const { version, template } = await this.#supervisor.programs.deploy(upload, 'now');
    return { version, warnings: [...resolved.warnings, ...warnings, ...template.warnings].map(({ text }) => text) };
  }

  #follow(files: readonly string[]): void {
    const fresh = files.filter((file) => !this.#watched.has(file));
    for (const file of fresh) this.#watched.add(file);
    if (fresh.length === 0) return;
    this.#watcher.add(fresh);
    this.#lookAgain(fresh);
  }

  #followFolders(): void {
    if (this.#folders !== undefined) return;
    // What was named is there even when nothing else is known: its configuration could not be read.
    const named = resolve(this.#source.shown);
    const isFolder = isThere(named);
    const folders = new Set([...this.#watched].map((file) => dirname(file)));
    folders.add(isFolder ? named : dirname(named));
    this.#folders = watch([...folders], { ignoreInitial: true, depth: 0, ignored: (path) => this.#watched.has(path) });
    this.#folders.on('all', () => this.#changed());
    this.#lookAgain([...folders].filter(isThere).flatMap((path) => readdirSync(path).map((name) => join(path, name))));
  }

  /** A watch takes a moment to begin: a save in that moment would be missed for ever. */
  #lookAgain(files: readonly string[]): void {
    const since = this.#buildStarted;
    setTimeout(() => {
      if (files.some((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since)) this.#changed();
    }, WATCH_BEGINS_MS).unref();
  }

  async #showError(error: BuildError): Promise<void> {
    const serving = this.#version === undefined ? 'nothing is served yet' : 'the last good version goes on serving';
    process.stdout.write(`${error.terminal}\n  ${serving}\n`);
    // As long as its configuration cannot be read, nobody knows the name of a program.
    const program = this.#name ?? this.#source.shown;
    const { ingress } = this.#supervisor;
    if (this.#shownAs !== undefined && this.#shownAs !== program) {
      await ingress.showBuildError({ program: this.#shownAs, error: undefined });
    }
    this.#shownAs = program;
    await showBuildError(ingress, program, error);
  }

  #say(version: string, warnings: readonly string[]): void {
    const ms = Math.round(performance.now() - this.#changedMs);
    const what = this.#version === undefined ? 'serves' : 'reloaded';
    process.stdout.write(
      `${this.#name} ${version.slice(0, 12)} ${what} in ${ms} ms  ${this.#supervisor.urlOf(this.#name!)}\n`,
    );
    for (const text of new Set(warnings)) process.stdout.write(`  warning: ${text}\n`);
  }
}

function isThere(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}
