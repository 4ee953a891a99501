#!/usr/bin/env node
// The `tine` command, in JavaScript that an older Node reads too: finds a Node that runs TypeScript, here or in a
// child, and hands over to `main.ts`. Knows nothing of the commands.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const NEEDED = [24, 12];
const MAIN = new URL('./main.ts', import.meta.url);
/** Brought along by `npm install`, from the optional dependencies `node-linux-…`. */
const BUNDLED = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
/** Set for the child that `runIn` starts. */
const LAUNCHED = 'TINE_LAUNCHED';

if (isNewEnough(process.versions.node)) {
  endWithLauncher();
  const { main } = await import(MAIN.href);
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(BUNDLED) && isNewEnough(versionOf(BUNDLED))) {
  runIn(BUNDLED);
} else {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  console.error(`tine needs Node.js ${NEEDED.join('.')} or later; this is ${process.versions.node}.`);
  console.error(
    `On Linux, "npm install" in ${folder} brings one along. Elsewhere, get Node.js 24 from https://nodejs.org.`,
  );
  process.exitCode = 1;
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** @param {string} node */
function versionOf(node) {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return (stdout ?? '').trim().replace(/^v/, '');
}

/** @param {string} node */
function runIn(node) {
  // The channel says nothing; its end tells the child that this process is gone, even by SIGKILL.
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [LAUNCHED]: '1' },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal has told the child already, and a second signal means "at once".
      if (signal === 'SIGTERM' || !hasTerminal()) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`Cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.exit(128 + (constants.signals[signal] ?? 0));
  });
}

/** The end of the first process, even by SIGKILL, is the end of this one. */
function endWithLauncher() {
  if (process.env[LAUNCHED] === undefined || !process.channel) return;
  // Not for the children of this process.
  delete process.env[LAUNCHED];
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), 500).unref();
  });
  process.channel.unref();
}

/** Whether this process and its child are in the foreground of a terminal, where Ctrl-C reaches both. */
function hasTerminal() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY === true;
  }
}
