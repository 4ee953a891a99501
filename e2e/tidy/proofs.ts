// House rules about tests: each source file has one beside it, and each error code and each limit is in the title of
// one. A limit without a test is not a limit.
import { isProduct, isTest, type SourceFile, target } from './source.ts';

/** Files, or folders with all below them (`/` at the end), that no test beside them loads, and why. The list may only
 * get shorter. */
export const NO_TEST_OF_ITS_OWN: Readonly<Record<string, string>> = {
  'runtime/web/': 'guest code: what is useless alone is tested in a context, by way of the bundle',
  'runtime/tables/': 'made by hand, once; what they make is tested where it is used',
  'store/arguments.ts': 'each refusal is a case of store.contract.ts',
  'store/limits.ts': 'numbers, reached in store.contract.ts',
  'store/sqlite/create.ts': 'killed in the middle by kill.test.ts',
  'store/sqlite/inspect.ts': 'open.test.ts and bit-flips.test.ts damage what it looks at',
  'store/sqlite/lock.ts': 'a second process in busy.test.ts and open.test.ts',
  'store/sqlite/program-rows.ts': 'the tables behind sqlite-store.test.ts',
  'store/sqlite/read-rows.ts': 'the tables behind sqlite-store.test.ts',
  'store/sqlite/version-rows.ts': 'the tables behind sqlite-store.test.ts',
  'cli/settings-flags.ts': 'used by the tests of serve, and by e2e/dev.test.ts',
  'cli/commands/dev.ts': 'a server: e2e/dev.test.ts',
  'router/ingress/ingress.ts': 'wiring: every test of e2e',
  'router/serve.ts': 'wiring, and ends its process: every test of e2e starts it',
  'router/dev/dev.ts': 'ends its process: e2e/dev.test.ts starts it',
  'router/routes/': 'e2e/deploy, versions and traffic speak to each of them; control/app.test.ts to the parts',
  'sandbox/observer.ts': 'empty bodies',
  'sandbox/process-entries.ts': 'two paths',
  'sandbox/smoke.ts': 'started by smoke-test.test.ts',
  'sandbox/builder/job.ts': 'numbers of frames, used on both sides by builder.test.ts',
  'sandbox/ops/fetch-schema.ts': 'a schema, tested by outbox.test.ts',
};

/** A file is tested by the test of its name, or by another test in its folder that imports it: parts that are useless
 * alone are tested as one. Files of types alone have nothing to test.
 * @param list paths that need no test */
export function testsBeside(
  files: readonly SourceFile[],
  list: Readonly<Record<string, string>> = NO_TEST_OF_ITS_OWN,
): string[] {
  const tested = new Set(files.filter(({ path }) => isTest(path)).flatMap(testedBy));
  const missing = files
    // `index.ts` has no logic, and `main.ts` only wires: what it wires is tested, and e2e starts it.
    .filter(({ path }) => isProduct(path) && !isTest(path) && !/(?:^|\/)(?:index|main)\.ts$|\.d\.ts$/.test(path))
    .filter(({ path, text }) => !tested.has(path) && !listed(path, list) && doesSomething(text))
    .map(({ path }) => `${path} has no test beside it`);
  const paths = new Set(files.map(({ path }) => path));
  const stale = Object.keys(list)
    .filter((path) =>
      path.endsWith('/') ? !files.some((file) => file.path.startsWith(path)) : !paths.has(path) || tested.has(path),
    )
    .map((path) => `${path} has a test, or is gone: take it off the list`);
  return [...missing, ...stale];
}

function listed(path: string, list: Readonly<Record<string, string>>): boolean {
  return Object.keys(list).some((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));
}

/** The file of its name, and what it imports from its own folder. */
function testedBy({ path, imports }: SourceFile): string[] {
  const beside = imports.filter(({ from, typeOnly }) => /^\.\/[^/]+$/.test(from) && !typeOnly);
  const named = ['.ts', '.js'].map((end) => path.replace(/\.(?:test|contract)\.ts$/, end));
  return [...named, ...beside.map(({ from }) => target(path, from)!)];
}

/** Is there more than types? */
function doesSomething(text: string): boolean {
  return /^(?:export )?(?:default )?(?:abstract )?(?:async )?(?:const|let|function|class)\b/m.test(text);
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
