// What tine refuses although the bundler lets it pass, and where in the author's source it stands.
import { CompileError, type CompileErrorPlace, type CompileWarning } from '../language.ts';
import { type FindAuthor, importProblem } from './diagnose.ts';
import { type ModuleKind, syntaxOf } from './module-kind.ts';
import { exportedTwice, importSites, lineAndColumn } from './module-syntax.ts';
import type { Script } from './script.ts';
import { SourceMapper, type SourcePlace } from './source-map.ts';

/** A module as it is read. */
export interface ReadModule {
  path: string;
  text: string;
  kind: ModuleKind | undefined;
}

/** An import that leads nowhere, at its place in the importing module. */
export function unresolved(problem: string, specifier: string, importer: ReadModule, author: FindAuthor): CompileError {
  const syntax = syntaxOf(importer.kind);
  const sites = syntax === undefined ? [] : importSites(importer.text, syntax);
  const site = sites.find((one) => one.specifier === specifier);
  // Without a site it was an import that the compiler has added, as the automatic JSX runtime does.
  const place = site === undefined ? author(importer.path) : placeIn(importer, site.offset, author);
  return new CompileError('unresolved_import', problem, place);
}

/** ECMAScript forbids two exports of one name; the bundler would take the last. @throws CompileError */
export function refuseDoubleExports(module: ReadModule, author: FindAuthor): void {
  const syntax = syntaxOf(module.kind);
  const found = syntax === undefined ? undefined : exportedTwice(module.text, syntax);
  if (found === undefined) return;
  const place = placeIn(module, found.offset, author);
  throw new CompileError('compile_error', `the name "${found.name}" is exported twice`, place);
}

/**
 * `import()` of a name that is known only at run time is still there in the script, and could never load anything. In
 * a package it is most often a way that is never taken: a warning. In the program itself: @throws CompileError
 */
export function checkLeftImports({ code, map }: Script): CompileWarning[] {
  if (!/\bimport\s*\(/.test(code)) return [];
  const mapper = new SourceMapper(map);
  const warnings: CompileWarning[] = [];
  for (const { kind, offset } of importSites(code, 'jsx')) {
    if (kind !== 'dynamic') continue;
    const { line, column } = lineAndColumn(code, offset);
    const place = mapper.place(line, column);
    const text = 'import() needs a constant string: modules cannot be loaded while the program runs';
    if (!place?.file.includes('node_modules/')) throw new CompileError('compile_error', text, framed(mapper, place));
    warnings.push({ code: 'dynamic_import', text, ...place });
  }
  return warnings;
}

/** What is asked of the world outside when the program runs: there is none. @throws CompileError */
export function refuseExternals(specifiers: readonly string[]): void {
  const [first] = specifiers;
  if (first === undefined) return;
  throw new CompileError('unresolved_import', importProblem(first, 'bundled before'));
}

function framed(mapper: SourceMapper, place: SourcePlace | undefined): CompileErrorPlace {
  const frame = place === undefined ? undefined : mapper.frame(place);
  return { ...place, ...(frame === undefined ? {} : { frame }) };
}

function placeIn({ path, text }: ReadModule, offset: number, author: FindAuthor): CompileErrorPlace {
  const { line, column } = lineAndColumn(text, offset);
  return author(path, line, column);
}
