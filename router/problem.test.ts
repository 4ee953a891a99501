import test from 'ava';
import { CODES, type Code, TineError } from '#sandbox';
import { codeAndDetails, problemOf } from './problem.ts';

test('problemOf() gives status, fixed text and Retry-After for every code, in one form', (t) => {
  for (const code of Object.keys(CODES) as Code[]) {
    const { status, headers, body } = problemOf(code, { requestId: 'r' });
    const info: { status: number; text: string; retryAfter?: number } = CODES[code];
    t.is(status, info.status);
    t.deepEqual(JSON.parse(body), { error: { code, message: info.text, requestId: 'r' } });
    t.is(headers['x-tine-error'], code);
    t.is(headers['x-request-id'], 'r');
    t.is(Number(headers['content-length']), Buffer.byteLength(body));
    t.is(headers['retry-after'], info.retryAfter?.toString());
    t.is(headers['cache-control'], 'no-store');
  }
});

test('codeAndDetails() shows details to the owner for 400, 409 and 422 only', (t) => {
  const details = { text: 'canary' };
  for (const code of Object.keys(CODES) as Code[]) {
    const found = codeAndDetails(new TineError(code, 'x', { details }));
    t.is(found.code, code);
    t.deepEqual(found.details, [400, 409, 422].includes(CODES[code].status) ? details : undefined, code);
  }
});

test('codeAndDetails() takes whatever is thrown', (t) => {
  for (const odd of [undefined, null, 'text', 7, new Error('x'), { code: 'ENOENT' }, { code: 'constructor' }]) {
    t.deepEqual(codeAndDetails(odd), { code: 'internal', details: undefined });
  }
});
