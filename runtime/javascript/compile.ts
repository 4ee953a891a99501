// From the modules of an upload to one classic script, with rolldown. Works on memory only: every import is answered
// from the upload, nothing is looked up on a disk. Packages are bundled on the author's machine (`bundle-upload.ts`).
// Program transforms, should there be any, are further plugins of the list below: both a fresh and a kept context
// run what comes out here.
import { type InputOptions, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import {
  type Compiled,
  CompileError,
  type CompileOptions,
  type CompileWarning,
  type SourceModule,
} from '../language.ts';
import { diagnose, type FindAuthor, importProblem, kindProblem, warning } from './diagnose.ts';
import { dataModule, kindOf } from './module-kind.ts';
import { ModuleSet } from './module-set.ts';
import { checkLeftImports, type ReadModule, refuseDoubleExports, refuseExternals, unresolved } from './refusals.ts';
import { OUTPUT_NAME, toScript } from './script.ts';

/** Ids inside the bundler are absolute: it leaves them as they are. */
const idOf = (path: string): string => `/${path}`;
const pathOf = (id: string): string => id.replace(/^\//, '');

/**
 * One script that defines the lexical constant `tine_program`, the exports of the first module, and nothing else.
 * @throws CompileError `compile_error` or `unresolved_import`, with the place in the author's source
 */
export async function compile(modules: readonly SourceModule[], options: CompileOptions): Promise<Compiled> {
  const set = new ModuleSet(modules, options.alias);
  const author: FindAuthor = (id, line, column) =>
    line === undefined || column === undefined ? { file: pathOf(id) } : set.author(pathOf(id), line, column);
  const warnings: CompileWarning[] = [];
  const tell = (one: CompileWarning | undefined): void => {
    if (one !== undefined) warnings.push(one);
  };
  let entryFormat: EntryFormat = 'unknown';
  const memory = fromMemory(set, options, author, tell);
  const watch = watchModules(tell, (format) => {
    entryFormat = format;
  });
  try {
    await using bundler = await rolldown({
      ...inputOptions(options),
      input: idOf(set.entry),
      plugins: [memory, watch],
      onLog: (_level, log) => tell(warning(log, author)),
    });
    const { output } = await bundler.generate(outputOptions(options));
    refuseExternals([...output[0].imports, ...output[0].dynamicImports]);
    const script = toScript(output[0], entryFormat);
    return { ...script, warnings: [...warnings, ...checkLeftImports(script)] };
  } catch (error) {
    throw diagnose(error, author);
  }
}

/** Packages for any runtime ask this; there is no `process` to answer. */
const DEFINED = { 'process.env.NODE_ENV': '"production"' };

/** What this compiler and `bundleForUpload` tell the bundler alike. */
export function inputOptions({ define, jsxFactory, jsxFragment }: CompileOptions): InputOptions {
  return {
    cwd: '/',
    platform: 'neutral',
    tsconfig: false,
    logLevel: 'warn',
    transform: {
      target: 'es2024',
      decorator: { legacy: true },
      jsx: {
        runtime: 'classic',
        pragma: jsxFactory ?? 'React.createElement',
        pragmaFrag: jsxFragment ?? 'React.Fragment',
      },
      define: { ...DEFINED, ...define },
    },
  };
}

function outputOptions({ minify = false, keepNames = true }: CompileOptions): OutputOptions {
  return {
    format: 'iife',
    name: OUTPUT_NAME,
    exports: 'named',
    dir: '/',
    // Modules are strict code; printed as a script they would not be.
    strict: true,
    sourcemap: 'hidden',
    codeSplitting: false,
    comments: false,
    minify,
    keepNames,
  };
}

/** Answers every import from the upload, so that the bundler never looks for a file. */
function fromMemory(
  set: ModuleSet,
  { rules }: CompileOptions,
  author: FindAuthor,
  tell: (one: CompileWarning) => void,
): Plugin {
  const read = (path: string): ReadModule => ({ path, text: set.get(path)?.text ?? '', kind: kindOf(path, rules) });
  return {
    name: 'tine:memory',
    resolveId(specifier, importer) {
      if (isOwnHelper(specifier)) return null;
      if (importer === undefined) return specifier;
      const found = set.resolve(specifier, pathOf(importer));
      if (found !== undefined && kindOf(found, rules) !== undefined) return idOf(found);
      const problem = found === undefined ? importProblem(specifier, 'bundled before') : kindProblem(found);
      throw unresolved(problem, specifier, read(pathOf(importer)), author);
    },
    load(id) {
      if (isOwnHelper(id)) return null;
      const path = pathOf(id);
      const { text, kind } = read(path);
      const { map, damaged } = set.get(path) ?? {};
      if (kind === undefined) throw new CompileError('compile_error', kindProblem(path), { file: path });
      if (kind === 'data') return { code: dataModule(Buffer.from(text)), moduleType: 'js' };
      if (damaged) tell({ ...DAMAGED_MAP, file: path });
      // What carries a map has been through `bundleForUpload`, which has looked.
      if (map === undefined) refuseDoubleExports({ path, text, kind }, author);
      return { code: text, moduleType: kind, ...(map === undefined ? {} : { map }) };
    },
  };
}

const DAMAGED_MAP: CompileWarning = { code: 'damaged_source_map', text: 'the source map in the module cannot be used' };

/** What the bundler brings with it: its own runtime, and the helpers that lowered syntax calls. Nothing else may get
 * past the plugins, as the bundler would look for it on the disk. */
export function isOwnHelper(id: string): boolean {
  return /^\0rolldown\/runtime\.js$|^(?:\0@oxc-project\+runtime@[\d.]+|@oxc-project\/runtime)\/helpers\/(?:esm\/)?\w+(?:\.js)?$/.test(
    id,
  );
}

type EntryFormat = 'es' | 'cjs' | 'unknown';

/** Looks at each module once it is parsed: how the entry is written, and what deserves a warning. */
export function watchModules(tell: (one: CompileWarning) => void, entry?: (format: EntryFormat) => void): Plugin {
  return {
    name: 'tine:watch',
    moduleParsed({ id, isEntry, inputFormat }) {
      if (isEntry) entry?.(inputFormat);
      if (!id.includes('/helpers/esm/decorate.js')) return;
      const text = 'decorators are compiled as with "experimentalDecorators" of TypeScript, not as those of ECMAScript';
      tell({ code: 'legacy_decorators', text });
    },
  };
}
