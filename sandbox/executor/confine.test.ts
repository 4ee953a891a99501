import { spawnSync } from 'node:child_process';
import test from 'ava';
import { APP_FOLDER, confined, type Layer2, NO_LAYER2, probeLayer2, V8_FLAGS } from './confine.ts';

const ALL: Layer2 = { namespaces: true, rlimits: true, parentDeath: true, missing: [] };
const words = (options: Partial<Parameters<typeof confined>[0]> = {}) => {
  const { command, args } = confined({ layer2: NO_LAYER2, entry: '/x/main.ts', ...options });
  return [command, ...args];
};

test('confined() always has the flags of the engine, the permission model, and the entry last', (t) => {
  const line = words({ args: ['a'], nodeFlags: ['--max-heap-size=512'] });
  t.is(line[0], process.execPath);
  for (const flag of [...V8_FLAGS, '--permission', '--allow-addons', '--max-heap-size=512'])
    t.true(line.includes(flag), flag);
  t.deepEqual(line.slice(-2), ['/x/main.ts', 'a']);
  t.deepEqual(
    line.filter((word) => word.startsWith('--allow-')),
    ['--allow-addons', `--allow-fs-read=${APP_FOLDER}/*`, '--allow-fs-read=/etc/alpine-release'],
  );
});

test('confined() puts the parent-death signal after the namespaces, which would clear it', (t) => {
  const line = words({ layer2: ALL, addressSpaceBytes: 1_000 });
  const at = (name: string) => line.findIndex((word) => word.endsWith(name));
  t.true(
    at('/unshare') === 0 &&
      at('/prlimit') > 0 &&
      at('/setpriv') > at('/prlimit') &&
      at(process.execPath) > at('/setpriv'),
  );
  t.true(line.includes('--as=1000'));
  t.false(words({ layer2: ALL }).some((word) => word.startsWith('--as')));
});

test('probeLayer2() says what is missing in one sentence each', (t) => {
  const { namespaces, rlimits, parentDeath, missing } = probeLayer2();
  t.is(missing.length, [namespaces, rlimits, parentDeath].filter((has) => !has).length);
});

const PROBES: Record<string, string> = {
  'read a file of the host': "require('node:fs').readFileSync('/etc/passwd')",
  'write a file': "require('node:fs').writeFileSync('/tmp/tine-probe', '')",
  'start a process': "require('node:child_process').spawnSync('true')",
  'start a thread': "new (require('node:worker_threads').Worker)('1', { eval: true })",
};

for (const [what, code] of Object.entries(PROBES)) {
  test(`a confined process cannot ${what}`, (t) => {
    const script = `try { ${code}; console.log('allowed') } catch (error) { console.log(error.code) }`;
    const { command, args } = confined({ layer2: NO_LAYER2, entry: '-e', args: [script] });
    t.is(spawnSync(command, args, { env: {} }).stdout.toString().trim(), 'ERR_ACCESS_DENIED');
  });
}
