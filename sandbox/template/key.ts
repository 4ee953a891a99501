// What makes a cached template valid: every input that V8 or we could see. A template whose key differs is rebuilt
// from source; two builds of the same inputs differ in bytes, so the bytes themselves are never compared.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LanguageName, SourceModule } from '#runtime';
import { V8_FLAGS } from '../executor/confine.ts';
import type { ProgramConfig } from '../program.ts';

/** Grows when the form of templates, or what the builder does to a program, changes. */
const TEMPLATE_FORMAT = 1;

export interface Upload {
  program: string;
  language: LanguageName;
  /** The first module is the entry. */
  modules: readonly SourceModule[];
  config: ProgramConfig;
}

/** The version: sha256 of source and configuration, in hex. The same upload is the same version. */
export function versionOf({ language, modules, config }: Upload): string {
  return digest([language, modules.map(({ path, text }) => [path, text]), config]);
}

/** The key of a version's template in the cache, in hex.
 * @param bundle text of the language's bundle */
export function templateKey(upload: Upload, bundle: string): string {
  return digest([
    TEMPLATE_FORMAT,
    versionOf(upload),
    bundle,
    process.version,
    process.versions.v8,
    isolatedVmVersion(),
    V8_FLAGS,
    process.arch,
  ]);
}

let version: string | undefined;

function isolatedVmVersion(): string {
  version ??= JSON.parse(readFileSync(createRequire(import.meta.url).resolve('isolated-vm/package.json'), 'utf8'))
    .version as string;
  return version;
}

function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
