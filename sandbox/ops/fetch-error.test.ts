import test from 'ava';
import { BlockedAddress, fetchError } from './fetch-error.ts';
import { OpError } from './op.ts';

const coded = (code: string, more: object = {}) => Object.assign(new Error('10.1.2.3:5432 said no'), { code, ...more });

const REASONS: [code: string, reason: string][] = [
  ['ENOTFOUND', 'the host name cannot be resolved'],
  ['EAI_AGAIN', 'the host name cannot be resolved'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was closed before the response was complete'],
  ['EPIPE', 'the connection was closed before the response was complete'],
  ['UND_ERR_SOCKET', 'the connection was closed before the response was complete'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the response headers are too large'],
  ['UND_ERR_INVALID_ARG', 'the request is not valid'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate of the server is not valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate of the server is not valid'],
  ['EWHATEVER', 'the request failed'],
  ['toString', 'the request failed'],
];

for (const [code, reason] of REASONS) {
  test(`fetchError() says of ${code}: ${reason}`, (t) => {
    const shown = fetchError(coded(code));
    t.is(shown.name, 'TypeError');
    t.is(shown.message, `fetch: ${reason}`);
  });
}

test('fetchError() finds the reason inside of what wraps it', (t) => {
  const refused = 'fetch: the connection was refused';
  t.is(fetchError(new Error('outer', { cause: coded('ECONNREFUSED') })).message, refused);
  t.is(fetchError(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')])).message, refused);
  t.is(fetchError(new Error('outer', { cause: new BlockedAddress() })).message, 'fetch: this address is not allowed');
});

test('fetchError() passes on what was written for guests', (t) => {
  const error = new OpError('RangeError', 'limit reached: 1 thing');
  t.is(fetchError(error), error);
});

test('fetchError() knows no reason of what is no error', (t) => {
  for (const error of [undefined, null, 'text', 5, {}, { code: 'ECONNREFUSED' }]) {
    t.is(fetchError(error).message, 'fetch: the request failed');
  }
});
