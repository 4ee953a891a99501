// JavaScript and TypeScript as a language of tine. The bundler is loaded with the first compile: the processes that
// only need the words of `#runtime` do not pay for it (20 ms, and over 1 GB of address space).
import type { CompileOptions, Language } from '../language.ts';
import type { UploadBundle } from './bundle-upload.ts';

export const javascript: Language = {
  name: 'javascript',
  async bundle() {
    const { bundleText } = await import('./bundle-text.ts');
    return bundleText();
  },
  async prepare() {
    const { compile } = await import('./compile.ts');
    // The first compile of a process starts the bundler's threads and its caches.
    await compile([{ path: 'prepare.ts', text: 'const one: number = 1; export default { one };' }], {});
  },
  async compile(modules, options) {
    const { compile } = await import('./compile.ts');
    return compile(modules, options);
  },
};

/** See `bundle-upload.ts`. @throws CompileError */
export async function bundleForUpload(entryFile: string, options: CompileOptions = {}): Promise<UploadBundle> {
  const upload = await import('./bundle-upload.ts');
  return upload.bundleForUpload(entryFile, options);
}

/** See `process-scripts.ts`. */
export async function makeProcessScripts<Name extends string>(
  entries: Readonly<Record<Name, string>>,
  folder: string,
): Promise<Record<Name, string>> {
  const scripts = await import('./process-scripts.ts');
  return scripts.makeProcessScripts(entries, folder);
}
