import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { makeFolder, tine } from '../fake-control.ts';

const FILES = {
  'a.ts': 'import { n } from "./n.ts";\nexport default { fetch: (): number => n() };\n',
  'n.ts': 'export function n(): number {\n  return Number("42");\n}\n',
};

test('tine build writes the one script that the server would make, and its source map', async (t) => {
  const cwd = makeFolder(t, FILES);
  const { code, out } = await tine(cwd, ['build', 'a.ts', '-o', 'out.js']);
  t.is(code, 0);
  t.regex(out, /^out\.js \d+/);
  const script = readFileSync(join(cwd, 'out.js'), 'utf8');
  t.is(runInNewContext(`${script}\n;tine_program.default.fetch()`), 42);
  const { sources } = JSON.parse(readFileSync(join(cwd, 'out.js.map'), 'utf8')) as { sources: string[] };
  t.true(sources.includes('n.ts'), sources.join());
});

test('tine build prints the script, or all of it as JSON', async (t) => {
  const cwd = makeFolder(t, FILES);
  const printed = await tine(cwd, ['build', 'a.ts']);
  t.is(runInNewContext(`${printed.out}\n;tine_program.default.fetch()`), 42);
  const json = JSON.parse((await tine(cwd, ['build', 'a.ts', '--json'])).out) as {
    code: string;
    map: string;
    warnings: unknown[];
  };
  t.is(json.code, printed.out);
  t.deepEqual(json.warnings, []);
});

test('tine build writes nothing when the source does not compile', async (t) => {
  const cwd = makeFolder(t, { 'a.js': 'export default {' });
  const { code, err } = await tine(cwd, ['build', 'a.js', '-o', 'out.js']);
  t.is(code, 1);
  t.regex(err, /\n {2}at a\.js:\d+:\d+/);
  t.false(existsSync(join(cwd, 'out.js')));
});
