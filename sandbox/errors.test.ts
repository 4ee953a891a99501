import test from 'ava';
import { CODES, type Code, codeOf, TineError } from './errors.ts';
import { OUTCOMES } from './outcome.ts';

const OWN_WORDS = Object.entries(CODES) as [Code, (typeof CODES)[Code] & { retryAfter?: number }][];

test('CODES have a status of an error, and a fixed text without a full stop', (t) => {
  for (const [code, { status, text }] of OWN_WORDS) {
    t.true(Number.isInteger(status) && status >= 400 && status <= 599, code);
    t.regex(text, /^[a-z].*[^.]$/, code);
    t.regex(code, /^[a-z][a-z_]*$/);
  }
});

test('CODES say when to come again exactly where a retry can help', (t) => {
  for (const [code, info] of OWN_WORDS) {
    const { status, retryAfter } = info as { status: number; retryAfter?: number };
    t.is(retryAfter !== undefined, status === 503 || status === 429, code);
  }
});

test('CODES have an entry for each outcome but ok', (t) => {
  for (const outcome of OUTCOMES) t.is(Object.hasOwn(CODES, outcome), outcome !== 'ok', outcome);
});

test('TineError has the fixed text of its code, unless it is given another', (t) => {
  t.is(new TineError('not_found').message, 'there is nothing here');
  const cause = new Error('why');
  const error = new TineError('crashed', 'own', { details: { line: 1 }, cause });
  t.deepEqual(
    [error.name, error.code, error.message, error.cause, error.details],
    ['TineError', 'crashed', 'own', cause, { line: 1 }],
  );
  t.false('cause' in new TineError('crashed'));
});

test('codeOf() knows an error by its code, wherever it comes from', (t) => {
  t.is(codeOf(new TineError('overloaded')), 'overloaded');
  t.is(codeOf({ code: 'version_conflict' }), 'version_conflict');
  for (const other of [
    null,
    undefined,
    5,
    'text',
    new Error('x'),
    { code: 5 },
    { code: 'ENOENT' },
    { code: 'constructor' },
    { code: '__proto__' },
  ]) {
    t.is(codeOf(other), 'internal');
  }
});
