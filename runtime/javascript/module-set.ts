// The modules of one upload, as a bundler sees them: looked up by path, with their own source maps taken off. Nothing
// here, and nothing that asks here, reads a disk.
import { posix } from 'node:path';
import { CompileError, type CompileOptions, type SourceModule } from '../language.ts';
import { EXTENSIONS } from './module-kind.ts';
import { SourceMapper } from './source-map.ts';

export interface UploadedModule {
  path: string;
  /** Without byte order mark and without the comment that names the map. */
  text: string;
  /** Source map (JSON) that the module carried inline: it was bundled on its author's machine. */
  map?: string;
}

/** A place in what the author wrote, as far as the module's own map reaches. Line and column from 1. */
export interface AuthorPlace {
  file: string;
  line: number;
  column: number;
  frame?: string;
}

const INLINE_MAP = /^\/\/[#@] sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([A-Za-z0-9+/=]+)\s*$/m;

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
    if (!/^\.{0,2}\//.test(specifier)) return undefined;
    if (specifier.startsWith('/')) return this.#find(posix.normalize(specifier.slice(1)));
    return this.#find(posix.join(posix.dirname(importer), specifier));
  }

  /** From a place in a module as it was uploaded to the place in what its author wrote. */
  author(path: string, line: number, column: number): AuthorPlace {
    const module = this.#modules.get(path);
    const mapper = new SourceMapper(module?.map ?? SourceMapper.identity(path, module?.text ?? ''));
    const place = module?.map === undefined ? { file: path, line, column } : mapper.place(line, column);
    // A map says how its sources lie relative to the module that carries it.
    const file = module?.map !== undefined && place ? posix.join(posix.dirname(path), place.file) : path;
    if (place === undefined) return { file: path, line, column };
    const frame = mapper.frame(place);
    return { ...place, file, ...(frame === undefined ? {} : { frame }) };
  }

  #add({ path, text }: SourceModule): void {
    const normal = posix.normalize(path);
    if (path === '' || normal.startsWith('/') || normal.startsWith('..')) {
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

function takeMap(path: string, text: string): UploadedModule {
  const at = text.lastIndexOf('sourceMappingURL=data:application/json;');
  const comment = at < 0 ? null : INLINE_MAP.exec(text.slice(text.lastIndexOf('\n', at) + 1));
  if (comment === null) return { path, text };
  const map = Buffer.from(comment[1] ?? '', 'base64').toString('utf8');
  const code = `${text.slice(0, text.lastIndexOf('\n', at) + 1)}`;
  return SourceMapper.isMap(map) ? { path, text: code, map } : { path, text: code };
}
