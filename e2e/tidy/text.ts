// House rules about the text of a file: nothing left for later, no silenced tool without a reason, no path of one
// machine; and how long its functions are.
import { isProduct, isTest, type SourceFile } from './source.ts';

/** Calls `rule` with each line; it says what is wrong with it. */
function eachLine(files: readonly SourceFile[], rule: (line: string) => string | undefined): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const problem = rule(line);
      return problem === undefined ? [] : [`${path}:${index + 1}: ${problem}`];
    }),
  );
}

/** What is not done is in the closing note, not in the code. */
export function leftOver(files: readonly SourceFile[]): string[] {
  return eachLine(files, (line) => /\b(?:FIXME|TODO|XXX|HACK)\b/.exec(line)?.[0]);
}

/** `biome-ignore rule: why`, `@ts-expect-error why`, `c8 ignore next -- why`; `@ts-ignore` and `@ts-nocheck` never. */
export function suppressions(files: readonly SourceFile[]): string[] {
  return eachLine(files, (line) => {
    if (/@ts-(?:ignore|nocheck)/.test(line)) return 'take @ts-expect-error, which fails once it is not needed';
    if (/biome-ignore/.test(line) && !/biome-ignore(?:-\w+)? [\w/]+: \S.{9}/.test(line))
      return 'biome-ignore without a reason';
    if (/@ts-expect-error/.test(line) && !/@ts-expect-error:? \S.{9}/.test(line))
      return '@ts-expect-error without a reason';
    return /c8 ignore/.test(line) && !/c8 ignore [\w ]+ -- \S.{9}/.test(line)
      ? 'c8 ignore without a reason'
      : undefined;
  });
}

/** The product knows no folder outside its own. */
export function foreignPaths(files: readonly SourceFile[]): string[] {
  const product = files.filter(({ path }) => isProduct(path) && !isTest(path));
  return eachLine(product, (line) => /\/work\/|\.\.\/shared\b/.exec(line)?.[0]);
}

/** A skipped or exclusive test proves nothing; one that skips for want of something outside does so while it runs. */
export function idleTests(files: readonly SourceFile[]): string[] {
  const tests = files.filter(({ path }) => isTest(path));
  return eachLine(tests, (line) => /\btest(?:\.\w+)*\.(?:skip|todo|only|failing)\(/.exec(line)?.[0]);
}

/** `path:line name: n lines`, for functions above the budget. Formatted code ends a block at the indent it began with. */
export function longFunctions(files: readonly SourceFile[], linesMax: number): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, index) => {
      const start =
        /^(\s*)(?:export |default |async |static |override |get |set )*(?:function\*? (\w+)|(#?\w+)\(|const (\w+) = .*=>)/.exec(
          line,
        );
      if (start === null || /^\s*(?:if|for|while|switch|return|await|test)\b/.test(line)) return [];
      const indent = start[1]!;
      const length = lines.slice(index).findIndex((later) => later.startsWith(`${indent}}`)) + 1;
      const opens = line.endsWith('{') || line.endsWith('(');
      return opens && length > linesMax
        ? [`${path}:${index + 1} ${start[2] ?? start[3] ?? start[4]}: ${length} lines`]
        : [];
    });
  });
}
