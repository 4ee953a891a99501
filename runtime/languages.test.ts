import test from 'ava';
import type { LanguageName } from './language.ts';
import { compileFor, languages } from './languages.ts';

test('compileFor() gives the compiler of a language', async (t) => {
  t.is(compileFor('javascript'), languages.javascript.compile);
  t.true((await compileFor('javascript')([{ path: 'a.ts', text: '' }], {})).code.includes('tine_program'));
});

test('compileFor() refuses a language that tine does not have', (t) => {
  for (const name of ['cobol', 'constructor', '__proto__']) {
    t.throws(() => compileFor(name as LanguageName), {
      instanceOf: RangeError,
      message: /must be one of .*javascript.*: got /,
    });
  }
});

test('every language bears its name', (t) => {
  for (const [name, language] of Object.entries(languages)) t.is(language.name, name as LanguageName);
});
