// What the syntax of one module says about its imports and exports: used to name the place of an import that leads
// nowhere, to find an `import()` that was left in the output, and two exports of one name. Not a check of types or scopes.
import { parseSync } from 'rolldown/utils';

/** How a module is written. */
export type Syntax = 'jsx' | 'tsx' | 'ts';

export interface ImportSite {
  /** Undefined for `import(…)` of something that is not a constant string. */
  specifier: string | undefined;
  kind: 'static' | 'dynamic' | 'require';
  /** Of the whole statement or call, in UTF-16 units from 0. */
  offset: number;
}

type Node = { type: string; start: number; [field: string]: unknown };

/** All static imports, re-exports, `import(…)` and `require(…)` of a source, in order. Empty when it does not parse. */
export function importSites(text: string, syntax: Syntax): ImportSite[] {
  const { program, errors } = parseSync(`module.${syntax}`, text, { lang: syntax });
  if (errors.length > 0) return [];
  const sites: ImportSite[] = [];
  const open: unknown[] = [program];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) open.push(...[...value].reverse());
    else if (isNode(value)) {
      const site = siteOf(value);
      if (site !== undefined) sites.push(site);
      open.push(...Object.values(value).reverse());
    }
  }
  return sites.sort((a, b) => a.offset - b.offset);
}

/**
 * The second export of a name that a module already exports, or undefined. Declarations are left to the parser, which
 * knows that overloads and merged namespaces are none.
 */
export function exportedTwice(text: string, syntax: Syntax): { name: string; offset: number } | undefined {
  const seen = new Map<string, 'declared' | 'listed'>();
  for (const { start, entries } of parseSync(`module.${syntax}`, text, { lang: syntax }).module.staticExports) {
    const how = /^export\s*(?:[{*]|default\b)/.test(text.slice(start, start + 40)) ? 'listed' : 'declared';
    for (const { exportName, isType, start: entryStart } of entries) {
      if (isType || (exportName.kind !== 'Name' && exportName.kind !== 'Default')) continue;
      const name = exportName.kind === 'Default' ? 'default' : (exportName.name ?? '');
      const before = seen.get(name);
      if (before === 'listed' || (before === 'declared' && how === 'listed')) {
        return { name, offset: exportName.start ?? entryStart };
      }
      seen.set(name, how);
    }
  }
  return undefined;
}

/** Line and column, from 1, of an offset in UTF-16 units. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function siteOf(node: Node): ImportSite | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression': {
      if (!isNode(node['source'])) return undefined;
      const kind = node.type === 'ImportExpression' ? 'dynamic' : 'static';
      return { specifier: constant(node['source']), kind, offset: node.start };
    }
    case 'CallExpression': {
      const { callee, arguments: args } = node;
      if (!isNode(callee) || callee['name'] !== 'require' || !Array.isArray(args) || !isNode(args[0])) return undefined;
      return { specifier: constant(args[0]), kind: 'require', offset: node.start };
    }
    default:
      return undefined;
  }
}

function constant(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  const quasis = node['quasis'];
  if (node.type !== 'TemplateLiteral' || !Array.isArray(quasis) || quasis.length !== 1) return undefined;
  return (quasis[0] as { value: { cooked: string } }).value.cooked;
}
