// The documents against the code, both as text: what the code has, the documents name; what they name is there. The
// figures of limits and codes are compared too. Whether a sentence is true is for whoever writes it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { claimsOf, proofsOf, withProofs } from './tidy/matrix.ts';
import { readTree, sourceFile } from './tidy/source.ts';

const ROOT = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The first groups of all matches. @throws when there is none: a pattern that fits nothing would prove nothing */
function all(text: string, pattern: RegExp): string[] {
  const found = [...text.matchAll(pattern)].map((match) => match[1]!);
  if (found.length === 0) throw new Error(`${pattern} must fit something`);
  return found;
}

/** Between backticks, as a whole word. */
function names(page: string, word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`\`[^\`\n]*(?<![\\w-])${escaped}(?![\\w-])[^\`\n]*\``).test(page);
}

const comma = (digits: string): string => Number(digits.replaceAll('_', '')).toLocaleString('en-US');
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

test('names() finds whole words between backticks, and nothing else', (t) => {
  t.true(names('the key `limits.cpu_ms` counts', 'cpu_ms'));
  t.false(names('the key cpu_ms counts', 'cpu_ms'));
  t.false(names('`cpu_msx` and `x_cpu_ms`', 'cpu_ms'));
  t.true(names('`PUT /v1/programs/:name`', '/v1/programs/:name'));
});

test('api.md has every code with its status and Retry-After', (t) => {
  const page = read('docs/api.md');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+)(?:, RA (\d+))? \|/gm)].map(([, ...row]) => row);
  const codes = [
    ...read('sandbox/errors.ts').matchAll(/^ {2}(\w+): \{ status: (\d+), text: .*?(?:, retryAfter: (\d+))? \},$/gm),
  ].map(([, ...row]) => row);
  t.true(codes.length > 40);
  t.deepEqual(rows, codes);
});

test('api.md has every route of the control plane', (t) => {
  const page = read('docs/api.md');
  for (const file of readdirSync(join(ROOT, 'router/routes')).filter((name) => !name.includes('.test.'))) {
    for (const [, method, path] of read(`router/routes/${file}`).matchAll(/router\.(\w+)\(\s*'([^']+)'/g)) {
      const short = path!.replace('/v1/programs/:name/traffic', '…/traffic');
      t.true(
        [path!, short].some((form) => page.includes(`${method!.toUpperCase()} ${form}`)),
        `${method} ${path}`,
      );
    }
  }
});

test('config.md has every limit with its default and range', (t) => {
  const page = read('docs/config.md');
  const limits = read('sandbox/limits.ts').matchAll(
    /^ {2}(\w+): \{ default: ([\d_]+), min: ([\d_]+), max: ([\d_]+) \}/gm,
  );
  const rows = [...limits].map(
    ([, name, ...numbers]) =>
      `| \`${snake(name!)}\` | ${comma(numbers[0]!)} | ${comma(numbers[1]!)} to ${comma(numbers[2]!)} |`,
  );
  t.true(rows.length >= 10);
  for (const row of rows) t.true(page.includes(row), row);
});

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

function keysOf({ properties = {}, items, anyOf = [] }: Schema): string[] {
  const own = Object.entries(properties).flatMap(([key, inner]) => [key, ...(key === 'env' ? [] : keysOf(inner))]);
  return [...own, ...(items === undefined ? [] : keysOf(items)), ...anyOf.flatMap(keysOf)];
}

/** Below a key that is refused as a whole, or has no effect as a whole. */
const BELOW = /^(?:kv_namespaces|services|ratelimits|version_metadata|secrets|record|observability)$/;

test('config.md names every key of the schema', (t) => {
  const page = read('docs/config.md');
  const schema = JSON.parse(read('docs/config.schema.json')) as Schema;
  const properties = Object.entries(schema.properties!).map(([key, inner]) => [key, BELOW.test(key) ? {} : inner]);
  const keys = keysOf({ properties: Object.fromEntries(properties) });
  t.true(keys.length > 60);
  t.deepEqual(
    keys.filter((key) => !names(page, key)),
    [],
  );
});

test('config.md names every key that is refused, put off, or without effect', (t) => {
  const page = read('docs/config.md');
  const tables = read('router/config/answers.ts').split('REFUSED_VALUES')[0]!;
  const keys = all(tables, /^ {2}'?([\w$.[\]-]+)'?:\s/gm);
  t.true(keys.length > 60);
  t.deepEqual(
    keys.filter((key) => !names(page, key)),
    [],
  );
});

test('config.md says of refused keys what error texts say', (t) => {
  const page = read('docs/config.md').replaceAll('`', '');
  const tables = read('router/config/answers.ts').split('REFUSED_VALUES')[0]!;
  const texts = all(tables, /(?:=|:)\s+'((?:[^'\\]|\\.)+)'[,;]$/gm);
  t.true(texts.length > 40);
  for (const text of texts) t.true(page.includes(text), text);
});

test('config.md has every setting of the operator, as variable and flag', (t) => {
  const page = read('docs/config.md');
  const limits = all(read('sandbox/limits.ts'), /^ {2}(\w+): \{ default/gm).map(
    (name) => `TINE_MAX_${snake(name).toUpperCase()}`,
  );
  for (const env of [...all(read('router/config/settings-table.ts'), /env: '(TINE_\w+)'/g), ...limits]) {
    const flag = env.slice('TINE_'.length).toLowerCase().replaceAll('_', '-');
    t.true(page.includes(`| \`${env}\` | \`--${flag}\` |`), env);
  }
});

test('operations.md explains every metric', (t) => {
  const page = read('docs/operations.md');
  const code = ['router/observers/metrics.ts', 'router/routes/metrics.ts'].map(read).join('\n');
  const metrics = new Set(all(code, /\b(tine_\w+)/g));
  t.true(metrics.size > 15);
  t.deepEqual(
    [...metrics].filter((metric) => !names(page, metric)),
    [],
  );
});

test('operations.md says what to do for every reason why an executor ends', (t) => {
  const page = read('docs/operations.md');
  const [union] = all(read('sandbox/executor/executor.ts'), /export type EndReason =([\s\S]*?);/g);
  for (const reason of all(union!, /\| '(\w+)'/g)) {
    // Not counted, as it is no fault.
    if (reason !== 'retired') t.true(page.includes(`"${reason}"`), reason);
  }
});

test('platform.md names every global', (t) => {
  const page = read('docs/platform.md');
  const install = read('runtime/web/install.ts');
  const globals = [
    ...all(read('runtime/web/interfaces.ts'), /case '(\w+)':/g),
    ...all(install, /^ {2}(\w+)\(.*\): (?:unknown|number|void) \{$/gm),
    'self',
    'Request',
    'Response',
  ];
  t.true(globals.length > 50);
  t.deepEqual(
    globals.filter((name) => !names(page, name)),
    [],
  );
});

test('platform.md has the figures of the tables of web-platform-tests', (t) => {
  const page = read('docs/platform.md');
  for (const name of readdirSync(join(ROOT, 'runtime/web/wpt')).filter((file) => file.endsWith('.expected.json'))) {
    const expected = JSON.parse(read(`runtime/web/wpt/${name}`)) as object;
    t.true(names(page, name.replace('.expected', '')), name);
    t.is(Object.keys(expected).length, 0, `${name} has cases that do not pass: platform.md says that all do`);
  }
});

test('proofsOf() reads ids at the beginning and, in brackets, at the end of titles, and no comment', (t) => {
  const files = [
    sourceFile('e2e/a.test.ts', "test('R01 R02 a fault', f);\ntest(`D03 what is 422`, f);\n// 'R09 is no title'\n"),
    sourceFile('store/b.contract.ts', "  check(\n    'setTraffic() refuses (D07, P06)', f);\ntest('utf8 R11', f);"),
    sourceFile('store/c.ts', "const text = 'R03 not a test';"),
  ];
  t.deepEqual(Object.fromEntries(proofsOf(files)), {
    R01: ['e2e/a.test.ts'],
    R02: ['e2e/a.test.ts'],
    D03: ['e2e/a.test.ts'],
    D07: ['store/b.contract.ts'],
    P06: ['store/b.contract.ts'],
  });
});

test('withProofs() writes the last column of a row, and nothing else', (t) => {
  const page = '| id | shown by |\n| R01 | a `|` fault | 500 | |\n| R02 | x | y | `gone.test.ts` |\ntext\n';
  const written = withProofs(page, new Map([['R01', ['a.test.ts', 'b.test.ts']]]));
  t.is(
    written,
    '| id | shown by |\n| R01 | a `|` fault | 500 | `a.test.ts`, `b.test.ts` |\n| R02 | x | y | no test with this id |\ntext\n',
  );
  t.deepEqual(claimsOf(written).get('R01'), ['a.test.ts', 'b.test.ts']);
  t.deepEqual(claimsOf(written).get('R02'), []);
});

test('hazards.md has a row for every id of a test, and no test that is not there', (t) => {
  const claims = claimsOf(read('docs/hazards.md'));
  const proofs = proofsOf(readTree(ROOT));
  t.true(proofs.size > 30);
  t.deepEqual(
    [...proofs.keys()].filter((id) => !claims.has(id)),
    [],
  );
  for (const [id, files] of claims) {
    for (const file of files) t.true(proofs.get(id)?.includes(file), `${id} ${file}: run node e2e/tidy/matrix.ts`);
    if (files.length === 0) t.false(proofs.has(id), `${id} has a test now: run node e2e/tidy/matrix.ts`);
  }
});

/** As GitHub makes them from headings. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...page.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1]!)];
}

test('every link inside the repository leads somewhere', (t) => {
  for (const page of PAGES) {
    for (const [, link] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link!)) continue;
      const [path, anchor] = link!.split('#') as [string, string | undefined];
      const file = path === '' ? page : join(dirname(page), path);
      t.true(existsSync(join(ROOT, file)), `${page}: ${link}`);
      if (anchor !== undefined) t.true(anchorsOf(read(file)).includes(anchor), `${page}: ${link}`);
    }
  }
});

test('every file that hazards.md points to is there', (t) => {
  const page = read('docs/hazards.md').split('## The fault matrix')[0]!;
  for (const path of all(page, /`((?:runtime|sandbox|router|store|e2e)\/[\w./-]+\.ts)`/g))
    t.true(existsSync(join(ROOT, path)), path);
});

test('the documents name no folder outside the repository, and leave nothing for later', (t) => {
  const later = new RegExp(['/work/', '\\.\\./shared', `\\b${['TO', 'DO'].join('')}\\b`].join('|'));
  for (const page of PAGES) t.false(later.test(read(page)), page);
});
