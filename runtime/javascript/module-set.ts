// The modules of one upload, as a bundler sees them: looked up by path, with their own source maps taken off. Nothing
// here, and nothing that asks here, reads a disk.
import { posix } from 'node:path';
import { CompileError, type CompileOptions, type SourceModule } from '../language.ts';
import { codeFrame } from './code-frame.ts';
import { EXTENSIONS } from './module-kind.ts';
import { shownPath } from './script.ts';
import { SourceMapper } from './source-map.ts';
import { isUsableMap } from './usable-map.ts';

export interface UploadedModule {
  path: string;
  /** Without byte order mark and without the comment that names the map. */
  text: string;
  /** Source map (JSON) that the module carried inline: it was bundled on its author's machine. */
  map?: string;
  /** The map that it carried was none. */
  damaged?: true;
}

/** A place in what the author wrote, as far as the module's own map reaches. Line and column from 1. */
export interface AuthorPlace {
  file: string;
  line: number;
  column: number;
  frame?: string;
}

const MAP_COMMENT = '//# sourceMappingURL=data:application/json;';

export class ModuleSet {
  readonly entry: string;
  readonly #modules = new Map<string, UploadedModule>();
  readonly #alias: Readonly<Record<string, string>>;

  /** The first module is the entry. @throws CompileError when there is none, or one cannot be text. */
  constructor(modules: readonly SourceModule[], alias: CompileOptions['alias'] = {}) {
    const [entry] = modules;
    if (entry === undefined) throw new CompileError('compile_error', 'an upload needs at least one module: got none');
    for (const module of modules) this.#add(module);
    this.entry = posix.normalize(entry.path);
    this.#alias = alias;
  }

  get(path: string): UploadedModule | undefined {
    return this.#modules.get(path);
  }

  /** Path of the module that `specifier` means when `importer` imports it, or undefined. */
  resolve(specifier: string, importer: string): string | undefined {
    const wanted = this.#aliased(specifier);
    if (wanted !== undefined) return this.#find(posix.normalize(wanted));
    if (!/^(?:\.{1,2}$|\.{0,2}\/)/.test(specifier)) return undefined;
    if (specifier.startsWith('/')) return this.#find(posix.normalize(specifier.slice(1)));
    return this.#find(posix.join(posix.dirname(importer), specifier));
  }

  /** From a place in a module as it was uploaded to the place in what its author wrote. */
  author(path: string, line: number, column: number): AuthorPlace {
    const { text = '', map } = this.#modules.get(path) ?? {};
    const mapper = map === undefined ? undefined : new SourceMapper(map);
    const place = mapper?.place(line, column);
    const frame = place === undefined ? codeFrame(text, line, column) : mapper?.frame(place);
    return {
      // A map says how its sources lie relative to the module that carries it.
      file: place === undefined ? path : shownPath(posix.join('/', posix.dirname(path), place.file)),
      line: place?.line ?? line,
      column: place?.column ?? column,
      ...(frame === undefined ? {} : { frame }),
    };
  }

  #add({ path, text }: SourceModule): void {
    const normal = posix.normalize(path);
    if (path === '' || normal.startsWith('/') || normal.startsWith('..') || /[\u0000-\u001f\u007f]/.test(path)) {
      throw new CompileError(
        'compile_error',
        `a module path must be relative and stay inside the program: got "${path}"`,
      );
    }
    if (this.#modules.has(normal)) throw new CompileError('compile_error', `two modules have the path "${normal}"`);
    const nul = text.indexOf('\0');
    if (nul >= 0) {
      const before = text.slice(0, nul).split('\n');
      const column = (before.at(-1) ?? '').length + 1;
      throw new CompileError('compile_error', 'a source must be text: found a NUL byte', {
        file: normal,
        line: before.length,
        column,
      });
    }
    this.#modules.set(normal, takeMap(normal, text.startsWith('\uFEFF') ? text.slice(1) : text));
  }

  #aliased(specifier: string): string | undefined {
    if (Object.hasOwn(this.#alias, specifier)) return this.#alias[specifier];
    for (const [from, to] of Object.entries(this.#alias)) {
      if (specifier.startsWith(`${from}/`)) return to + specifier.slice(from.length);
    }
    return undefined;
  }

  #find(path: string): string | undefined {
    if (this.#modules.has(path)) return path;
    for (const candidate of candidates(path)) if (this.#modules.has(candidate)) return candidate;
    return undefined;
  }
}

/** What an import may mean when there is no module of exactly that path, best first. */
function* candidates(path: string): Generator<string> {
  for (const extension of EXTENSIONS) yield path + extension;
  // TypeScript writes `./a.js` and means `./a.ts`.
  const written = /^(.*)\.([mc]?)js(x?)$/.exec(path);
  if (written) {
    yield `${written[1]}.${written[2]}ts${written[3]}`;
    if (written[2] === '' && written[3] === '') yield `${written[1]}.tsx`;
  }
  for (const extension of EXTENSIONS) yield posix.join(path, `index${extension}`);
}

/** Takes the map off a module: a comment that begins a line and has nothing after it. */
function takeMap(path: string, text: string): UploadedModule {
  const at = text.lastIndexOf(MAP_COMMENT);
  if (at < 0 || (at > 0 && text[at - 1] !== '\n')) return { path, text };
  const comment = text.slice(at + MAP_COMMENT.length).trim();
  if (comment.includes('\n') || !comment.includes('base64,')) return { path, text };
  const map = Buffer.from(comment.slice(comment.indexOf('base64,') + 'base64,'.length), 'base64').toString('utf8');
  const code = text.slice(0, at);
  return isUsableMap(map) ? { path, text: code, map } : { path, text: code, damaged: true };
}
