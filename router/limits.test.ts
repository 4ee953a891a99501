import test from 'ava';
import { BOUNDS, LIMITS } from '#sandbox';
import { HTTP } from './limits.ts';

test('HTTP: every number is a whole one above 0', (t) => {
  for (const [name, value] of Object.entries(HTTP)) t.true(Number.isSafeInteger(value) && value > 0, name);
});

test('HTTP: every name ends in its unit', (t) => {
  for (const name of Object.keys(HTTP)) t.regex(name, /(?:Ms|Bytes|BytesMax|CharsMax|Max)$/, name);
});

test('HTTP: headers have to be there before the request has', (t) => {
  // Node refuses to listen otherwise.
  t.true(HTTP.headersTimeoutMs < HTTP.requestTimeoutMs);
});

test('HTTP: slow connections are looked for more often than they become slow', (t) => {
  t.true(HTTP.connectionsCheckMs * 2 <= HTTP.headersTimeoutMs);
});

test('HTTP: connections are kept longer than a usual proxy keeps them, which must be the one to close', (t) => {
  t.true(HTTP.keepAliveTimeoutMs > 60_000);
});

test('HTTP: a body that is read before the permit is taken is small beside what a program may be sent', (t) => {
  t.true(HTTP.smallBodyBytes < LIMITS.bodyBytes.default);
  // The memory that those who wait can hold.
  t.true(HTTP.connectionsMax * HTTP.smallBodyBytes < 2_000_000_000);
});

test('HTTP: an upload has room for all modules and its framing, and for more than any other JSON body', (t) => {
  t.true(HTTP.uploadBytesMax > BOUNDS.sourceBytes);
  t.true(HTTP.jsonBodyBytesMax < HTTP.uploadBytesMax);
});

test('HTTP: the request id is a small part of the headers that it comes in', (t) => {
  t.true(HTTP.requestIdCharsMax * 10 < HTTP.headerBytesMax);
});
