// House rules about tests: each source file has one beside it, and each error code and each limit is in the title of
// one. A limit without a test is not a limit.
import { isProduct, isTest, type SourceFile } from './source.ts';

/** Files without a test beside them, and why. The list may only get shorter. */
export const NO_TEST_OF_ITS_OWN: Readonly<Record<string, string>> = {
  'runtime/language.ts': 'an interface',
  'runtime/web/protocol.ts': 'types and constants of the wall',
  'sandbox/outcome.ts': 'one list of words',
  'sandbox/program.ts': 'types',
  'sandbox/ops/op.ts': 'types',
};

/** @param list paths that need no test of their own */
export function testsBeside(
  files: readonly SourceFile[],
  list: Readonly<Record<string, string>> = NO_TEST_OF_ITS_OWN,
): string[] {
  const paths = new Set(files.map(({ path }) => path));
  const tested = (path: string) => ['.test.ts', '.contract.ts'].some((end) => paths.has(path.replace(/\.[jt]s$/, end)));
  const missing = [...paths]
    // `index.ts` has no logic, and `main.ts` only wires: what it wires is tested, and e2e starts it.
    .filter((path) => isProduct(path) && !isTest(path) && !/(?:^|\/)(?:index|main)\.ts$|\.d\.ts$/.test(path))
    .filter((path) => !tested(path) && !Object.hasOwn(list, path))
    .map((path) => `${path} has no test beside it`);
  const stale = Object.keys(list)
    .filter((path) => !paths.has(path) || tested(path))
    .map((path) => `${path} has a test, or is gone: take it off the list`);
  return [...missing, ...stale];
}

/** The titles of all tests, joined. */
export function titles(files: readonly SourceFile[]): string {
  return files
    .filter(({ path }) => isTest(path))
    .flatMap(({ text }) => [...text.matchAll(/\btest(?:\.\w+)*\(\s*(['"`])(.*?)\1,?\s/gs)].map((match) => match[2]))
    .join('\n');
}

/** Codes in `errors.ts` that no title names. */
export function unprovedCodes(files: readonly SourceFile[], path = 'sandbox/errors.ts'): string[] {
  return unnamed(files, namesIn(files, path, /^ {2}(\w+): \{ status/gm), (code) => [code]).map(
    (code) => `code ${code}`,
  );
}

/** Limits in `limits.ts` that no title names, in the form of the code (`cpuMs`) or of the configuration (`cpu_ms`). */
export function unprovedLimits(files: readonly SourceFile[], path = 'sandbox/limits.ts'): string[] {
  const names = [
    ...namesIn(files, path, /^ {2}(\w+): \{ default/gm),
    ...namesIn(files, path, /^ {2}(\w+): [\d._]+,$/gm),
  ];
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return unnamed(files, names, (name) => [name, snake(name)]).map((name) => `limit ${name}`);
}

function namesIn(files: readonly SourceFile[], path: string, pattern: RegExp): string[] {
  const text = files.find((file) => file.path === path)?.text ?? '';
  const names = [...text.matchAll(pattern)].map((match) => match[1]!);
  if (names.length === 0) throw new Error(`${path} must list names: found none`);
  return names;
}

function unnamed(files: readonly SourceFile[], names: readonly string[], forms: (name: string) => string[]): string[] {
  const all = titles(files);
  return names.filter((name) => !forms(name).some((form) => new RegExp(`(?<![\\w])${form}(?![\\w])`).test(all)));
}
