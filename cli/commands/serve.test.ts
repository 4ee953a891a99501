import { join } from 'node:path';
import test from 'ava';
import { CEILING_SETTINGS, SETTINGS } from '#router';
import { makeFolder, tine } from '../fake-control.ts';

test('tine serve has a flag for every setting, named after its variable', async (t) => {
  const { code, out } = await tine('/', ['serve', '--help']);
  t.is(code, 0);
  for (const { flag, env } of [...SETTINGS, ...CEILING_SETTINGS]) {
    t.regex(out, new RegExp(`^ +--${flag}( |$)`, 'm'), flag);
    t.true(out.includes(env), env);
  }
});

for (const { flag, env: variable, kind } of [...SETTINGS, ...CEILING_SETTINGS]) {
  if (kind.is === 'path' || kind.is === 'switch') continue;
  test(`tine serve --${flag} refuses a value that cannot be, with exit code 78 and the name`, async (t) => {
    const cwd = makeFolder(t);
    // Should the value be taken after all, the server is in nobody's way.
    const env = { TINE_DATA: join(cwd, 'data'), TINE_PORT: '0', TINE_CONTROL_PORT: '0' };
    const byFlag = await tine(cwd, ['serve', `--${flag}=ü !`], env);
    t.is(byFlag.code, 78);
    t.regex(byFlag.err, new RegExp(`^--${flag} must be .+; got `));
    const byVariable = await tine(cwd, ['serve'], { ...env, [variable]: 'ü !' });
    t.is(byVariable.code, 78);
    t.regex(byVariable.err, new RegExp(`^${variable} must be .+; got `));
  });
}
