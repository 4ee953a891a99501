// From a document to a list of problems, each a whole sentence: the issues of the schema in our words, and the keys
// and values that tine refuses. Decides nothing about environments and defaults.
import type { z } from 'zod';
import { PUT_OFF, REFUSED, REFUSED_VALUES } from './answers.ts';
import type { ConfigDocument, Path, Problem } from './document.ts';
import { showPath } from './document.ts';
import { nearestName } from './name.ts';
import { type ConfigFile, configFile, NESTED_KEYS, TOP_ONLY } from './program-config.ts';
import { KNOWN_KEYS } from './schema-parts.ts';
import { suggest } from './unknown-keys.ts';

type Issue = z.core.$ZodIssue;

/** @returns the file, or all that is wrong with it in the order of the text */
export function checkDocument(document: ConfigDocument): ConfigFile | Problem[] {
  const parsed = configFile.safeParse(document.value);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, [], document));
  problems.push(...refusals(document));
  if (parsed.success && problems.length === 0) return parsed.data;
  // Of one key the first problem is the plainest: what comes after follows from it.
  const first = new Map(problems.toReversed().map((problem) => [problem.key, problem]));
  return [...first.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** `"limits.cpu_ms" (line 14) <rest>`, with its place. */
export function problemAt(path: Path, document: ConfigDocument, rest: string): Problem {
  const place = document.placeOf(path);
  const key = showPath(path);
  return { key, text: `"${key}"${place === undefined ? '' : ` (line ${place.line})`} ${rest}`, ...place };
}

/** `env.staging.routes[0].pattern` → `routes[].pattern`: the key as the tables of answers have it. */
export function tableKey(path: Path): string {
  const inner = path[0] === 'env' ? path.slice(2) : path;
  return showPath(inner).replaceAll(/\[\d+\]/g, '[]');
}

/** Calls `visit` for every key and element of the document. */
export function eachPath(value: unknown, visit: (path: Path, value: unknown) => void, path: Path = []): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    visit(here, inner);
    // What is below these is the author's own.
    if (!['vars', 'define', 'alias'].includes(key)) eachPath(inner, visit, here);
  }
}

function problemsOf(issue: Issue, base: Path, document: ConfigDocument): Problem[] {
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(path, key, issue.message, document));
  if (issue.code === 'invalid_union') {
    // The branch that took the value for what it is knows best; the others only say that it is something else.
    const fitting = issue.errors.filter((branch) =>
      branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    );
    if (fitting.length === 1) return fitting[0]!.flatMap((inner) => problemsOf(inner, path, document));
    const wrongInside = issue.errors.flat().find((inner) => inner.code === 'invalid_format' || inner.code === 'custom');
    return [wrongValue(path, wrongInside?.message ?? issue.message, document)];
  }
  return [wrongValue(path, issue.message, document)];
}

function wrongValue(path: Path, wanted: string, document: ConfigDocument): Problem {
  const written = document.writtenAt(path);
  if (written === undefined) return problemAt(path, document, `is missing: it must be ${wanted}.`);
  return problemAt(path, document, `must be ${wanted}; got ${written}.${betterName(path, document)}`);
}

/** Names of other systems may have `_` and capitals: say which name would pass. */
function betterName(path: Path, document: ConfigDocument): string {
  const written = document.writtenAt(path);
  if (!['name', 'namespace'].includes(tableKey(path)) || written === undefined || !written.startsWith('"')) return '';
  const name = nearestName(written);
  return name === undefined ? '' : ` "${name}" would do.`;
}

function unknownKey(path: Path, key: string, message: string, document: ConfigDocument): Problem {
  const here = [...path, key];
  if (Object.hasOwn(REFUSED, tableKey(here))) return refusedKey(here, document);
  const atTop = path.length === 0 || (path[0] === 'env' && path.length === 2);
  if (path.length > 0 && atTop && TOP_ONLY.includes(key)) {
    return problemAt(here, document, 'belongs at the top level only, where it counts for every environment.');
  }
  const known = message.startsWith(KNOWN_KEYS) ? message.slice(KNOWN_KEYS.length).split(' ') : [];
  const near = suggest(key, known);
  const meant = near === undefined ? (atTop ? nestedKey(key) : undefined) : showPath([...path, near]);
  return problemAt(
    here,
    document,
    `is not a configuration key.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
  );
}

function nestedKey(key: string): string | undefined {
  const last = (path: string): string => path.slice(path.indexOf('.') + 1);
  const near = suggest(key, NESTED_KEYS.map(last));
  return near === undefined ? undefined : NESTED_KEYS.find((path) => last(path) === near);
}

function refusedKey(path: Path, document: ConfigDocument): Problem {
  return problemAt(path, document, `is not supported: ${REFUSED[tableKey(path)]}`);
}

function refusals(document: ConfigDocument): Problem[] {
  const problems: Problem[] = [];
  eachPath(document.value, (path, value) => {
    const key = tableKey(path);
    if (Object.hasOwn(PUT_OFF, key) && !isEmpty(value))
      problems.push(problemAt(path, document, `is not supported: ${PUT_OFF[key]}`));
    const reason = Object.hasOwn(REFUSED_VALUES, key) ? REFUSED_VALUES[key]!(value) : undefined;
    if (reason !== undefined) {
      problems.push(problemAt(path, document, `cannot be ${document.writtenAt(path)}: ${reason}`));
    }
  });
  return problems;
}

/** Nothing, or a group of nothings. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((inner) => typeof inner === 'object' && inner !== null && isEmpty(inner));
}
