import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeProcessScripts } from './process-scripts.ts';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tine-scripts-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('makeProcessScripts() makes plain JavaScript that runs from another folder', async (t) => {
  const from = folder(t);
  writeFileSync(join(from, 'part.ts'), 'export const twice = (n: number): number => n * 2;');
  writeFileSync(join(from, 'main.ts'), `import { twice } from './part.ts'; console.log(twice(21) as number);`);
  const scripts = await makeProcessScripts({ answer: join(from, 'main.ts') }, join(folder(t), 'made'));
  t.regex(scripts.answer, /answer\.mjs$/);
  t.notRegex(readFileSync(scripts.answer, 'utf8'), /: number/);
  t.is(execFileSync(process.execPath, [scripts.answer], { encoding: 'utf8' }), '42\n');
});

test('makeProcessScripts() leaves packages where they are and names them by path', async (t) => {
  const from = folder(t);
  const entry = new URL('../languages.ts', import.meta.url).pathname;
  const { languages } = await makeProcessScripts({ languages: entry }, from);
  const text = readFileSync(languages, 'utf8');
  t.notRegex(text, /from ?"(?!node:|\.{0,2}\/)/, 'a bare name cannot be found from there');
});

test('makeProcessScripts() rejects for an entry that does not exist', async (t) => {
  await t.throwsAsync(makeProcessScripts({ none: join(folder(t), 'none.ts') }, folder(t)));
});
