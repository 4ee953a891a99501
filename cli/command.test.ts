import test from 'ava';
import { command, connect, remoteCommand } from './command.ts';
import { makeFolder, startFake } from './fake-control.ts';

test('command() has its name and description, and no flags', (t) => {
  const made = command('x', 'does x');
  t.is(made.name(), 'x');
  t.is(made.description(), 'does x');
  t.deepEqual(made.options, []);
});

test('remoteCommand() has the flags that say which server is meant', (t) => {
  t.deepEqual(
    remoteCommand('x', '').options.map(({ long }) => long),
    ['--json', '--control-url', '--token', '--data'],
  );
});

test('connect() talks to the server that the flags name, before that of the environment', async (t) => {
  const { control } = await startFake(t);
  control.seed('a', [{ v: 100 }]);
  const env = { TINE_CONTROL_URL: 'http://127.0.0.1:1', TINE_TOKEN: 'other' };
  const io = { out: () => {}, err: () => {}, env, cwd: makeFolder(t), ask: undefined };
  const programs = await connect({ controlUrl: control.url, token: control.token }, io).listPrograms();
  t.deepEqual(
    programs.map(({ name }) => name),
    ['a'],
  );
});
