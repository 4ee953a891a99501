// A stranger's path along the command line, against a real server: deploy, look, roll back, split, delete.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { runTine, start, type Tine } from './start.ts';

interface Context {
  tine: Tine;
  folder: string;
  /** Runs a command as its user would, who is told where the server is by the environment. */
  cli(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

const test = anyTest as TestFn<Context>;
const answering = (text: string) => `export default { fetch(): Response { return new Response('${text}') } }\n`;

test.before(async (t) => {
  t.timeout(60_000);
  const tine = await start();
  const folder = mkdtempSync(join(tmpdir(), 'tine-cli-'));
  const { PATH = '', HOME = '' } = process.env;
  t.context = {
    tine,
    folder,
    cli: (...args) => runTine(args, { PATH, HOME, TINE_CONTROL_URL: tine.controlUrl, TINE_TOKEN: tine.token }),
  };
});

test.after.always(async (t) => {
  rmSync(t.context.folder, { recursive: true, force: true });
  await t.context.tine.stop();
});

test.serial('tine deploy <file> --name: says version and URL, and it answers there', async (t) => {
  const { cli, folder, tine } = t.context;
  const file = join(folder, 'hello.ts');
  writeFileSync(file, answering('one'));
  const { code, stdout, stderr } = await cli('deploy', file, '--name', 'hello');
  t.is(code, 0, stderr);
  t.regex(stdout, /hello/);
  t.regex(stdout, /[0-9a-f]{12}/);
  t.true(stdout.includes(`http://hello.localhost:${tine.dataPort}/`), stdout);
  t.is((await tine.fetch('hello')).text, 'one');
});

test.serial('tine deploy <folder>: configuration, several modules; --json is for machines', async (t) => {
  const { cli, folder, tine } = t.context;
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(
    join(app, 'wrangler-like.config.json'),
    '{ "name": "shop", "main": "main.ts", "vars": { "WORD": "configured" } }',
  );
  writeFileSync(join(app, 'part.ts'), 'export const answer = (word: string): Response => new Response(word);');
  writeFileSync(
    join(app, 'main.ts'),
    `import { answer } from './part.ts';\nexport default { fetch: (_: Request, env: { WORD: string }) => answer(env.WORD) };`,
  );
  const { code, stdout, stderr } = await cli('deploy', app, '--json');
  t.is(code, 0, stderr);
  const deployed = JSON.parse(stdout);
  t.is(deployed.program, 'shop');
  t.is((await tine.fetch('shop')).text, 'configured');
});

test.serial('a deploy that is refused: exit code 1, and the place in the source', async (t) => {
  const { cli, folder, tine } = t.context;
  const file = join(folder, 'hello.ts');
  writeFileSync(file, 'export default {\n  fetch(: Response {}\n}\n');
  const { code, stdout, stderr } = await cli('deploy', file, '--name', 'hello');
  t.is(code, 1);
  t.is(stdout, '');
  t.regex(stderr, /hello\.ts:2:\d+/);
  t.is((await tine.fetch('hello')).text, 'one', 'the old version serves on');
});

test.serial('tine ls and tine versions list what there is, for people and as JSON', async (t) => {
  const { cli, folder } = t.context;
  const file = join(folder, 'hello.ts');
  writeFileSync(file, answering('two'));
  t.is((await cli('deploy', file, '--name', 'hello')).code, 0);
  const shown = await cli('ls');
  t.is(shown.code, 0);
  t.regex(shown.stdout, /hello/);
  t.regex(shown.stdout, /shop/);
  const versions = await cli('versions', 'hello', '--json');
  t.is(versions.code, 0);
  const parsed = JSON.parse(versions.stdout);
  const items = (Array.isArray(parsed) ? parsed : parsed.items) as { version: string; percent: number }[];
  t.deepEqual(
    items.map(({ percent }) => percent),
    [100, 0],
  );
});

test.serial('tine rollback, tine promote --percent: traffic moves as it is said', async (t) => {
  const { cli, tine } = t.context;
  t.is((await tine.fetch('hello')).text, 'two');
  const back = await cli('rollback', 'hello');
  t.is(back.code, 0, back.stderr);
  t.is((await tine.fetch('hello')).text, 'one');
  const newest = (await tine.control('GET', '/v1/programs/hello/versions')).json.items[0]!.version;
  const split = await cli('promote', 'hello', newest, '--percent', '25');
  t.is(split.code, 0, split.stderr);
  const { traffic } = (await tine.control('GET', '/v1/programs/hello')).json;
  t.is(traffic[newest], 25);
  t.is(
    Object.values<number>(traffic).reduce((sum, percent) => sum + percent, 0),
    100,
  );
  const whole = await cli('promote', 'hello', newest);
  t.is(whole.code, 0, whole.stderr);
  t.is((await tine.fetch('hello')).text, 'two');
});

test.serial('tine delete asks first where it cannot ask, and deletes with --yes', async (t) => {
  const { cli, tine } = t.context;
  const asked = await cli('delete', 'shop');
  t.not(asked.code, 0);
  t.is((await tine.fetch('shop')).text, 'configured');
  const done = await cli('delete', 'shop', '--yes');
  t.is(done.code, 0, done.stderr);
  t.is((await tine.fetch('shop')).code, 'not_found');
});

test.serial(
  'failures: an unknown program, command or server, and a wrong token, each with a code and a sentence',
  async (t) => {
    const { cli, tine } = t.context;
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, TINE_CONTROL_URL: tine.controlUrl, TINE_TOKEN: tine.token };
    const table: [string, Promise<{ code: number | null; stdout: string; stderr: string }>][] = [
      ['program', cli('versions', 'nobody')],
      ['command', cli('deplyo')],
      ['server', runTine(['ls'], { ...env, TINE_CONTROL_URL: 'http://127.0.0.1:1' })],
      ['token', runTine(['ls'], { ...env, TINE_TOKEN: 'wrong-token-of-some-length' })],
    ];
    for (const [name, running] of table) {
      const { code, stderr } = await running;
      t.true(code !== 0 && code !== null, name);
      t.true(stderr.trim().length > 10, name);
      t.notRegex(stderr, /\n\s+at .*\.ts:/, `${name}: no stack`);
      t.false(stderr.includes(tine.token), name);
    }
  },
);

test.serial('a mistyped setting of serve is exit code 78 and names it', async (t) => {
  const { PATH = '', HOME = '' } = process.env;
  const { code, stderr } = await runTine(['serve', '--port', 'many'], {
    PATH,
    HOME,
    TINE_DATA: join(t.context.folder, 'd'),
  });
  t.is(code, 78);
  t.regex(stderr, /--port/);
});
