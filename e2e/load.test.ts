// What `npm run load` says when it cannot begin. What it does when it can needs k6 and a quiet machine: CI's smoke.
import { spawnSync } from 'node:child_process';
import test from 'ava';

function load(...args: string[]) {
  const run = new URL('../load/run.ts', import.meta.url).pathname;
  // No k6 on PATH, none in the home folder.
  const env = { PATH: '/nowhere', HOME: '/nowhere' };
  return spawnSync(process.execPath, [run, ...args], { env, encoding: 'utf8', timeout: 20_000 });
}

test('npm run load without k6 exits with 2 and one line that says where to get it', (t) => {
  const { status, stdout, stderr } = load('smoke');
  t.is(status, 2, stderr);
  t.is(stdout, '');
  t.regex(stderr, /^k6 is not here: load\/README\.md.*\n$/);
});

test('npm run load with an unknown scenario exits with 2 and names those that there are', (t) => {
  const { status, stderr } = load('smokey');
  t.is(status, 2, stderr);
  t.regex(stderr, /^There is no scenario "smokey".*smoke, steady, burst, neighbour, deploys, soak\n$/);
});
