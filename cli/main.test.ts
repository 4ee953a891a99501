import { readFileSync } from 'node:fs';
import test from 'ava';
import { makeFolder, startFake, tine } from './fake-control.ts';

const COMMANDS = ['serve', 'deploy', 'ls', 'versions', 'promote', 'rollback', 'delete', 'build', 'config'];

test('main() prints its version and its help, and exits with 0', async (t) => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  t.like(await tine('/', ['--version']), { code: 0, out: version, err: '' });
  const help = await tine('/', ['--help']);
  t.is(help.code, 0);
  for (const name of COMMANDS) t.true(help.out.includes(`  ${name} `), name);
});

for (const name of COMMANDS) {
  test(`tine ${name} --help explains itself`, async (t) => {
    const { code, out } = await tine('/', [name, '--help']);
    t.is(code, 0);
    t.regex(out, new RegExp(`^Usage: tine ${name}`));
  });
}

for (const args of [
  ['frobnicate'],
  ['ls', '--nope'],
  ['versions'],
  ['promote', 'a'],
  ['promote', 'a', 'b', '--percent', '101'],
  ['promote', 'a', 'b', '--percent', '1.5'],
]) {
  test(`main() refuses "tine ${args.join(' ')}" with exit code 1`, async (t) => {
    const { code, out, err } = await tine('/', args);
    t.is(code, 1);
    t.is(out, '');
    t.regex(err, /^error: /);
  });
}

test('tine serve refuses a wrong setting with its name and exit code 78, before it starts anything', async (t) => {
  const flag = await tine('/', ['serve', '--control-port', 'x']);
  t.is(flag.code, 78);
  t.is(flag.err, '--control-port must be an integer from 0 to 65535; got "x"');
  const variable = await tine('/', ['serve'], { TINE_PERMITS: '0' });
  t.is(variable.code, 78);
  t.is(variable.err, 'TINE_PERMITS must be an integer from 1 to 65536; got "0"');
  t.is((await tine('/', ['serve', '--control-host', '0.0.0.0'])).code, 78);
});

test('every command that talks to a server says how to start one', async (t) => {
  const cwd = makeFolder(t, { 'a.js': 'export default { fetch: () => new Response("x") };' });
  const { control, env } = await startFake(t);
  const { url } = control;
  control.close();
  for (const args of [
    ['ls'],
    ['versions', 'a'],
    ['rollback', 'a'],
    ['promote', 'a', 'abcd'],
    ['delete', 'a', '--yes'],
    ['deploy', 'a.js'],
  ]) {
    t.deepEqual(
      await tine(cwd, args, env),
      { code: 1, out: '', err: `no tine at ${url}: start one with \`npm start\`` },
      args.join(' '),
    );
  }
});
