// The launcher, as a process: under the Node of the tests, and, where there is one, under an older Node on the PATH.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { makeFolder } from './fake-control.ts';

const TINE = fileURLToPath(new URL('./tine.js', import.meta.url));
const BUNDLED = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

/** A Node on the PATH that cannot run TypeScript. */
const OLD = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file) && !file.includes('node_modules'))
  .find(
    (file) => Number(spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.split('.')[0]) < 24,
  );

const old = OLD !== undefined && existsSync(BUNDLED) ? test : test.skip;

/** A launcher in a package of its own, whose `main` is this text. */
function launcherWith(t: ExecutionContext, main: string): string {
  const root = makeFolder(t, {
    'package.json': '{"type": "module"}',
    'cli/main.ts': main,
    'node_modules/.bin/node': '',
  });
  copyFileSync(TINE, join(root, 'cli/tine.js'));
  // Not a link, as then the test would find its way to the packages of this repository.
  writeFileSync(join(root, 'node_modules/.bin/node'), `#!/bin/sh\nexec "${BUNDLED}" "$@"\n`);
  chmodSync(join(root, 'node_modules/.bin/node'), 0o755);
  return join(root, 'cli/tine.js');
}

function start(
  t: ExecutionContext,
  node: string,
  file: string,
): { child: ChildProcess; line: Promise<string>; ended: Promise<[number | null, string | null]> } {
  const child = spawn(node, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdout?.setEncoding('utf8');
  const line = new Promise<string>((done) => child.stdout?.once('data', (text: string) => done(text.trim())));
  const ended = new Promise<[number | null, string | null]>((done) =>
    child.once('exit', (code, signal) => done([code, signal])),
  );
  return { child, line, ended };
}

/** Neither gone nor a zombie. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/status`) && /State:\s+[^ZX]/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

const STAYS = `
  export async function main(): Promise<number> {
    const stay = setInterval(() => {}, 1_000);
    process.on('SIGTERM', () => { console.log('told'); clearInterval(stay); process.exitCode = 7; });
    console.log(process.pid);
    return 0;
  }`;

test('tine.js runs in the Node at hand when that is new enough', (t) => {
  const { status, stdout } = spawnSync(process.execPath, [TINE, '--version'], { encoding: 'utf8' });
  t.is(status, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('tine.js passes exit codes on', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [TINE, 'serve', '--port', 'x'], { encoding: 'utf8' });
  t.is(status, 78);
  t.regex(stderr, /^--port must be an integer/);
});

old('tine.js under an older Node finds the one that came with the packages', (t) => {
  const { status, stdout } = spawnSync(OLD!, [TINE, '--version'], { encoding: 'utf8' });
  t.is(status, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
  t.is(spawnSync(OLD!, [TINE, 'serve', '--port', 'x']).status, 78);
  t.is(spawnSync(OLD!, [TINE, 'frobnicate']).status, 1);
});

old('tine.js under an older Node says what to do when there is no other', (t) => {
  const root = makeFolder(t, { 'package.json': '{"type": "module"}', 'cli/x': '' });
  copyFileSync(TINE, join(root, 'cli/tine.js'));
  const { status, stderr } = spawnSync(OLD!, [join(root, 'cli/tine.js')], { encoding: 'utf8' });
  t.is(status, 1);
  t.regex(stderr, /^tine needs Node\.js 24\.12 or later; this is \d+\.\d+\.\d+\.\n/);
  t.true(stderr.includes(`"npm install" in ${dirname(join(root, 'x'))}`));
});

old('tine.js under an older Node passes a signal on, and the exit code back', async (t) => {
  const { child, line, ended } = start(t, OLD!, launcherWith(t, STAYS));
  const pid = Number(await line);
  t.not(pid, child.pid);
  child.kill('SIGTERM');
  t.deepEqual(await ended, [7, null]);
});

old('tine.js under an older Node ends as its child was ended', async (t) => {
  const { line, ended } = start(t, OLD!, launcherWith(t, STAYS));
  process.kill(Number(await line), 'SIGKILL');
  t.deepEqual(await ended, [128 + constants.signals.SIGKILL, null]);
});

old('tine.js under an older Node leaves no process behind when it is killed', async (t) => {
  const stubborn = STAYS.replace('clearInterval(stay);', '');
  const { child, line } = start(t, OLD!, launcherWith(t, stubborn));
  const pid = Number(await line);
  const closed = new Promise((done) => child.stdout?.once('close', done));
  child.kill('SIGKILL');
  // The pipe closes when the last process that holds it is gone.
  await closed;
  // A process closes its files a moment before it is gone.
  const deadline = performance.now() + 5_000;
  while (isRunning(pid) && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  t.false(isRunning(pid));
});
