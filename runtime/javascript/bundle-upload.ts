// On the author's machine: from an entry file and its packages in `node_modules` to one ES module that can be
// uploaded, with its source map inline. Only joins and translates; what makes it a script of tine is `compile.ts`,
// where it is served.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { type InputOptions, type OutputChunk, type Plugin, rolldown } from 'rolldown';
import {
  CompileError,
  type CompileErrorPlace,
  type CompileOptions,
  type CompileWarning,
  type SourceModule,
} from '../language.ts';
import { codeFrame } from './code-frame.ts';
import { inputOptions, isOwnHelper, watchModules } from './compile.ts';
import { diagnose, type FindAuthor, importProblem, kindProblem, packageOf, warning } from './diagnose.ts';
import { dataModule, EXTENSIONS, kindOf } from './module-kind.ts';
import { type ReadModule, refuseDoubleExports, unresolved } from './refusals.ts';
import { shownPath } from './script.ts';

export interface UploadBundle {
  /** What to upload: the entry, with everything it imports. */
  modules: SourceModule[];
  warnings: CompileWarning[];
  /** Absolute paths of the program's own files, without packages: a change of one of them makes a new bundle. */
  files: string[];
}

/** Stands for what a package asks for in passing (`require` in a `try`) and can do without. Throws when it runs. */
const MISSING = '\0tine:missing:';

/**
 * Bundles a program for upload. `options.resolveFrom` is the folder of the program: paths are relative to it; default
 * is the folder of the entry file.
 * @throws CompileError `compile_error` or `unresolved_import`, with the place in the author's source
 */
export async function bundleForUpload(entryFile: string, options: CompileOptions = {}): Promise<UploadBundle> {
  const entry = resolve(entryFile);
  const root = resolve(options.resolveFrom ?? dirname(entry));
  const shown = (id: string): string => shownFile(root, id);
  if (!isFile(entry)) throw new CompileError('compile_error', `cannot read the entry: no file ${shown(entry)}`);
  const author: FindAuthor = (id, line, column) => placeOnDisk(root, id, line, column);
  const warnings: CompileWarning[] = [];
  const files = new Set<string>();
  const tell = (one: CompileWarning | undefined): void => {
    if (one !== undefined) warnings.push(one);
  };
  try {
    await using bundler = await rolldown({
      ...diskOptions(root, options),
      input: entry,
      plugins: [fromDisk(root, options, author, tell), ownFiles(files, root, options, author), watchModules(tell)],
      onLog: (_level, log) => tell(warning(log, author)),
    });
    const { output } = await bundler.generate({
      format: 'esm',
      dir: dirname(entry),
      sourcemap: 'hidden',
      codeSplitting: false,
      comments: false,
      keepNames: options.keepNames ?? true,
    });
    const path = shown(entry).replace(/\.\w+$/, '.js');
    return { modules: [{ path, text: withMap(output[0], path, dirname(entry), shown) }], warnings, files: [...files] };
  } catch (error) {
    throw diagnose(error, author);
  }
}

function diskOptions(root: string, options: CompileOptions): InputOptions {
  const { transform: { jsx, ...transform } = {}, ...common } = inputOptions(options);
  const configured = options.jsxFactory !== undefined || options.jsxFragment !== undefined;
  return {
    ...common,
    cwd: root,
    // What the configuration says goes before `tsconfig.json`; where it says nothing, that one decides about JSX.
    tsconfig: true,
    transform: configured && jsx !== undefined ? { ...transform, jsx } : transform,
    resolve: {
      // As wrangler asks; without `browser` some packages offer nothing but their build for Node.js.
      conditionNames: ['workerd', 'worker', 'browser', 'import'],
      aliasFields: [['browser']],
      mainFields: ['module', 'main'],
      extensions: [...EXTENSIONS],
      extensionAlias: { '.js': ['.js', '.ts', '.tsx'], '.mjs': ['.mjs', '.mts'], '.jsx': ['.jsx', '.tsx'] },
      ...(options.alias === undefined ? {} : { alias: aliases(root, options.alias) }),
    },
    moduleTypes: { '.js': 'jsx', '.mjs': 'jsx', '.cjs': 'jsx' },
  };
}

/** An alias for a file is written relative to the program's folder. */
function aliases(root: string, alias: NonNullable<CompileOptions['alias']>): Record<string, string> {
  const absolute = (to: string): string => (/^\.{1,2}\//.test(to) ? join(root, to) : to);
  return Object.fromEntries(Object.entries(alias).map(([from, to]) => [from, absolute(to)]));
}

/** Resolves as the bundler does, and says why when that fails; reads texts and data by the rules. */
function fromDisk(
  root: string,
  { rules }: CompileOptions,
  author: FindAuthor,
  tell: (one: CompileWarning) => void,
): Plugin {
  return {
    name: 'tine:disk',
    async resolveId(specifier, importer, { kind }) {
      if (isOwnHelper(specifier) || importer === undefined) return null;
      const found = await this.resolve(specifier, importer, { kind, skipSelf: true });
      const usable = found !== null && found.external === false;
      if (usable && isReadable(shownFile(root, found.id), rules)) return found;
      const problem = usable ? kindProblem(shownFile(root, found.id)) : problemOnDisk(specifier, importer);
      if (kind !== 'import-statement' && importer.includes(`${sep}node_modules${sep}`)) {
        tell({ code: 'missing_in_package', text: `${problem}; it throws when the package gets there` });
        return MISSING + problem;
      }
      throw unresolved(problem, specifier, read(importer, rules, root), author);
    },
    load(id) {
      if (id.startsWith(MISSING)) {
        return { code: `throw new Error(${JSON.stringify(id.slice(MISSING.length))});`, moduleType: 'js' };
      }
      if (isOwnHelper(id)) return null;
      const path = shownFile(root, id);
      const kind = kindOf(path, rules);
      if (kind === 'data') return { code: dataModule(readFileSync(id)), moduleType: 'js' };
      // The bundler knows by itself what its own extensions mean.
      if (kind === undefined || (kind !== 'text' && kind === kindOf(path))) return null;
      return { code: readFileSync(id, 'utf8'), moduleType: kind };
    },
  };
}

/** Notes which files are the author's own, and looks at them as `compile` would. */
function ownFiles(files: Set<string>, root: string, { rules }: CompileOptions, author: FindAuthor): Plugin {
  return {
    name: 'tine:own',
    transform(text, id) {
      if (isOwnHelper(id) || id.includes(`${sep}node_modules${sep}`)) return;
      files.add(id);
      refuseDoubleExports({ path: id, text, kind: kindOf(shownFile(root, id), rules) }, author);
    },
  };
}

/** Packages have files with odd extensions; what is surely no program is refused there too. */
function isReadable(path: string, rules: CompileOptions['rules']): boolean {
  if (kindOf(path, rules) !== undefined) return true;
  return path.startsWith('node_modules/') && !/\.(?:css|wasm|node)$/.test(path);
}

function problemOnDisk(specifier: string, importer: string): string {
  const problem = importProblem(specifier, 'bundled here');
  const name = packageOf(specifier);
  if (!problem.includes('npm install') || !isInstalled(name, importer)) return problem;
  return `cannot import "${specifier}": the package "${name}" is installed, but has no such entry for the Web platform`;
}

function isInstalled(name: string, importer: string): boolean {
  for (let folder = dirname(importer); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true;
    if (folder === dirname(folder)) return false;
  }
}

function read(id: string, rules: CompileOptions['rules'], root: string): ReadModule {
  return { path: id, text: isFile(id) ? readFileSync(id, 'utf8') : '', kind: kindOf(shownFile(root, id), rules) };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function placeOnDisk(root: string, id: string, line?: number, column?: number): CompileErrorPlace {
  if (line === undefined || column === undefined) return { file: shownFile(root, id) };
  const frame = isFile(id) ? codeFrame(readFileSync(id, 'utf8'), line, column) : undefined;
  return { file: shownFile(root, id), line, column, ...(frame === undefined ? {} : { frame }) };
}

/** A path for people, and for the map: relative to the program, a package's from `node_modules/` on. Never absolute. */
function shownFile(root: string, id: string): string {
  const path = relative(root, id).split(sep).join('/');
  const packages = path.lastIndexOf('node_modules/');
  return packages < 0 ? shownPath(path) : path.slice(packages);
}

/** The module with its map as a comment. The sources of packages are named in it, but not contained. */
function withMap({ code, map }: OutputChunk, path: string, folder: string, shown: (id: string) => string): string {
  if (map === null) return code;
  const files = map.sources.map((source) => shown(resolve(folder, source)));
  const slim = {
    version: 3,
    // By the rules of source maps: relative to what carries the map.
    sources: files.map((file) => posix.relative(posix.dirname(path), file)),
    sourcesContent: files.map((file, at) => (file.startsWith('node_modules/') ? null : map.sourcesContent?.[at])),
    names: map.names,
    mappings: map.mappings,
  };
  const base64 = Buffer.from(JSON.stringify(slim)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${base64}\n`;
}
