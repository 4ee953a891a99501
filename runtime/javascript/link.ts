// Links the guest's modules into one script in which most of them are asleep. Everything that exists when a snapshot
// is taken costs in every context (a function about 0.1 µs and 95 bytes), so modules that few requests need become
// functions that run when the first of their names is evaluated. A bundler's own wrappers for that cost more than
// they save. Here rolldown cuts the modules into chunks, the eager one and one per lazy module with what only that one
// needs, and the chunks are joined as text: a name of a sleeping chunk becomes a call that wakes it.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';

const LAZY_IMPORT = /^import \* as lazy\w+ from '([^']+)';$/gm;
const EAGER = 'eager';

export interface LinkOptions {
  /** Its default export is the value of the script. */
  entry: string;
  /** Modules that are lazy although they are imported like any other. */
  lazy: readonly string[];
}

interface Graph {
  /** What each module imports, types left out. */
  imports: Map<string, readonly string[]>;
  lazy: Set<string>;
}

/** @returns an expression: begins with `(`, ends with `)`, strict inside */
export async function link({ entry, lazy }: LinkOptions): Promise<string> {
  const graph = await readGraph(entry, lazy);
  const places = partition(graph, entry);
  const input: Record<string, string> = { [EAGER]: entry };
  for (const id of graph.lazy) input[places.get(id)!] = id;
  const build = await rolldown({
    input,
    platform: 'neutral',
    tsconfig: false,
    preserveEntrySignatures: 'allow-extension',
  });
  const name = (id: string) => places.get(id) ?? null;
  const { output } = await build.generate({
    format: 'cjs',
    exports: 'named',
    comments: false,
    externalLiveBindings: false,
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: 'parts', name }] },
  });
  await build.close();
  return assemble(output.filter((chunk) => chunk.type === 'chunk'));
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

/** Module → name of its chunk. What two sleeping chunks need, and the eager one does not, sleeps by itself. */
function partition(graph: Graph, entry: string): Map<string, string> {
  for (;;) {
    const eager = reach(entry, graph, new Set());
    const places = new Map([...eager].map((id) => [id, EAGER]));
    const shared = new Set<string>();
    for (const [index, lazy] of [...graph.lazy].sort().entries()) {
      for (const id of reach(lazy, graph, eager)) {
        if (places.has(id)) shared.add(id);
        places.set(id, `part${index}`);
      }
    }
    if (shared.size === 0) return places;
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

/** A chunk without what makes it a CommonJS module. */
interface Part {
  name: string;
  body: string;
  /** Exported name → local expression. */
  exports: Map<string, string>;
}

const REQUIRE = /^(?:const|let|var) (\w+) = require\("\.\/([\w-]+)\.js"\);\n/gm;
/** A chunk that is wanted for nothing but its having run: the eager one has, a sleeping one need not. */
const BARE_REQUIRE = /^require\("\.\/[\w-]+\.js"\);\n/gm;
const MARK = /^\s*Object\.definePropert(?:y|ies)\(exports, (?:Symbol|\{)[\s\S]*?\}\);\n/m;
const EXPORT = /^\s*exports\.([\w$]+) = ([\w$.]+);\n/gm;
const GETTER =
  /^\s*Object\.defineProperty\(exports, ["']([\w$]+)["'], \{\s*enumerable: true,\s*get: function\s*\(\) \{\s*return ([\w$.]+);\s*\}\s*\}\);\n/gm;

function readPart({ name, code }: OutputChunk): Part {
  const exports = new Map<string, string>();
  const keep = (_: string, exported: string, local: string) => {
    exports.set(exported, local);
    return '';
  };
  let body = `${code}\n`.replace(MARK, '').replace(BARE_REQUIRE, '').replace(EXPORT, keep).replace(GETTER, keep);
  for (const [line, local, chunk] of [...body.matchAll(REQUIRE)]) {
    body = body.replace(line, '').replaceAll(new RegExp(`\\b${local}\\b`, 'g'), `$$from_${chunk}`);
    for (const [key, value] of exports) {
      exports.set(key, value.replace(new RegExp(`^${local}\\.`), `$$from_${chunk}.`));
    }
  }
  const odd = /(?<![\w$.#])(?:exports[.,)]|require\()/.exec(body);
  if (odd !== null) throw new Error(`cannot link ${name}: ${body.slice(Math.max(0, odd.index - 80), odd.index + 80)}`);
  return { name, body, exports };
}

function assemble(chunks: OutputChunk[]): string {
  const parts = chunks.map(readPart);
  const eager = parts.find(({ name }) => name === EAGER)!;
  const given = [...eager.exports.keys()];
  const sleeping = parts.filter((part) => part !== eager).map((part) => sleepingText(part, given));
  const values = given.map((name) => eager.exports.get(name));
  const lines = [
    '(function () {',
    "'use strict';",
    ...sleeping,
    wakeNames(eager.body),
    `const $given = [${values.join(', ')}];`,
    `return ${eager.exports.get('default')};`,
    '})()',
  ];
  return oneByte(lines.join('\n'));
}

/** The source is part of every snapshot, and one character beyond Latin-1 makes V8 keep all of it with two bytes each. */
function oneByte(text: string): string {
  return text.replace(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Names of sleeping chunks become calls that wake them. */
function wakeNames(text: string): string {
  return text.replace(
    /(\bnew )?\$from_(part\d+)\.([\w$]+)/g,
    (_, made: string | undefined, part: string, name: string) =>
      made === undefined ? `$${part}().${name}` : `new ($${part}().${name})`,
  );
}

/** A function that runs the chunk when it is called first, and gives its exports. What it takes of the eager chunk is
 * read from a list once, then. */
function sleepingText({ name, body, exports }: Part, given: readonly string[]): string {
  const lines = [...exports].map(([exported, local]) => `$exports.${exported} = ${local};\n`);
  const used = new Set<string>();
  const text = wakeNames(body + lines.join('')).replace(/\$from_eager\.([\w$]+)/g, (_, wanted: string) => {
    used.add(wanted);
    return `$given_${wanted}`;
  });
  const constants = [...used].map((wanted) => `$given_${wanted} = $given[${given.indexOf(wanted)}]`);
  return [
    `let $woken_${name};`,
    `function $${name}() {`,
    `if ($woken_${name} !== undefined) return $woken_${name};`,
    `const $exports = ($woken_${name} = { __proto__: null });`,
    constants.length === 0 ? '' : `const ${constants.join(', ')};`,
    text,
    'return $exports;',
    '}',
  ].join('\n');
}
