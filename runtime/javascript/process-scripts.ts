// Makes plain JavaScript of the entry points of tine's own child processes, once at start. Node could run their
// TypeScript as it is, but each of them would load Node's type stripper for it: 40 MB and 50 ms for every executor.
// Native packages stay where they are and are imported by their paths.
import { isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/**
 * Writes one script for each entry, and the chunks they share, into `folder`.
 * @param entries absolute path by name
 * @returns absolute path of the script by name
 */
export async function makeProcessScripts<Name extends string>(
  entries: Readonly<Record<Name, string>>,
  folder: string,
): Promise<Record<Name, string>> {
  const built = await rolldown({
    input: entries,
    platform: 'node',
    tsconfig: false,
    plugins: [
      {
        name: 'packages-by-path',
        resolveId: (id) =>
          isPackage(id) ? { id: fileURLToPath(import.meta.resolve(id)), external: 'absolute' } : null,
      },
    ],
  });
  try {
    await built.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
    });
  } finally {
    await built.close();
  }
  const names = Object.keys(entries) as Name[];
  return Object.fromEntries(names.map((name) => [name, join(folder, `${name}.mjs`)])) as Record<Name, string>;
}

function isPackage(id: string): boolean {
  return !isBuiltin(id) && !isAbsolute(id) && !id.startsWith('.') && !id.startsWith('#');
}
