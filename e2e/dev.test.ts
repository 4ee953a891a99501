// `tine dev` as an author meets it: a save is live, a broken one keeps the last good version, errors name the source,
// limits are those of `tine serve`, and nothing is left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { type Init, type Reply, send } from './http.ts';
import { descendants, type ProcessInfo } from './processes.ts';
import { gone, NODE } from './start.ts';
import { until } from './until.ts';

const CLI = fileURLToPath(new URL('../cli/tine.js', import.meta.url));
const START_MS = 20_000;

class Dev {
  readonly folder: string;
  readonly child: ChildProcess;
  out = '';
  readonly exited: Promise<number | NodeJS.Signals | null>;

  constructor(t: ExecutionContext, files: Record<string, string>, args: readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'tine-dev-'));
    for (const [path, text] of Object.entries(files)) this.save(path, text);
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, TINE_PORT: '0', TINE_CONTROL_PORT: '0', TINE_LOG_FORMAT: 'pretty' };
    this.child = spawn(NODE, [CLI, 'dev', ...args], { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.out += text;
      });
    }
    this.exited = new Promise((resolve) => this.child.on('exit', (code, signal) => resolve(signal ?? code)));
    t.teardown(async () => {
      this.child.kill('SIGKILL');
      await this.exited;
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  save(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** As editors do it that keep the old file until the new one is whole. */
  saveByRename(path: string, text: string): void {
    this.save(`${path}.tmp`, text);
    renameSync(join(this.folder, `${path}.tmp`), join(this.folder, path));
  }

  says(pattern: RegExp): Promise<RegExpExecArray> {
    return until(`${pattern} in\n${this.out}`, () => pattern.exec(this.out) ?? undefined, START_MS).catch((error) => {
      throw new Error(`${error.message}\n${this.out}`);
    });
  }

  async fetch(program: string, path = '/', init: Init = {}): Promise<Reply> {
    const [, url] = await this.says(/tine dev {2}(http:\S+)/);
    return send(url + path, { ...init, headers: { host: `${program}.localhost`, ...init.headers } });
  }

  live(program: string, text: string): Promise<unknown> {
    return until(`"${text}" to be live`, async () => (await this.fetch(program)).text === text, START_MS);
  }

  processes(): ProcessInfo[] {
    return descendants(this.child.pid!);
  }
}

const answering = (text: string) =>
  `export default { fetch(): Response { return new Response(${JSON.stringify(text)}) } }\n`;
const HTML = { headers: { accept: 'text/html,*/*' } };

test.serial(
  'tine dev file.ts: a save is live, also by rename; new imports are watched; what is deleted may come back',
  async (t) => {
    const dev = new Dev(t, { 'hello.ts': answering('one') }, ['hello.ts']);
    await dev.live('hello', 'one');
    dev.save('hello.ts', answering('two'));
    await dev.live('hello', 'two');
    dev.saveByRename('hello.ts', answering('three'));
    await dev.live('hello', 'three');
    dev.save('lib/word.ts', `export const word: string = 'four';`);
    dev.save('hello.ts', `import { word } from './lib/word.ts';\nexport default { fetch: () => new Response(word) };`);
    await dev.live('hello', 'four');
    dev.save('lib/word.ts', `export const word: string = 'five';`);
    await dev.live('hello', 'five');
    rmSync(join(dev.folder, 'lib/word.ts'));
    await dev.says(/unresolved_import/);
    t.is((await dev.fetch('hello')).text, 'five', 'the last good version goes on serving');
    dev.save('lib/word.ts', `export const word: string = 'six';`);
    await dev.live('hello', 'six');
    dev.save('hello.ts', `import { other } from './other.ts';\nexport default { fetch: () => new Response(other) };`);
    await dev.says(/cannot import "\.\/other\.ts"/);
    dev.save('other.ts', `export const other = 'seven';`);
    await dev.live('hello', 'seven');
  },
);

test.serial(
  'a broken save: the last good version serves, the terminal shows the place, pages have a box until it is mended',
  async (t) => {
    const page = (text: string) =>
      `export default { fetch: () => new Response(${JSON.stringify(text)}, { headers: { 'content-type': 'text/html' } }) }`;
    const dev = new Dev(t, { 'p.ts': page('<p>good</p>') }, ['p.ts']);
    await dev.live('p', '<p>good</p>');
    dev.save('p.ts', 'export default {\n  fetch() { return new Response("<script>" }\n}\n');
    await dev.says(/p: compile_error/);
    t.regex(dev.out, /p\.ts:2:\d+/);
    t.regex(dev.out, /> 2 \|/);
    t.regex(dev.out, /the last good version goes on serving/);
    const shown = await until('the box', async () => {
      const reply = await dev.fetch('p');
      return reply.text.includes('role="alert"') ? reply : undefined;
    });
    t.is(shown.status, 200);
    t.true(shown.text.startsWith('<p>good</p>'));
    t.regex(shown.text, /p\.ts:2:/);
    t.false(shown.text.includes('<script>'), 'what comes from the source is text');
    dev.save('p.ts', page('<p>mended</p>'));
    await dev.live('p', '<p>mended</p>');
  },
);

test.serial('a program that was never good has a page for browsers and JSON for others, until it is', async (t) => {
  const dev = new Dev(t, { 'p.ts': 'export default { fetch( }' }, ['p.ts']);
  await dev.says(/nothing is served yet/);
  const shown = await until('the page', async () => {
    const reply = await dev.fetch('p', '/', HTML);
    return reply.text.includes('compile_error') ? reply : undefined;
  });
  t.is(shown.status, 404);
  t.regex(String(shown.headers['content-type']), /^text\/html/);
  t.regex(shown.text, /p\.ts:1:/);
  const { error } = (await dev.fetch('p')).json;
  t.like(error as object, { code: 'compile_error', file: 'p.ts', line: 1 });
  dev.save('p.ts', answering('good'));
  await dev.live('p', 'good');
  await dev.fetch('p', '/', HTML);
});

test.serial('a configuration that cannot be read is shown as well, and mended by a save', async (t) => {
  const config = 'wrangler-like.config.json';
  const dev = new Dev(t, { [config]: '{ "name": "conf", "main": "a.ts", "nmae": 1 }', 'a.ts': answering('fine') }, []);
  await dev.says(/invalid_config.*nmae/s);
  await until('the page', async () => (await dev.fetch('conf', '/', HTML)).text.includes('nmae'));
  dev.save(config, '{ "name": "conf", "main": "a.ts" }');
  await dev.live('conf', 'fine');
  t.is((await dev.fetch('conf', '/', HTML)).text, 'fine');
});

test.serial('a thrown error names its place in TypeScript: on the page, in JSON and in the terminal', async (t) => {
  const source = `type A = { b: number };\n\nexport default {\n  fetch(_: Request): Response {\n    const a: A | undefined = undefined;\n    console.log('before <b>it</b>');\n    return new Response(String(a!.b));\n  },\n};\n`;
  const dev = new Dev(t, { 'p.ts': source }, ['p.ts']);
  await dev.says(/serves in/);
  const page = await dev.fetch('p', '/<i>', HTML);
  t.is(page.status, 500);
  t.regex(page.text, /TypeError/);
  t.regex(page.text, /p\.ts:7:/);
  t.regex(page.text, /&gt; 7 \|/);
  const { error } = (await dev.fetch('p', '/', { headers: { 'x-request-id': 'shown-1' } })).json;
  t.like(error as object, { code: 'threw', requestId: 'shown-1', file: 'p.ts', line: 7 });
  await dev.says(/shown-1/);
  await dev.says(/p\.ts:7:\d+/);
  t.notRegex(dev.out, /program\.js/);
});

test.serial(
  'limits are enforced; each request has one block with status, outcome, CPU and time of the fork',
  async (t) => {
    const source = `export default { fetch(request) { console.log('a line of it'); if (request.url.endsWith('/loop')) for (;;); return new Response('fine') } }`;
    const dev = new Dev(t, { 'p.js': source }, ['p.js']);
    await dev.says(/serves in/);
    t.is((await dev.fetch('p', '/loop')).status, 504);
    t.is((await dev.fetch('p', '/x', { headers: { 'x-request-id': 'block-1' } })).text, 'fine');
    await dev.says(/504.* GET \/loop .*cpu [\d.]+ ms .*(cpu|wall)_limit/);
    const [block] = await dev.says(/[^\n]*GET \/x [^\n]*block-1[^\n]*\n[^\n]*a line of it/);
    t.regex(block, /200.* GET \/x {2}p {2}[\d.]+ ms {2}cpu [\d.]+ ms {2}fork [\d.]+ ms {2}ok/);
  },
);

test.serial('several programs, as files and folders, share a port', async (t) => {
  const files = {
    'one.js': answering('1').replace(': Response', ''),
    'two/wrangler-like.config.json': '{ "name": "second", "main": "b.ts" }',
    'two/b.ts': answering('2'),
  };
  const dev = new Dev(t, files, ['one.js', 'two']);
  await Promise.all([dev.live('one', '1'), dev.live('second', '2')]);
  dev.save('two/b.ts', answering('2b'));
  await dev.live('second', '2b');
  t.is((await dev.fetch('one')).text, '1');
});

test.serial('30 saves in a row: no process more than before, and old versions are pruned', async (t) => {
  const dev = new Dev(t, { 'p.ts': answering('0') }, ['p.ts']);
  await dev.live('p', '0');
  dev.save('p.ts', answering('first'));
  await dev.live('p', 'first');
  const before = dev.processes().length;
  for (let n = 1; n <= 30; n++) {
    dev.save('p.ts', answering(String(n)));
    await dev.live('p', String(n));
  }
  await until('as many processes as before', () => dev.processes().length <= before + 1);
  const [, control] = await dev.says(/control API (http:[^)\s]+)/);
  t.truthy(control);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test.serial(`${signal} leaves no process behind`, async (t) => {
    const dev = new Dev(t, { 'p.ts': answering('x') }, ['p.ts']);
    await dev.live('p', 'x');
    const before = dev.processes();
    t.true(before.length >= 2);
    dev.child.kill(signal);
    t.is(await dev.exited, signal === 'SIGKILL' ? 'SIGKILL' : 0);
    await t.notThrowsAsync(gone(before, 2_000));
  });
}
