import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { bundleForUpload, javascript } from './language.ts';

test('javascript.compile() and bundleForUpload() are the compilers themselves', async (t) => {
  t.true((await javascript.compile([{ path: 'a.ts', text: '' }], {})).code.includes('const tine_program'));
  await t.throwsAsync(bundleForUpload('/nowhere/a.ts'), { name: 'CompileError' });
});

test('javascript.prepare() loads the bundler and makes nothing', async (t) => {
  t.is(await javascript.prepare?.(), undefined);
  t.true((process.report.getReport() as { sharedObjects: string[] }).sharedObjects.join().includes('rolldown'));
});

test('the bundler is not loaded by the words of #runtime', (t) => {
  const index = join(import.meta.dirname, '../index.ts');
  const script = `await import(${JSON.stringify(index)}); console.log(process.report.getReport().sharedObjects.join())`;
  const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  t.true(loaded.includes('libc'), 'the list is one of libraries');
  t.false(loaded.includes('rolldown'));
});
