import test from 'ava';
import percentEncodingExpected from '../wpt/percent-encoding.expected.json' with { type: 'json' };
import percentEncoding from '../wpt/percent-encoding.json' with { type: 'json' };
import settersExpected from '../wpt/setters_tests.expected.json' with { type: 'json' };
import setters from '../wpt/setters_tests.json' with { type: 'json' };
import { differs, runTable, type TableCase } from '../wpt/table.ts';
import urlExpected from '../wpt/urltestdata.expected.json' with { type: 'json' };
import urls from '../wpt/urltestdata.json' with { type: 'json' };
import loneSurrogatesExpected from '../wpt/urltestdata-javascript-only.expected.json' with { type: 'json' };
import loneSurrogates from '../wpt/urltestdata-javascript-only.json' with { type: 'json' };
import { URL } from './url.ts';

const PARTS = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
  'origin',
] as const;

type Part = (typeof PARTS)[number];

interface UrlCase extends Partial<Record<Part, string>> {
  input: string;
  base: string | null;
  failure?: true;
  searchParams?: string;
}

function urlCases(table: unknown): TableCase[] {
  return (table as (string | UrlCase)[])
    .filter((item): item is UrlCase => typeof item !== 'string')
    .map((item) => ({
      name: `${JSON.stringify(item.input)} against ${JSON.stringify(item.base)}`,
      run: () => runCase(item),
    }));
}

function runCase(item: UrlCase): string | undefined {
  const base = item.base ?? undefined;
  const canParse = URL.canParse(item.input, base);
  if (item.failure) {
    if (canParse) return `canParse is true; gives ${new URL(item.input, base).href}`;
    try {
      return `gives ${new URL(item.input, base).href}`;
    } catch {
      return undefined;
    }
  }
  if (!canParse) return 'canParse is false';
  const url = new URL(item.input, base);
  for (const part of PARTS) {
    const problem = item[part] === undefined ? undefined : differs(part, url[part], item[part]);
    if (problem !== undefined) return problem;
  }
  if (item.searchParams !== undefined) return differs('searchParams', String(url.searchParams), item.searchParams);
  return differs('href parsed again', new URL(url.href).href, url.href);
}

test('new URL() passes urltestdata.json', (t) => runTable(t, urlCases(urls), urlExpected));

test('new URL() passes urltestdata-javascript-only.json', (t) =>
  runTable(t, urlCases(loneSurrogates), loneSurrogatesExpected));

interface SetterCase {
  href: string;
  new_value: string;
  expected: Partial<Record<Part, string>>;
}

test('the setters of URL pass setters_tests.json', (t) => {
  const { comment: _, ...byPart } = setters as unknown as Record<string, SetterCase[]>;
  const cases = Object.entries(byPart).flatMap(([part, items]) =>
    items.map((item) => ({
      name: `${part} of ${JSON.stringify(item.href)} = ${JSON.stringify(item.new_value)}`,
      run: () => {
        const url = new URL(item.href);
        (url as unknown as Record<string, string>)[part] = item.new_value;
        for (const [name, wanted] of Object.entries(item.expected)) {
          const problem = differs(name, url[name as Part], wanted);
          if (problem !== undefined) return problem;
        }
        return undefined;
      },
    })),
  );
  runTable(t, cases, settersExpected);
});

test('the query of a URL passes percent-encoding.json in UTF-8', (t) => {
  const cases = percentEncoding
    .filter((item) => typeof item !== 'string')
    .map(({ input, output }) => ({
      name: JSON.stringify(input),
      run: () => {
        const url = new URL(`http://x/?${input}#${input}`);
        return differs('search', url.search, `?${output['utf-8']}`) ?? differs('hash', url.hash, `#${output['utf-8']}`);
      },
    }));
  runTable(t, cases, percentEncodingExpected);
});
