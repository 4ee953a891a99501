// "Did you mean": the known word that is nearest to a mistyped one. Pure; knows nothing of what the words are.

/** The nearest of `known` within a third of the length (at least one) in edits, else one that begins with the word;
 * undefined when there is neither.
 * Case, `-` and `_` do not count: `cpuMs` is `cpu_ms`. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const plain = flatten(word);
  let best: string | undefined;
  let bestEdits = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    const edits = editsBetween(plain, flatten(candidate), bestEdits);
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  // What begins alike is meant too: `cpu` is `cpu_ms`.
  return best ?? (plain.length < 3 ? undefined : known.find((candidate) => flatten(candidate).startsWith(plain)));
}

function flatten(word: string): string {
  // A key may be megabytes long; what counts of it is its beginning.
  return word.slice(0, 64).toLowerCase().replaceAll(/[-_]/g, '');
}

/** Insertions, deletions, changes and swaps of neighbours; `limit` and above are all the same. */
function editsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(changed, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, beforeLast[j - 2]! + 1);
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
