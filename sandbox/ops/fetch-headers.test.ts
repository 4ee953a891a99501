import test from 'ava';
import { BOUNDS } from '../limits.ts';
import { incomingHeaders, outgoingHeaders, valueOf, without } from './fetch-headers.ts';
import { makeRun } from './test-run.ts';

const ADDED = ['accept', '*/*', 'accept-encoding', 'gzip, deflate, br', 'user-agent', 'tine', 'x-request-id', 'r-1'];

test('outgoingHeaders() adds what the guest has not set', (t) => {
  t.deepEqual(outgoingHeaders([], makeRun()), [...ADDED, 'x-tine-hops', '1']);
  const traced = outgoingHeaders([], makeRun({ hops: 7, traceparent: '00-a-b-01' }));
  t.deepEqual(traced, [...ADDED, 'traceparent', '00-a-b-01', 'x-tine-hops', '8']);
});

test('outgoingHeaders() keeps order, case and repetitions of what the guest has set', (t) => {
  const headers = ['B', '1', 'a', '2', 'B', '3', 'ACCEPT', 'x/y'];
  t.deepEqual(outgoingHeaders(headers, makeRun()).slice(0, 8), headers);
  t.is(valueOf(outgoingHeaders(headers, makeRun()), 'accept'), 'x/y');
});

for (const name of [
  'Host',
  'Connection',
  'Keep-Alive',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Connection',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'Content-Length',
  'Expect',
  'X-Tine-Hops',
  'x-tine-anything',
]) {
  test(`outgoingHeaders() strips ${name}`, (t) => {
    t.false(outgoingHeaders([name, 'evil', 'x', '1'], makeRun()).includes('evil'));
  });
}

test('outgoingHeaders() strips what the guest calls a header of the connection', (t) => {
  const out = outgoingHeaders(
    ['connection', ' X-One ,x-two', 'x-one', 'evil', 'X-TWO', 'evil', 'x-three', '3'],
    makeRun(),
  );
  t.false(out.includes('evil'));
  t.true(out.includes('3'));
});

test('incomingHeaders() strips the connection, and the encoding only when it was undone', (t) => {
  const raw = [
    ...['Content-Encoding', 'gzip', 'Content-Length', '5', 'Transfer-Encoding', 'chunked'],
    ...['Connection', 'x-hop', 'X-Hop', '1', 'Set-Cookie', 'a', 'Set-Cookie', 'b'],
  ];
  const cookies = ['Set-Cookie', 'a', 'Set-Cookie', 'b'];
  t.deepEqual(incomingHeaders(raw, 'decoded'), cookies);
  t.deepEqual(incomingHeaders(raw, 'as_sent'), ['Content-Encoding', 'gzip', 'Content-Length', '5', ...cookies]);
});

test('incomingHeaders() refuses more headers than a response may have', (t) => {
  const headers = (count: number) => Array.from({ length: count * 2 }, () => 'a');
  t.notThrows(() => incomingHeaders(headers(BOUNDS.responseHeaders), 'as_sent'));
  t.throws(() => incomingHeaders(headers(BOUNDS.responseHeaders + 1), 'as_sent'), { message: /headers are too large/ });
});

test('valueOf() joins what comes twice', (t) => {
  t.is(valueOf(['A', '1', 'b', '2', 'a', '3'], 'a'), '1, 3');
  t.is(valueOf(['A', '1'], 'c'), undefined);
});

test('without() leaves out by name, whatever its case', (t) => {
  t.deepEqual(without(['A', '1', 'b', '2'], new Set(['a'])), ['b', '2']);
});
