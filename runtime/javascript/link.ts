// Links the guest's modules into one script in which most of them are asleep. Everything that exists when a snapshot
// is taken costs in every context (a function about 0.1 µs and 95 bytes), so modules that few requests need become
// functions that run when the first of their names is evaluated. A bundler's own wrappers for that cost more than
// they save. Here rolldown cuts the modules into chunks, the eager one and one per lazy module with what only that one
// needs, and the chunks are joined as text: a name of a sleeping chunk becomes a call that wakes it. All
// sleeping chunks lie in one function that sleeps itself: as long as nothing wakes, they cost one function together.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { minifySync } from 'rolldown/utils';

const LAZY_IMPORT = /^import \* as (lazy|once)\w+ from '([^']+)';$/gm;
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
  /** Those of the lazy ones that are not remembered once they have run. */
  once: Set<string>;
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
  const once = new Set([...graph.once].map((id) => places.get(id)!));
  return assemble(
    output.filter((chunk) => chunk.type === 'chunk'),
    once,
  );
}

async function readGraph(entry: string, lazy: readonly string[]): Promise<Graph> {
  const graph: Graph = { imports: new Map(), lazy: new Set(lazy), once: new Set() };
  const reader: Plugin = {
    name: 'read-graph',
    async moduleParsed({ id, importedIds }) {
      graph.imports.set(id, importedIds);
      if (!id.endsWith('.ts')) return;
      const text = await readFile(id, 'utf8');
      for (const [, kind, from] of text.matchAll(LAZY_IMPORT)) {
        const wanted = resolve(dirname(id), from!);
        graph.lazy.add(wanted);
        if (kind === 'once') graph.once.add(wanted);
      }
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
  const awake = stayAwake(graph, entry);
  for (const id of awake) graph.lazy.delete(id);
  for (;;) {
    const places = new Map([...awake].map((id) => [id, EAGER]));
    const shared = new Set<string>();
    for (const [index, lazy] of [...graph.lazy].sort().entries()) {
      for (const id of reach([lazy], graph, awake)) {
        if (places.has(id)) shared.add(id);
        places.set(id, `part${index}`);
      }
    }
    if (shared.size === 0) return places;
    for (const id of shared) graph.lazy.add(id);
  }
}

/** What the entry needs, and what a chunk that is not remembered shares with others: it has no state of its own. */
function stayAwake(graph: Graph, entry: string): Set<string> {
  const eager = reach([entry], graph, new Set());
  const others = [...graph.lazy].filter((id) => !graph.once.has(id)).map((id) => reach([id], graph, eager));
  const shared = [...graph.once]
    .flatMap((id) => [...reach([id], graph, eager)])
    .filter((id) => others.some((other) => other.has(id)));
  return reach([entry, ...shared], graph, new Set());
}

/** All of `from`, and what they import: up to modules that are lazy, or in `others`. */
function reach(from: Iterable<string>, graph: Graph, others: Set<string>): Set<string> {
  const found = new Set(from);
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

function assemble(chunks: OutputChunk[], once: ReadonlySet<string>): string {
  const parts = chunks.map(readPart);
  const eager = parts.find(({ name }) => name === EAGER)!;
  const given = unbind(eager);
  const sleepers = parts.filter((part) => part !== eager && !once.has(part.name));
  const calls = new Map(sleepers.map(({ name }, at) => [name, `($parts ?? $rest())[${at}]()`]));
  const { body } = eager;
  // the list stands at the end, or before the first statement that wakes a chunk
  const wakesAt = `${body}\n$from_part0.`.search(/^\$from_part\d+\./m);
  const values = given.names.map((name) => eager.exports.get(name));
  const lines = [
    '(function () {',
    "'use strict';",
    'let $parts;',
    // in parentheses V8 compiles it with the code around it, so that its bytecode is in the snapshot
    'const $rest = (function () {',
    ...sleepers.map((part) => sleepingText(part, given)),
    `return ($parts = [${sleepers.map(({ name }) => `$${name}`).join(', ')}]);`,
    '});',
    ...parts.filter(({ name }) => once.has(name)).map((part) => onceText(part, given, calls)),
    wakeNames(`${body.slice(0, wakesAt)}const $given = [${values.join(', ')}];\n${body.slice(wakesAt)}`, calls),
    `return ${eager.exports.get('default')};`,
    '})()',
  ];
  return oneByte(compact(lines.join('\n')));
}

/** What the eager chunk gives to the others. */
interface Given {
  /** In the order of the list. */
  names: readonly string[];
  /** Those that are builtins as they are. */
  unbound: ReadonlySet<string>;
}

/** A builtin that only sleeping chunks call is given to them as it is, and made a function of its `this` when they
 * wake: the bound functions would cost in every context. */
function unbind(eager: Part): Given {
  const unbound = new Set<string>();
  for (const [name, local] of eager.exports) {
    const uses = eager.body.match(new RegExp(`(?<![\\w$.])${local.replaceAll('$', '\\$')}(?![\\w$])`, 'g'));
    if (uses?.length !== 1) continue;
    const bare = eager.body.replace(`\nconst ${local} = uncurryThis(`, `\nconst ${local} = (`);
    if (bare !== eager.body) unbound.add(name);
    eager.body = bare;
  }
  if (unbound.size > 0) eager.exports.set('uncurryThis', 'uncurryThis');
  return { names: [...eager.exports.keys()], unbound };
}

/** The source is part of every snapshot. One character beyond Latin-1 makes V8 keep all of it with two bytes each, and
 * so does a string that was made of one with such a character: it is read anew. */
function oneByte(text: string): string {
  const ascii = text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Buffer.from(ascii, 'latin1').toString('latin1');
}

/** Without white space; with all names, as guests see those of classes and functions. */
function compact(text: string): string {
  const { code, errors } = minifySync('bundle.js', text, {
    compress: false,
    mangle: false,
    codegen: { removeWhitespace: true },
  });
  if (errors.length > 0) throw new Error(`cannot compact the bundle: ${errors[0]!.message}`);
  return code.trim().replace(/;$/, '');
}

/** Names of sleeping chunks become calls that wake them.
 * @param calls what wakes a chunk, where it is not the call of a function of its name */
function wakeNames(text: string, calls?: ReadonlyMap<string, string>): string {
  return text.replace(
    /(\bnew )?\$from_(part\d+)\.([\w$]+)/g,
    (_, made: string | undefined, part: string, name: string) => {
      const call = calls?.get(part) ?? `$${part}()`;
      return made === undefined ? `${call}.${name}` : `new (${call}.${name})`;
    },
  );
}

/** A function that runs the chunk when it is called first, and gives its exports. */
function sleepingText(part: Part, given: Given): string {
  return [
    `let $woken_${part.name};`,
    `function $${part.name}() {`,
    `if ($woken_${part.name} !== undefined) return $woken_${part.name};`,
    `const $exports = ($woken_${part.name} = { __proto__: null });`,
    chunkText(part, given),
    'return $exports;',
    '}',
  ].join('\n');
}

/** A function that runs the chunk whenever it is called: nothing of it is kept. */
function onceText(part: Part, given: Given, calls: ReadonlyMap<string, string>): string {
  return `function $${part.name}() {\nconst $exports = { __proto__: null };\n${chunkText(part, given, calls)}return $exports;\n}`;
}

/** What the chunk takes of the eager one is read from a list, once. */
function chunkText({ body, exports }: Part, { names, unbound }: Given, calls?: ReadonlyMap<string, string>): string {
  const lines = [...exports].map(([exported, local]) => `$exports.${exported} = ${local};\n`);
  const used = new Set<string>();
  const text = wakeNames(body + lines.join(''), calls).replace(/\$from_eager\.([\w$]+)/g, (_, wanted: string) => {
    used.add(wanted);
    return `$given_${wanted}`;
  });
  const value = (name: string) => `$given[${names.indexOf(name)}]`;
  const bound = (name: string) => (unbound.has(name) ? `${value('uncurryThis')}(${value(name)})` : value(name));
  const constants = [...used].map((name) => `$given_${name} = ${bound(name)}`);
  return constants.length === 0 ? text : `const ${constants.join(', ')};\n${text}`;
}
