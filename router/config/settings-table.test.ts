import test from 'ava';
import { CEILING_SETTINGS, SETTINGS, unknownSettings } from './settings-table.ts';

test('SETTINGS pair each variable with the flag of the same name, once', (t) => {
  const all = [...SETTINGS, ...CEILING_SETTINGS];
  for (const { env, flag } of all) t.is(`TINE_${flag.toUpperCase().replaceAll('-', '_')}`, env);
  t.is(new Set(all.map(({ env }) => env)).size, all.length);
  t.true(all.every(({ help }) => help.length > 0 && !help.endsWith('.')));
});

test('unknownSettings() names what looks like a setting and is none, with the one that may be meant', (t) => {
  t.deepEqual(unknownSettings({ TINE_PROT: '1', TINE_PORT: '1', PATH: '/bin', TINE_ZZZZZZZZ: 'x' }), [
    'TINE_PROT is not a setting and has no effect; did you mean TINE_PORT?',
    'TINE_ZZZZZZZZ is not a setting and has no effect',
  ]);
});

test('unknownSettings() knows the variables of the command line', (t) => {
  t.deepEqual(unknownSettings({ TINE_ENV: 'staging', TINE_CONTROL_URL: 'http://x' }), []);
});
