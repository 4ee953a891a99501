// The tree as the house rules see it: source files as text, and what each imports. Read without a parser: TypeScript 7
// offers none to programs, and the code is formatted by one tool, so lines are regular.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

export interface Import {
  /** As written: `./limits.ts`, `#sandbox`, `koa`. */
  from: string;
  /** Erased before it runs: `import type`, `export type`. */
  typeOnly: boolean;
}

export interface SourceFile {
  /** From the root of the repository: `sandbox/limits.ts`. */
  path: string;
  text: string;
  imports: Import[];
}

const FOLDERS = ['runtime', 'sandbox', 'router', 'store', 'cli', 'e2e', 'load', 'examples'];
const PRODUCT = new Set(['runtime', 'sandbox', 'router', 'store', 'cli']);

/** Every source file below the root, guest programs of tests left out. */
export function readTree(root: string): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter((path) => !/^e2e\/(?:guests\/|tidy)|^load\/(programs|reports)\/|\/node_modules\//.test(path))
      .map((path) => sourceFile(path, readFileSync(join(root, path), 'utf8'))),
  );
}

/** A file from its text; tests make up bad ones with it. */
export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, imports: importsOf(withoutComments(text)) };
}

/** `sandbox` of `sandbox/executor/main.ts`. */
export function folderOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

export function isProduct(path: string): boolean {
  return PRODUCT.has(folderOf(path));
}

export function isTest(path: string): boolean {
  return /\.(test|contract|fixture)\.ts$/.test(path);
}

/** The path that an import of our own code means; undefined for packages. */
export function target(path: string, from: string): string | undefined {
  if (from.startsWith('#')) return `${from.slice(1)}/index.ts`;
  return from.startsWith('.') ? join(dirname(path), from) : undefined;
}

/** `koa` of `koa/lib/context`, `@koa/router` of itself, `node:sqlite` of itself; undefined for our own code. */
export function packageOf(from: string): string | undefined {
  if (/^[.#/]/.test(from)) return undefined;
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/');
}

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  // `import … from 'x'` and `export … from 'x'`, over several lines too; neither word starts a line elsewhere.
  for (const [, type, from] of text.matchAll(/^(?:import|export)(\s+type)?\s[^'";]*?\sfrom\s+'([^']+)'/gm)) {
    found.push({ from: from!, typeOnly: type !== undefined });
  }
  for (const [, from] of text.matchAll(/^import\s+'([^']+)'/gm)) found.push({ from: from!, typeOnly: false });
  for (const [before, from] of text.matchAll(/(?:\btypeof\s+)?\b(?:import|require)\(\s*'([^']+)'/g)) {
    found.push({ from: from!, typeOnly: before.startsWith('typeof') });
  }
  return found;
}

/** Whole comment lines: an example in a comment is no import. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
}
