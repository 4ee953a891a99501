import test from 'ava';
import { URL } from './url/url.ts';
import { COMPONENTS, type ComponentName } from './url-pattern/init.ts';
import { URLPattern, type URLPatternInit } from './url-pattern.ts';
import { differs, runTable } from './wpt/table.ts';
import expected from './wpt/urlpatterntestdata.expected.json' with { type: 'json' };
import table from './wpt/urlpatterntestdata.json' with { type: 'json' };

interface Result {
  input: string;
  groups: Record<string, string | null>;
}

interface PatternCase {
  pattern: [(string | URLPatternInit)?, (string | object)?, object?];
  inputs?: (string | URLPatternInit)[];
  exactly_empty_components?: ComponentName[];
  expected_obj?: 'error' | Partial<Record<ComponentName, string>>;
  expected_match?: 'error' | null | (Partial<Record<ComponentName, Result>> & { inputs?: unknown[] });
}

// What each component comes after: where one of those is given, the component is not taken from the base.
const EARLIER: Record<ComponentName, ComponentName[]> = {
  protocol: [],
  username: [],
  password: [],
  hostname: ['protocol'],
  port: ['protocol', 'hostname'],
  pathname: ['protocol', 'hostname', 'port'],
  search: ['protocol', 'hostname', 'port', 'pathname'],
  hash: ['protocol', 'hostname', 'port', 'pathname', 'search'],
};

function expectedPattern(item: PatternCase, component: ComponentName): string {
  const [first, second] = item.pattern;
  const explicit = (item.expected_obj as Partial<Record<ComponentName, string>> | undefined)?.[component];
  if (explicit !== undefined) return explicit;
  if (item.exactly_empty_components?.includes(component)) return '';
  const init = typeof first === 'object' ? first : undefined;
  if (init?.[component]) return init[component];
  if (init && EARLIER[component].some((name) => name in init)) return '*';
  const base = init?.baseURL ?? (typeof second === 'string' ? second : undefined);
  if (base === undefined || component === 'username' || component === 'password') return '*';
  const value = new URL(base)[component];
  if (component === 'protocol') return value.slice(0, -1);
  return component === 'search' || component === 'hash' ? value.slice(1) : value;
}

function attempt<T>(act: () => T): T | 'TypeError' {
  try {
    return act();
  } catch (error) {
    if (error instanceof TypeError) return 'TypeError';
    throw error;
  }
}

function runCase(item: PatternCase): string | undefined {
  const pattern = attempt(() => new URLPattern(...(item.pattern as [string])));
  if (item.expected_obj === 'error') return differs('constructor', pattern, 'TypeError');
  if (pattern === 'TypeError') return 'the constructor throws';
  for (const component of COMPONENTS) {
    const problem = differs(component, pattern[component], expectedPattern(item, component));
    if (problem !== undefined) return problem;
  }
  if (item.inputs === undefined) return undefined;
  const inputs = item.inputs as [string];
  const tested = attempt(() => pattern.test(...inputs));
  const result = attempt(() => pattern.exec(...inputs));
  const wanted = item.expected_match;
  if (wanted === 'error') return differs('test()', tested, 'TypeError') ?? differs('exec()', result, 'TypeError');
  const problem = differs('test()', tested, Boolean(wanted));
  if (problem !== undefined || !wanted) return problem ?? differs('exec()', result, null);
  if (result === 'TypeError' || result === null) return `exec() gives ${result}`;
  for (const component of COMPONENTS) {
    const empty = item.exactly_empty_components?.includes(component) ? {} : { 0: '' };
    const groups = wanted[component] ?? { input: '', groups: empty };
    // JSON knows no undefined: the table says null, and `differs` writes undefined members as null
    const found = Object.entries(result[component].groups).map(([name, value]) => [name, value ?? null]);
    const mismatch =
      differs(`input of ${component}`, result[component].input, groups.input) ??
      differs(`groups of ${component}`, found.sort(), Object.entries(groups.groups).sort());
    if (mismatch !== undefined) return mismatch;
  }
  return differs('inputs', result.inputs, wanted.inputs ?? item.inputs);
}

test('URLPattern passes urlpatterntestdata.json', (t) => {
  const cases = (table as unknown as PatternCase[]).map((item, index) => ({
    name: `${index}: ${JSON.stringify(item.pattern)} on ${JSON.stringify(item.inputs ?? null)}`,
    run: () => runCase(item),
  }));
  runTable(t, cases, expected);
});
