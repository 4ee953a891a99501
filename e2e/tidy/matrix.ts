// Which tests show which fault: test titles begin with the ids of the matrix in `docs/hazards.md` (`R07 cpu_ms …`), or
// end with them (`… (D12)`). `node e2e/tidy/matrix.ts` writes the files into the last column of that table.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTree, type SourceFile } from './source.ts';

const PAGE = 'docs/hazards.md';
const NONE = 'no test with this id';
/** Quoted text that begins with ids, or ends with them in brackets. */
const TITLE = /(['"`])(?:((?:[A-Z]\d\d,? )+)\S.*?|[^'"`\n]*\(([A-Z]\d\d(?:, [A-Z]\d\d)*)\))\1/g;
const ROW = /^\| ([A-Z]\d\d) \|(.*)\|[^|]*\|$/gm;

/** Id → the test files that have it in a title, in the order of the tree. */
export function proofsOf(files: readonly SourceFile[]): Map<string, string[]> {
  const proofs = new Map<string, string[]>();
  for (const { path, text } of files.filter(({ path }) => /\.(test|contract)\.ts$/.test(path))) {
    const code = text.replaceAll(/^\s*\/\/.*$/gm, '');
    const ids = [...code.matchAll(TITLE)].flatMap(([, , before, after]) => (before ?? after)!.match(/[A-Z]\d\d/g)!);
    for (const id of new Set(ids)) proofs.set(id, [...(proofs.get(id) ?? []), path]);
  }
  return proofs;
}

/** The page with the last column of each row as the tests have it. */
export function withProofs(page: string, proofs: ReadonlyMap<string, readonly string[]>): string {
  return page.replaceAll(ROW, (_row, id: string, middle: string) => {
    const files = proofs.get(id)?.map((path) => `\`${path}\``);
    return `| ${id} |${middle}| ${files?.join(', ') ?? NONE} |`;
  });
}

/** What a page says: id → files. */
export function claimsOf(page: string): Map<string, string[]> {
  const rows = [...page.matchAll(/^\| ([A-Z]\d\d) \|.*\|([^|]*)\|$/gm)];
  return new Map(rows.map(([, id, files]) => [id!, [...files!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)]));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..');
  const path = join(root, PAGE);
  writeFileSync(path, withProofs(readFileSync(path, 'utf8'), proofsOf(readTree(root))));
}
