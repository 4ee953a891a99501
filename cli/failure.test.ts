import test from 'ava';
import { CompileError } from '#runtime';
import { TineError } from '#sandbox';
import { CliError, EXIT, fail } from './failure.ts';

function failed(error: unknown): { code: number; lines: string[] } {
  const lines: string[] = [];
  const io = { out: () => {}, err: (line: string) => void lines.push(line), env: {}, cwd: '/', ask: undefined };
  return { code: fail(error, io), lines };
}

test('fail() prints message, place and the lines around it, and exits with 1', (t) => {
  const place = { file: 'src/a.ts', line: 3, column: 5, frame: '> 3 | x(\n    |   ^' };
  const lines = ['unexpected end', '  at src/a.ts:3:5', '', '> 3 | x(\n    |   ^'];
  t.deepEqual(failed(new CompileError('compile_error', 'unexpected end', place)), { code: EXIT.failed, lines });
  t.deepEqual(failed(new CliError('unexpected end', { code: 'compile_error', details: place })), {
    code: EXIT.failed,
    lines,
  });
});

test('fail() prints the fixed text of the code before what the details say', (t) => {
  const error = new CliError('the source does not compile', {
    code: 'compile_error',
    details: { text: 'x is not defined' },
  });
  t.deepEqual(failed(error).lines, ['the source does not compile: x is not defined']);
  t.deepEqual(failed(new CliError('same', { details: { text: 'same' } })).lines, ['same']);
});

for (const code of ['invalid_config', 'limit_above_ceiling'] as const) {
  test(`fail() exits with 78 for ${code}, found here or by the server`, (t) => {
    t.is(failed(new TineError(code, 'x')).code, 78);
    t.is(failed(new CliError('x', { code })).code, 78);
  });
}

test('fail() shows where an error that is ours happened', (t) => {
  t.regex(failed(new TypeError('oops')).lines[0] ?? '', /^TypeError: oops\n\s+at /);
  t.deepEqual(failed('text'), { code: 1, lines: ['text'] });
  t.deepEqual(failed(undefined), { code: 1, lines: ['undefined'] });
  t.deepEqual(failed(Object.assign(new Error('EACCES: no'), { code: 'EACCES' })).lines, ['EACCES: no']);
});

test('fail() prints nothing that steers a terminal', (t) => {
  t.deepEqual(failed(new CliError('a\x1b[2Jb', { details: { frame: '\x1b]0;x\x07c' } })).lines, ['ab', '', 'c']);
});
