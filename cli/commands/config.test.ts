import test from 'ava';
import { makeFolder, tine } from '../fake-control.ts';

const FILES = {
  'a.js': '',
  'wrangler-like.config.json':
    '{\n "name": "a", "main": "a.js",\n "limits": {"cpu_ms": 9}, "vars": {"X": 1}, "logpush": true,\n "env": {"e": {}}\n}',
};

test('tine config explain prints every value with where it comes from, and the warnings', async (t) => {
  const { code, out, err } = await tine(makeFolder(t, FILES), ['config', 'explain']);
  t.is(code, 0);
  t.regex(out, /^name +"a" +line 2$/m);
  t.regex(out, /^limits\.cpu_ms +9 +line 3$/m);
  t.regex(out, /^limits\.wall_ms +30000 +default$/m);
  t.regex(err, /^warning: "logpush" \(line 3\) has no effect here/);
});

test('tine config explain --env marks what is not inherited', async (t) => {
  const cwd = makeFolder(t, FILES);
  const { out, err } = await tine(cwd, ['config', 'explain', '--env', 'e']);
  t.regex(out, /^name +"a-e" +line 2, for env\.e$/m);
  t.regex(out, /^vars +\{\} +default \(line 3 is not inherited by env\.e\)$/m);
  t.regex(err, /"vars" \(line 3\) is not inherited by the environment "e"/);
  t.is((await tine(cwd, ['config', 'explain', '--env', 'e', '--strict'])).code, 78);
  t.is((await tine(cwd, ['config', 'explain', '--env', 'f'])).code, 78);
});

test('tine config explain --json prints items and warnings', async (t) => {
  const { out } = await tine(makeFolder(t, FILES), ['config', 'explain', '--json']);
  const { items, warnings } = JSON.parse(out) as {
    items: { key: string; value: unknown; origin: string }[];
    warnings: { key: string }[];
  };
  t.deepEqual(
    items.find(({ key }) => key === 'limits.cpu_ms'),
    { key: 'limits.cpu_ms', value: 9, origin: 'line 3' },
  );
  t.deepEqual(
    warnings.map(({ key }) => key),
    ['logpush'],
  );
});

test('tine config explain shows the exact text of a mistake, and exits with 78', async (t) => {
  const cwd = makeFolder(t, { 'wrangler.jsonc': '{"name": "a", "main": "a.js",\n\n "triggerz": {}}', 'a.js': '' });
  const { code, err } = await tine(cwd, ['config', 'explain']);
  t.is(code, 78);
  t.is(err.split('\n')[0], '"triggerz" (line 3) is not a configuration key. Did you mean "triggers"?');
});
