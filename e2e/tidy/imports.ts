// House rules about imports: which way they point, which doors they take, and what two processes must never reach.
import { folderOf, isTest, packageOf, type SourceFile, target } from './source.ts';

/** Folder → folders that it may import. Arrows go down: `cli → router → sandbox → runtime`. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  store: [],
  sandbox: ['runtime', 'store'],
  router: ['sandbox', 'runtime', 'store'],
  cli: ['router', 'sandbox', 'runtime', 'store'],
  // They see only the outside: HTTP and the command line.
  e2e: [],
  load: [],
  examples: [],
};

/** Package → where it may be imported: a folder (ends in `/`) or one file. */
const DOORS: Readonly<Record<string, string>> = {
  'isolated-vm': 'sandbox/',
  koa: 'router/',
  '@koa/router': 'router/',
  'cls-hooked': 'router/context/cls.ts',
  'node:sqlite': 'store/sqlite/',
  undici: 'sandbox/ops/fetch.ts',
  rolldown: 'runtime/javascript/',
};

/** A test may stand on the other side of a connection. */
const OPEN_TO_TESTS = new Set(['undici']);

/** Imports between folders point along the arrows, enter by `index.ts`, and of the store the sandbox takes types only. */
export function arrows(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(({ from, typeOnly }) => {
      const there = target(path, from);
      if (there === undefined) return [];
      const here = folderOf(path);
      const folder = folderOf(there);
      const own = folder === here;
      if (own && from.startsWith('#')) return [`${path} imports ${from}: inside a folder imports are relative`];
      // A test may come in by the door, as others do.
      if (own && there === `${here}/index.ts` && !isTest(path))
        return [`${path} imports ${from}: that is the door for others`];
      if (own) return [];
      if (!ARROWS[here]?.includes(folder)) return [`${path} imports ${from}: ${here} must not know ${folder}`];
      if (!from.startsWith('#')) return [`${path} imports ${from}: take #${folder}, its index.ts is the door`];
      // A test may have the real store on the other side.
      if (here === 'sandbox' && folder === 'store' && !typeOnly && !isTest(path))
        return [`${path} imports ${from}: types only`];
      return [];
    }),
  );
}

/** Dangerous packages have one door each. */
export function doors(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(({ from }) => {
      const name = packageOf(from) ?? '';
      const door = DOORS[name];
      if (door === undefined || (OPEN_TO_TESTS.has(name) && isTest(path))) return [];
      // The test beside a door file belongs to it.
      const inside = door.endsWith('/')
        ? path.startsWith(door)
        : path === door || path === door.replace('.ts', '.test.ts');
      return inside ? [] : [`${path} imports ${name}: only ${door} may`];
    }),
  );
}

/** Files and packages that are loaded when `entry` is, each with the chain that leads to it. */
export function reached(files: readonly SourceFile[], entry: string): Map<string, string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const chains = new Map([[entry, entry]]);
  // A Map tells what is added while it is walked.
  for (const [path, chain] of chains) {
    for (const { from, typeOnly } of byPath.get(path)?.imports ?? []) {
      const there = target(path, from) ?? packageOf(from)!;
      if (!typeOnly && !chains.has(there)) chains.set(there, `${chain} → ${there}`);
    }
  }
  return chains;
}

export interface Barrier {
  entry: string;
  /** Paths or packages; one that ends in `/` means all below it. */
  mustNotReach: readonly string[];
}

export const BARRIERS: readonly Barrier[] = [
  // cls-hooked slows every promise of its process.
  {
    entry: 'router/ingress/main.ts',
    mustNotReach: ['router/context/cls.ts', 'cls-hooked', 'isolated-vm', 'node:sqlite'],
  },
  // An executor has no network, no files and no store.
  {
    entry: 'sandbox/executor/main.ts',
    mustNotReach: ['store/', 'router/', 'koa', '@koa/router', 'undici', 'node:sqlite'],
  },
];

/** What a process must never load. */
export function reach(files: readonly SourceFile[], barriers: readonly Barrier[] = BARRIERS): string[] {
  return barriers.flatMap(({ entry, mustNotReach }) => {
    if (!files.some(({ path }) => path === entry)) return [`${entry} is not there: the rule about it proves nothing`];
    return [...reached(files, entry)]
      .filter(([there]) => mustNotReach.some((wall) => (wall.endsWith('/') ? there.startsWith(wall) : there === wall)))
      .map(([, chain]) => `must not be reached: ${chain}`);
  });
}
