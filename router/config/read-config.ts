// Finds and reads the file of a program's configuration. What is in it is for `resolve.ts`.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { TineError } from '#sandbox';

const CONFIG_NAMES = ['wrangler-like.config.json', 'wrangler.json', 'wrangler.jsonc'] as const;

const TOML = 'wrangler.toml';

export interface ConfigText {
  /** Absolute. */
  path: string;
  /** Absolute; `main` is relative to it. */
  folder: string;
  /** For people: relative to the working folder. */
  shown: string;
  text: string;
}

/** The first configuration in `folder` or above it; undefined when there is none.
 * @throws TineError `invalid_config` when there is a `wrangler.toml` and nothing else, or the file cannot be read */
export function findConfig(folder: string): ConfigText | undefined {
  for (let here = resolve(folder); ; here = dirname(here)) {
    const name = [...CONFIG_NAMES, TOML].find((one) => existsSync(join(here, one)));
    if (name !== undefined) return readConfig(join(here, name));
    if (dirname(here) === here) return undefined;
  }
}

/** @throws TineError `invalid_config` */
export function readConfig(file: string): ConfigText {
  const path = resolve(file);
  const shown = relative(process.cwd(), path) || path;
  if (basename(path) === TOML || path.endsWith('.toml')) {
    throw unreadable(shown, `${basename(path)} is not read; save it as wrangler.jsonc`);
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw unreadable(shown, `Cannot read ${shown}: ${(error as NodeJS.ErrnoException).code ?? error}`, error);
  }
  try {
    return { path, folder: dirname(path), shown, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    throw unreadable(shown, `Cannot read ${shown}: it must be UTF-8`, error);
  }
}

function unreadable(file: string, text: string, cause?: unknown): TineError {
  return new TineError('invalid_config', text, { details: { text, file }, cause });
}
