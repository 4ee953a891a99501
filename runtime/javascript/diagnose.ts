// What the bundler complains about, as a CompileError in our words, at the place where the author wrote it.
import { isBuiltin } from 'node:module';
import type { RolldownError, RolldownLog } from 'rolldown';
import { CompileError, type CompileErrorCode, type CompileErrorPlace, type CompileWarning } from '../language.ts';

/** From a place in a module (line and column from 1) to what its author wrote, with a frame; without a line the file. */
export type FindAuthor = (id: string, line?: number, column?: number) => CompileErrorPlace;

const OWN_WORDS: Readonly<Record<string, string>> = {
  INVALID_TLA_FORMAT:
    'top-level await is not available: the top level runs once, before any request; move it into a handler',
  INVALID_DEFINE_CONFIG:
    'each value of "define" must be a JavaScript constant or name: a string needs quotes of its own',
};

/** Warnings that say nothing to the author of a program. */
const QUIET = new Set([
  'MISSING_GLOBAL_NAME',
  'MISSING_NAME_OPTION_FOR_IIFE_EXPORT',
  'CONFIGURATION_FIELD_CONFLICT',
  'PREFER_BUILTIN_FEATURE',
  'PLUGIN_TIMINGS',
]);

/** The first complaint of a failed build. Errors that are none of the source's doing come back as they are. */
export function diagnose(error: unknown, author: FindAuthor): unknown {
  const [first] = (error as { errors?: RolldownError[] } | null)?.errors ?? [];
  if (first === undefined) return error;
  // An error of a plugin of ours comes through, with the bundler's code written over its own.
  if (first instanceof CompileError) return new CompileError(ownCode(first), first.message, first.place);
  if (first.code === 'PLUGIN_ERROR') return first;
  return new CompileError('compile_error', wording(first), placeOf(first, author));
}

/** A complaint that does not stop the build, or undefined when it is none of the author's business. */
export function warning(log: RolldownLog, author: FindAuthor): CompileWarning | undefined {
  if (log.code === undefined || QUIET.has(log.code)) return undefined;
  const { file, line, column } = placeOf(log, author);
  if (file?.includes('node_modules/')) return undefined;
  return {
    code: log.code.toLowerCase(),
    text: wording(log),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

/** Why an import cannot be followed, and what to do about it. */
export function importProblem(specifier: string, packages: 'bundled here' | 'bundled before'): string {
  const action = `cannot import ${JSON.stringify(specifier)}`;
  if (specifier.startsWith('node:') || isBuiltin(specifier)) return `${action}: tine has no Node.js built-ins`;
  if (specifier.startsWith('cloudflare:')) return `${action}: modules of the Workers runtime are not available`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return `${action}: modules are not loaded from URLs`;
  if (/^(?:#|\.{1,2}$|\.{0,2}\/)/.test(specifier)) return `${action}: there is no such module in the program`;
  if (packages === 'bundled before') {
    return `${action}: packages are not part of an upload; \`tine deploy\` bundles npm packages on the author's machine`;
  }
  return `${action}: the package "${packageOf(specifier)}" is not installed, or has no such entry; try \`npm install ${packageOf(specifier)}\``;
}

/** Why a file cannot be a module. */
export function kindProblem(path: string): string {
  if (path.endsWith('.wasm')) return `cannot read "${path}": WebAssembly is not available`;
  return `cannot read "${path}": no rule says what such a file is`;
}

/** `@scope/name` or `name` of a bare import. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The bundler's text is a heading, a drawing, and help: we keep the words. */
function wording(log: RolldownLog): string {
  const own = OWN_WORDS[log.code ?? ''];
  if (own !== undefined) return own;
  const heading = (log.message.split('\n', 1)[0] ?? '').replace(/^\[[A-Z_]+\] /, '').replace(/\.$/, '');
  const help = /│ Help: ([^\n]+)/.exec(log.message)?.[1]?.replace(/\.$/, '');
  return help === undefined ? heading : `${heading} (${help})`;
}

function placeOf(log: RolldownLog, author: FindAuthor): CompileErrorPlace {
  const path = log.loc?.file ?? log.id;
  if (path === undefined) return {};
  // The bundler counts columns from 0.
  return log.loc === undefined ? author(path) : author(path, log.loc.line, log.loc.column + 1);
}

function ownCode(error: CompileError & { pluginCode?: unknown }): CompileErrorCode {
  return error.pluginCode === 'unresolved_import' ? 'unresolved_import' : 'compile_error';
}
