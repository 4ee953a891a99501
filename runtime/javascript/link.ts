// Links the guest's modules into one script in which most of them are asleep. Everything that exists when a snapshot
// is taken costs in every context (a function about 0.1 µs and 95 bytes), so modules that few requests need become
// functions that run when the first of their names is evaluated. A bundler's own wrappers for that cost more than
// what they save. Here each part is built by rolldown as a script of its own: the eager part, and one part per lazy
// module with what only that one needs; imports between parts are external, and are joined as text.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const LAZY_IMPORT = /^import \* as lazy\w+ from '([^']+)';$/gm;

export interface LinkOptions {
  /** Its default export is the value of the script. */
  entry: string;
  /** Modules that are lazy although they are imported like any other. */
  lazy: readonly string[];
}

interface Graph {
  /** What a module imports, types left out. */
  imports: Map<string, readonly string[]>;
  lazy: Set<string>;
}

interface Part {
  id: string;
  /** The modules that are built into it. */
  modules: Set<string>;
}

/** @returns an expression: begins with `(`, ends with `)`, strict inside */
export async function link({ entry, lazy }: LinkOptions): Promise<string> {
  const graph = await readGraph(entry, lazy);
  const { eager, sleeping } = partition(graph, entry);
  const wanted: string[] = [];
  const parts: string[] = [];
  for (const [index, part] of sleeping.entries()) {
    const built = await buildPart(part, eager, sleeping);
    parts.push(sleepingText(index, built, sleeping, wanted));
  }
  const main = await buildPart(eager, eager, sleeping, eagerEntry(entry, wanted));
  const locals = new Map(main.exports);
  const given = wanted.map((_, index) => locals.get(`given${index}`));
  const text = resolveNames(main.body, main.externals, sleeping, wanted);
  return `(function () {\n'use strict';\n${parts.join('\n')}\n${text}\nconst $given = [${given.join(', ')}];\nreturn ${locals.get('value')};\n})()`;
}

async function readGraph(entry: string, lazy: readonly string[]): Promise<Graph> {
  const graph: Graph = { imports: new Map(), lazy: new Set(lazy) };
  const reader: Plugin = {
    name: 'read-graph',
    async moduleParsed({ id, importedIds }) {
      graph.imports.set(id, importedIds);
      if (!id.endsWith('.ts')) return;
      const text = await readFile(id, 'utf8');
      for (const [, from] of text.matchAll(LAZY_IMPORT)) graph.lazy.add(resolve(dirname(id), from!));
    },
  };
  const build = await rolldown({ input: entry, platform: 'neutral', tsconfig: false, plugins: [reader] });
  await build.generate({ format: 'esm' });
  await build.close();
  for (const id of graph.lazy) if (!graph.imports.has(id)) graph.lazy.delete(id);
  return graph;
}

/** Each module goes into one part. What two sleeping parts need, and the eager one does not, sleeps by itself. */
function partition(graph: Graph, entry: string): { eager: Part; sleeping: Part[] } {
  for (;;) {
    const eager: Part = { id: entry, modules: reach(entry, graph, new Set()) };
    const sleeping = [...graph.lazy].sort().map((id): Part => ({ id, modules: reach(id, graph, eager.modules) }));
    const shared = new Set<string>();
    const seen = new Set<string>();
    for (const { modules } of sleeping) {
      for (const id of modules) (seen.has(id) ? shared : seen).add(id);
    }
    if (shared.size === 0) return { eager, sleeping };
    for (const id of shared) graph.lazy.add(id);
  }
}

/** `from`, and what it imports: up to modules that are lazy, or in `others`. */
function reach(from: string, graph: Graph, others: Set<string>): Set<string> {
  const found = new Set([from]);
  for (const id of found) {
    for (const next of graph.imports.get(id) ?? []) {
      if (!graph.lazy.has(next) && !others.has(next)) found.add(next);
    }
  }
  return found;
}

/** A part as rolldown made it: its body, the names it exports, and the local names of the parts it refers to. */
interface Built {
  body: string;
  /** [exported, local] */
  exports: [string, string][];
  /** Local name → module. */
  externals: Map<string, string>;
}

async function buildPart(part: Part, eager: Part, sleeping: readonly Part[], text?: string): Promise<Built> {
  const ids = new Map<string, string>();
  const others = new Set(sleeping.map(({ id }) => id));
  const externals: Plugin = {
    name: 'externals',
    async resolveId(source, importer, options) {
      if (importer === undefined) return text === undefined ? null : VIRTUAL;
      const found = await this.resolve(source, importer === VIRTUAL ? part.id : importer, {
        ...options,
        skipSelf: true,
      });
      const id = found?.id ?? '';
      if (part.modules.has(id) || (!others.has(id) && !eager.modules.has(id))) return found;
      const name = `part:${ids.size}`;
      const known = [...ids].find(([, module]) => module === id)?.[0] ?? name;
      ids.set(known, id);
      return { id: known, external: true };
    },
    load: (id) => (id === VIRTUAL ? (text ?? null) : null),
  };
  const input = text === undefined ? part.id : VIRTUAL;
  const build = await rolldown({ input, platform: 'neutral', tsconfig: false, plugins: [externals] });
  const globals = (id: string) => `$${id.slice('part:'.length)}`;
  const { output } = await build.generate({ format: 'iife', name: 'part', exports: 'named', comments: false, globals });
  await build.close();
  return readBuilt(output[0].code, ids, part.id);
}

const VIRTUAL = '\0eager';
const HEAD = /^var part = \(function\(exports((?:, \w+)*)\) \{\n/;
const AGAIN =
  /^\s*Object\.defineProperty\(exports, ["']([\w$]+)["'], \{\s*enumerable: true,\s*get: function\s*\(\) \{\s*return ([\w$.]+);\s*\}\s*\}\);\n/gm;
const TAIL = /return exports;\s*\}\)\(\{\}((?:, \$\d+)*)\);\s*$/;

function readBuilt(code: string, ids: Map<string, string>, id: string): Built {
  const head = HEAD.exec(code);
  const tail = TAIL.exec(code);
  if (head === null || tail === null) throw new Error(`cannot link ${id}: its script has an unknown form`);
  const locals = head[1]!.split(', ').slice(1);
  const globals = tail[1]!.split(', ').slice(1);
  const externals = new Map(locals.map((name, i) => [name, ids.get(`part:${globals[i]!.slice(1)}`)!]));
  const exports: [string, string][] = [];
  const body = code
    .slice(head[0].length, tail.index)
    // the helpers for foreign module formats, and their use
    .replace(/^\/\/ \\0rolldown\/runtime\.js\n(?:\t.*\n)*/m, (text) =>
      /__commonJS/.test(code.replace(text, '')) ? text : '',
    )
    .replace(/^\s*\w+ = __toESM\(.*\);\n/gm, '')
    .replace(/^\s*Object\.definePropert(?:y|ies)\(exports, (?:Symbol|\{).*\);\n/m, '')
    .replace(/^\s*exports\.([\w$]+) = ([\w$]+);\n/gm, (_, exported: string, local: string) => {
      exports.push([exported, local]);
      return '';
    })
    // what is exported from another part again
    .replace(AGAIN, (_, exported: string, local: string) => {
      exports.push([exported, local]);
      return '';
    });
  const odd = /.*\bexports\b.*/.exec(body);
  if (odd !== null) throw new Error(`cannot link ${id}: ${odd[0]}`);
  return { body, exports, externals };
}

/** The entry of the eager part: the value of the script, and what sleeping parts want of eager modules. */
function eagerEntry(entry: string, wanted: readonly string[]): string {
  const given = wanted.map((item, index) => {
    const [module, name] = item.split('\n');
    return `export { ${name} as given${index} } from ${JSON.stringify(module)};\n`;
  });
  return `export { default as value } from ${JSON.stringify(entry)};\n${given.join('')}`;
}

/** Names of other parts become calls that wake them, names of the eager part constants `$given0` … */
function resolveNames(
  body: string,
  externals: Built['externals'],
  sleeping: readonly Part[],
  wanted: string[],
): string {
  let text = body;
  for (const [local, module] of externals) {
    const index = sleeping.findIndex(({ id }) => id === module);
    const use = new RegExp(`(\\bnew )?\\b${local.replaceAll('$', '\\$')}\\.([\\w$]+)`, 'g');
    text = text.replace(use, (_, made: string | undefined, name: string) => {
      if (index >= 0) return made === undefined ? `$part${index}().${name}` : `new ($part${index}().${name})`;
      const item = `${module}\n${name}`;
      if (!wanted.includes(item)) wanted.push(item);
      return `${made ?? ''}$given${wanted.indexOf(item)}`;
    });
  }
  return text;
}

/** A function that runs the part when it is called first, and gives its exports. */
function sleepingText(index: number, { body, exports, externals }: Built, sleeping: readonly Part[], wanted: string[]) {
  const given = exports.map(([exported, local]) => `$exports.${exported} = ${local};\n`).join('');
  const text = resolveNames(body + given, externals, sleeping, wanted);
  const used = new Set(text.match(/\$given\d+/g) ?? []);
  const constants = [...used].map((name) => `${name} = $given[${name.slice('$given'.length)}]`);
  return [
    `let $woken${index};`,
    `function $part${index}() {`,
    `if ($woken${index} !== undefined) return $woken${index};`,
    `const $exports = ($woken${index} = { __proto__: null });`,
    constants.length === 0 ? '' : `const ${constants.join(', ')};`,
    text,
    'return $exports;',
    '}',
  ].join('\n');
}
