// From an argument of the command line to what is to be built: the configuration in force, and the entry file.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import type { ConfigText, Resolved } from '#router';
import { CliError } from './failure.ts';
import type { Io } from './io.ts';

export interface SourceFlags {
  config?: string;
  env?: string;
  name?: string;
  strict?: boolean;
}

export interface ProgramSource {
  /** Absolute. */
  entry: string;
  /** Absolute: what paths in the program are relative to. */
  folder: string;
  resolved: Resolved;
  /** Absolute; undefined: there is none. */
  configFile: string | undefined;
}

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'];

/** @param argument a file or a folder
 * @throws CliError; TineError `invalid_config` */
export async function findSource(argument: string | undefined, flags: SourceFlags, io: Io): Promise<ProgramSource> {
  const { findConfig, readConfig, resolveProgramConfig } = await import('#router');
  const given = resolve(io.cwd, argument ?? '.');
  const stat = statSync(given, { throwIfNoEntry: false });
  if (stat === undefined) throw new CliError(`There is no file or folder ${argument}`);
  const file = stat.isDirectory() ? undefined : given;
  const found =
    flags.config === undefined
      ? findConfig(file === undefined ? given : dirname(file))
      : readConfig(resolve(io.cwd, flags.config));
  const env = flags.env ?? (io.env['TINE_ENV'] || undefined);
  const read = (config: ConfigText, main: string | undefined): Resolved =>
    resolveProgramConfig(config.text, {
      file: config.shown,
      env,
      strict: flags.strict,
      given: { name: flags.name, main },
    });

  if (found !== undefined) {
    const main = file === undefined ? undefined : relative(found.folder, file);
    const resolved = read(found, main);
    if (file === undefined || flags.config !== undefined || isMainOf(found, file, read(found, undefined).main)) {
      return { entry: entryOf(resolved.main, found, argument), folder: found.folder, resolved, configFile: found.path };
    }
    // The name, routes and limits of another program are not for this file.
    io.err(`${found.shown} has another "main" and is not used; --config would use it`);
  }
  if (file === undefined) {
    throw new CliError(
      `There is no wrangler-like.config.json in ${argument ?? 'this folder'} or above it: name a file, or write one`,
      {
        code: 'invalid_config',
      },
    );
  }
  const bare = { text: '{}', shown: 'no configuration', path: file, folder: dirname(file) };
  if (env !== undefined) {
    throw new CliError(`There is no environment "${env}", as ${basename(file)} has no configuration`, {
      code: 'invalid_config',
    });
  }
  const main = basename(file);
  const name = flags.name ?? nameFrom(file);
  const resolved = resolveProgramConfig(bare.text, { file: bare.shown, given: { name, main } });
  return { entry: checkedEntry(file), folder: bare.folder, resolved, configFile: undefined };
}

function isMainOf(config: ConfigText, file: string, main: string | undefined): boolean {
  return main !== undefined && resolve(config.folder, main) === file;
}

function entryOf(main: string | undefined, config: ConfigText, argument: string | undefined): string {
  if (main === undefined) {
    const text = `"main" is missing in ${config.shown}: it must be the path of the entry module${argument === undefined ? ', or name a file' : ''}`;
    throw new CliError(text, { code: 'invalid_config' });
  }
  const entry = resolve(config.folder, main);
  if (!existsSync(entry))
    throw new CliError(`"main" in ${config.shown} names a file that does not exist: ${main}`, {
      code: 'invalid_config',
    });
  return checkedEntry(entry);
}

function checkedEntry(file: string): string {
  if (EXTENSIONS.includes(extname(file))) return file;
  throw new CliError(`Cannot take ${basename(file)} as an entry module must end in ${EXTENSIONS.join(', ')}`);
}

/** The file's own name; for `index.js` that of its folder. */
function nameFrom(file: string): string {
  const own = basename(file, extname(file));
  const name = own === 'index' || own === 'main' ? basename(dirname(file)) : own;
  const fitting = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 63);
  if (fitting === '') throw new CliError(`Cannot make a name from ${basename(file)}: give one with --name`);
  return fitting;
}
