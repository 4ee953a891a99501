import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { bundleText } from './bundle-text.ts';
import { link } from './link.ts';

async function linked(
  t: ExecutionContext,
  files: Record<string, string>,
  lazy: string[] = [],
): Promise<{ text: string; value: unknown; log: unknown[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'tine-link-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const text = await link({ entry: join(folder, 'main.ts'), lazy: lazy.map((name) => join(folder, name)) });
  const log: unknown[] = [];
  return { text, value: vm.runInNewContext(text, { log }), log };
}

test('link() runs a lazy module when the first of its names is evaluated, and once', async (t) => {
  const { value, log } = await linked(t, {
    'main.ts': `import * as lazyA from './a.ts';\nimport { base } from './base.ts';\nexport default () => [new lazyA.A().x, lazyA.twice(3), base];`,
    'a.ts': `import { base } from './base.ts';\nlog.push('a');\nexport class A { x = base + 1; }\nexport const twice = (n: number) => 2 * n;`,
    'base.ts': `log.push('base');\nexport const base = 1;`,
  });
  t.deepEqual(log, ['base']);
  t.deepEqual([...(value as () => unknown[])()], [2, 6, 1]);
  (value as () => unknown)();
  t.deepEqual(log, ['base', 'a']);
});

test('link() lets a module of the list sleep although it is imported by name', async (t) => {
  const { value, log } = await linked(
    t,
    {
      'main.ts': `import { a } from './a.ts';\nexport default (a1: number) => { const b = { a: a1 }; return a(b.a); };`,
      'a.ts': `log.push('a');\nexport const a = (n: number) => n + 1;`,
    },
    ['a.ts'],
  );
  t.deepEqual(log, []);
  t.is((value as (n: number) => number)(4), 5);
});

test('link() evaluates what two lazy modules share once', async (t) => {
  const { value, log } = await linked(t, {
    'main.ts': `import * as lazyA from './a.ts';\nimport * as lazyB from './b.ts';\nexport default () => lazyA.add() + lazyB.add();`,
    'a.ts': `import { count } from './shared.ts';\nexport const add = () => ++count.n;`,
    'b.ts': `import { count } from './shared.ts';\nimport * as lazyA from './a.ts';\nexport const add = () => ++count.n + lazyA.add();`,
    'shared.ts': `log.push('shared');\nexport const count = { n: 0 };`,
  });
  t.is((value as () => number)(), 1 + 2 + 3);
  t.deepEqual(log, ['shared']);
});

test('link() passes on what a lazy module exports again', async (t) => {
  const { value } = await linked(t, {
    'main.ts': `import * as lazyA from './a.ts';\nimport './b.ts';\nexport default () => lazyA.b;`,
    'a.ts': `export { b } from './b.ts';`,
    'b.ts': `export const b = 7;`,
  });
  t.is((value as () => number)(), 7);
});

test('link() gives strict code', async (t) => {
  const { value } = await linked(t, { 'main.ts': `export default function () { return this; }` });
  t.is((value as () => unknown).call(undefined), undefined);
});

test('link() writes characters beyond ASCII as escapes', async (t) => {
  const { text, value } = await linked(t, {
    'main.ts': `export default ['…é', \`\u{1f600}\`, /^\u{1f600}$/u.test('\u{1f600}')];`,
  });
  t.notRegex(text, /[^\x00-\x7f]/);
  t.deepEqual([...(value as unknown[])], ['…é', '\u{1f600}', true]);
});

test('bundleText() is an expression whose value is the host function, made once', async (t) => {
  const text = await bundleText();
  t.is(await bundleText(), text);
  t.true(text.startsWith('(') && text.endsWith(')'));
  const host = vm.runInNewContext(text) as (call: number) => string;
  t.is(typeof host, 'function');
  t.true(Array.isArray(JSON.parse(host(2)).handlers));
});

test('bundleText() leaves no name on the global but those of the platform', async (t) => {
  const context = vm.createContext({});
  vm.runInContext(await bundleText(), context);
  const odd = vm.runInContext(
    `Object.getOwnPropertyNames(globalThis).filter((name) => /\\$|tine|part|woken/.test(name))`,
    context,
  );
  t.deepEqual([...odd], []);
});

test('link() keeps nothing of a module that runs once', async (t) => {
  const { value, log } = await linked(t, {
    'main.ts': `import * as onceA from './a.ts';\nimport { base } from './base.ts';\nexport default () => onceA.run() + base;\nonceA.run();`,
    'a.ts': `import { base } from './base.ts';\nimport * as lazyB from './b.ts';\nexport const run = () => base + lazyB.b;\nlog.push('a');`,
    'b.ts': `import { base } from './base.ts';\nlog.push('b');\nexport const b = base + 1;`,
    'base.ts': `log.push('base');\nexport const base = 1;`,
  });
  t.deepEqual(log, ['base', 'a', 'b']);
  t.is((value as () => number)(), 4);
  t.deepEqual(log, ['base', 'a', 'b', 'a']);
});

test('link() lets what a once module shares with sleeping ones be awake, as it has one state', async (t) => {
  const { value, log } = await linked(t, {
    'main.ts': `import * as onceA from './a.ts';\nimport * as lazyB from './b.ts';\nexport default () => [onceA.next(), lazyB.next()];`,
    'a.ts': `import { count } from './count.ts';\nexport const next = () => ++count.n;`,
    'b.ts': `import { count } from './count.ts';\nexport const next = () => ++count.n;`,
    'count.ts': `log.push('count');\nexport const count = { n: 0 };`,
  });
  t.deepEqual(log, ['count']);
  t.deepEqual([...(value as () => number[])()], [1, 2]);
  t.deepEqual([...(value as () => number[])()], [3, 4]);
});

test('link() binds a builtin that only sleeping modules call when they wake, and as it was at the start', async (t) => {
  const { text, value } = await linked(t, {
    'main.ts': `import * as lazyA from './a.ts';\nimport { push } from './builtins.ts';\nexport default () => { const list: number[] = []; push(list, 7); return lazyA.last(list); };`,
    'a.ts': `import { pop } from './builtins.ts';\nexport const last = (list: number[]) => pop(list);`,
    'builtins.ts': `export const uncurryThis = Function.prototype.bind.bind(Function.prototype.call as never) as never as (f: unknown) => (...args: unknown[]) => unknown;\nexport const pop = uncurryThis(Array.prototype.pop);\nexport const push = uncurryThis(Array.prototype.push);\n`,
  });
  t.regex(text, /push\s*=\s*uncurryThis\(Array\.prototype\.push\)/);
  t.notRegex(text, /uncurryThis\(Array\.prototype\.pop\)/);
  t.is((value as () => unknown)(), 7);
});
