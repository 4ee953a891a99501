// What a module is: by the program's `rules`, then by its extension. Says how rolldown reads it, and turns what is
// not JavaScript (text, data) into a module.
import { posix } from 'node:path';
import type { CompileOptions } from '../language.ts';
import type { Syntax } from './module-syntax.ts';

export type ModuleKind = 'js' | 'jsx' | 'ts' | 'tsx' | 'json' | 'text' | 'data';

/** Extensions in the order in which an import without one tries them. */
export const EXTENSIONS = ['.ts', '.tsx', '.js', '.jsx', '.mjs', '.cjs', '.mts', '.cts', '.json'] as const;

/** JSX is read in `.js` files too, as in wrangler. */
const BY_EXTENSION: Readonly<Record<string, ModuleKind>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'jsx',
  '.mjs': 'jsx',
  '.cjs': 'jsx',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
  '.html': 'text',
  '.sql': 'text',
  '.md': 'text',
  '.bin': 'data',
};

const BY_RULE = { ESModule: 'jsx', CommonJS: 'jsx', Text: 'text', Data: 'data' } as const;

/** The kind of a module, or undefined when nothing says what such a file is. */
export function kindOf(path: string, rules: CompileOptions['rules'] = []): ModuleKind | undefined {
  for (const rule of rules) {
    if (rule.globs.some((glob) => posix.matchesGlob(path, glob))) return BY_RULE[rule.type];
  }
  return BY_EXTENSION[posix.extname(path).toLowerCase()];
}

/** How a module of this kind is written, or undefined when it is no program text. */
export function syntaxOf(kind: ModuleKind | undefined): Syntax | undefined {
  if (kind === 'js') return 'jsx';
  return kind === 'jsx' || kind === 'ts' || kind === 'tsx' ? kind : undefined;
}

/** The source of a module whose default export is an ArrayBuffer with these bytes. */
export function dataModule(bytes: Uint8Array): string {
  // Two characters a byte, decoded without any Web API: the module must evaluate anywhere.
  const hex = Buffer.from(bytes).toString('hex');
  return `const hex = "${hex}";
const bytes = new Uint8Array(hex.length / 2);
for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
export default bytes.buffer;
`;
}
