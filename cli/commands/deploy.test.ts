import test from 'ava';
import { makeFolder, problem, startFake, tine } from '../fake-control.ts';

const HELLO = 'export default { fetch() { return new Response("hello"); } };\n';

test('tine deploy uploads one part per module and the configuration in force', async (t) => {
  const { control, env } = await startFake(t);
  const config = {
    name: 'shop',
    main: 'src/index.ts',
    vars: { A: 1 },
    env: { staging: { vars: { A: 2 }, limits: { cpu_ms: 9 } } },
  };
  const cwd = makeFolder(t, {
    'wrangler-like.config.json': JSON.stringify(config),
    'src/index.ts': `import { text } from './text.ts';\nexport default { fetch(): Response { return new Response(text); } };\n`,
    'src/text.ts': 'export const text: string = "typed";\n',
  });
  const { code, out, err } = await tine(cwd, ['deploy', '--env', 'staging'], env);
  t.is(err, '');
  t.is(code, 0);
  t.is(control.uploads.length, 1);
  const { path, parts } = control.uploads[0]!;
  t.is(path, '/v1/programs/shop-staging');
  t.deepEqual(Object.keys(parts), ['config', 'src/index.js']);
  t.deepEqual(JSON.parse(parts['config']!), {
    name: 'shop-staging',
    main: 'src/index.js',
    vars: { A: 2 },
    limits: { cpu_ms: 9 },
  });
  t.regex(parts['src/index.js']!, /typed/);
  t.regex(parts['src/index.js']!, /sourceMappingURL=data:application\/json/);
  t.regex(
    out,
    /^shop-staging [0-9a-f]{12}\n {2}http:\/\/shop-staging\.localhost:8787\/\n {2}snapshot of 412\.3 KB, built in 180 ms, top level 2\.5 ms, context 240 µs$/,
  );
});

test("tine deploy bundles npm packages on the author's machine", async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, {
    'a.js': 'import { shout } from "loud";\nexport default { fetch() { return new Response(shout("x")); } };\n',
    'node_modules/loud/package.json': '{"name": "loud", "version": "1.0.0", "type": "module", "exports": "./index.js"}',
    'node_modules/loud/index.js': 'export const shout = (text) => text + " FROM A PACKAGE";\n',
  });
  t.is((await tine(cwd, ['deploy', 'a.js'], env)).code, 0);
  t.regex(control.uploads[0]?.parts['a.js'] ?? '', /FROM A PACKAGE/);
});

test('tine deploy --json prints the answer of the server with all warnings, each once', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, {
    'wrangler.jsonc': '{ // mine\n "name": "a", "main": "a.js",\n "workers_dev": true }',
    'a.js': HELLO,
  });
  control.next = {
    status: 201,
    body: {
      program: 'a',
      version: 'f'.repeat(64),
      url: 'http://a.localhost/',
      template: { id: 't', mode: 'script', snapshotBytes: 0, buildMs: 1, initMs: 1, contextUs: 1 },
      warnings: [
        { code: 'config_no_effect', key: 'workers_dev', text: '"workers_dev" (line 1) has no effect here.' },
        { code: 'entropy', text: 'Math.random() at top level', line: 3 },
      ],
    },
  };
  const { code, out } = await tine(cwd, ['deploy', '--json'], env);
  t.is(code, 0);
  const answer = JSON.parse(out) as { version: string; warnings: { code: string; line: number }[]; isNew?: unknown };
  t.is(answer.version, 'f'.repeat(64));
  t.deepEqual(
    answer.warnings.map((warning) => [warning.code, warning.line]),
    [
      ['config_no_effect', 3],
      ['entropy', 3],
    ],
  );
  t.is(answer.isNew, undefined);
});

test('tine deploy prints warnings beside the result', async (t) => {
  const { env } = await startFake(t);
  const cwd = makeFolder(t, { 'wrangler.json': '{"name": "a", "main": "a.js",\n "logpush": true}', 'a.js': HELLO });
  const { err } = await tine(cwd, ['deploy'], env);
  t.regex(
    err,
    /^warning: "logpush" \(line 2\) has no effect here: it is a setting of the hosted service\. \(.*wrangler\.json:2:2\)$/,
  );
});

test('tine deploy says when the version is not new, and what is left to do when it is not promoted', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, { 'a.js': HELLO });
  await tine(cwd, ['deploy', 'a.js'], env);
  const again = await tine(cwd, ['deploy', 'a.js', '--no-promote'], env);
  t.regex(
    again.out,
    /^a [0-9a-f]{12} \(the same version as before\)\n {2}not promoted; `tine promote a [0-9a-f]{12}` does it\n/,
  );
  t.is(control.uploads[1]?.path, '/v1/programs/a?promote=false');
});

test('tine deploy exits with 78 for a configuration that is wrong, and uploads nothing', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, {
    'wrangler.json': '{"name": "a",\n "main": "a.js",\n "limits": {"cpu_ms": "50"}}',
    'a.js': HELLO,
  });
  const { code, err } = await tine(cwd, ['deploy'], env);
  t.is(code, 78);
  t.regex(
    err,
    /^"limits\.cpu_ms" \(line 3\) must be an integer from 1 to 300000; got "50"\.\n {2}at .*wrangler\.json:3:13$/,
  );
  t.deepEqual(control.seen, []);
});

test('tine deploy exits with 78 for what the server refuses in the configuration', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, { 'a.js': HELLO });
  control.next = problem(422, 'limit_above_ceiling', {
    text: '"limits.cpu_ms" asks for 500, the operator allows at most 100.',
  });
  const { code, err } = await tine(cwd, ['deploy', 'a.js'], env);
  t.is(code, 78);
  t.is(err, 'fixed text of limit_above_ceiling: "limits.cpu_ms" asks for 500, the operator allows at most 100.');
});

test('tine deploy shows where the source does not compile, and uploads nothing', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, { 'a.ts': 'const fine = 1;\nexport default { fetch( { };\n' });
  const { code, out, err } = await tine(cwd, ['deploy', 'a.ts'], env);
  t.is(code, 1);
  t.is(out, '');
  t.regex(err, /\n {2}at a\.ts:2:\d+\n/);
  t.regex(err, /\^/);
  t.deepEqual(control.seen, []);
});

test('tine deploy shows where the server found a mistake', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, { 'a.js': HELLO });
  control.next = problem(422, 'init_threw', {
    text: 'TypeError: x is undefined',
    file: 'src/a.ts',
    line: 7,
    column: 3,
    frame: '> 7 | x()',
  });
  const { code, err } = await tine(cwd, ['deploy', 'a.js'], env);
  t.is(code, 1);
  t.is(err, 'fixed text of init_threw: TypeError: x is undefined\n  at src/a.ts:7:3\n\n> 7 | x()');
});

test('tine deploy takes a program whose configuration stands in a folder below', async (t) => {
  const { control, env } = await startFake(t);
  const cwd = makeFolder(t, { 'deploy/wrangler.json': '{"name": "a", "main": "../src/a.js"}', 'src/a.js': HELLO });
  t.like(await tine(cwd, ['deploy', 'deploy'], env), { code: 0, err: '' });
  const { parts } = control.uploads[0]!;
  t.deepEqual(Object.keys(parts), ['config', 'src/a.js']);
  t.is((JSON.parse(parts['config']!) as { main: string }).main, 'src/a.js');
});
