import test from 'ava';
import { TineError } from '../errors.ts';
import { bodyError, discard, read } from './body.ts';
import { OpError } from './op.ts';
import { makeRun, type TestRun } from './test-run.ts';
import { failure } from './test-server.ts';

const NO_BYTES = new Uint8Array();
const own = { id: 9, signal: new AbortController().signal };
const readOp = (run: TestRun, from: number) => read.perform({ from }, run, NO_BYTES, own);

test('read gives chunk by chunk, then the end, then nothing', async (t) => {
  const run = makeRun();
  run.body(0, [Uint8Array.of(1), Uint8Array.of(2)]);
  t.deepEqual(await readOp(run, 0), { value: { done: false }, bytes: Uint8Array.of(1) });
  t.deepEqual(await readOp(run, 0), { value: { done: false }, bytes: Uint8Array.of(2) });
  t.deepEqual(await readOp(run, 0), { value: { done: true } });
  t.is(await failure(readOp(run, 0)), 'TypeError: body has already been read');
});

test('read of a body that was never open rejects', async (t) => {
  t.is(await failure(readOp(makeRun(), 5)), 'TypeError: body has already been read');
});

test('read refuses a second read while the first is under way', async (t) => {
  const run = makeRun();
  const chunk = Promise.withResolvers<Uint8Array>();
  run.bodies.set(3, { read: () => chunk.promise, cancel() {} });
  const first = readOp(run, 3);
  t.is(await failure(readOp(run, 3)), 'TypeError: body is being read');
  chunk.resolve(Uint8Array.of(7));
  t.deepEqual((await first).bytes, Uint8Array.of(7));
  t.deepEqual((await readOp(run, 3)).bytes, Uint8Array.of(7));
});

test('read says why a body ended early, and closes it', async (t) => {
  const run = makeRun();
  run.body(0, [new TineError('body_too_large')]);
  run.body(1, [new Error('read ECONNRESET 10.0.0.1:443')]);
  run.body(2, [new OpError('TypeError', 'fetch: the body cannot be decoded')]);
  t.is(await failure(readOp(run, 0)), 'TypeError: body is larger than allowed');
  t.is(await failure(readOp(run, 1)), 'TypeError: body was cut off before its end');
  t.is(await failure(readOp(run, 2)), 'TypeError: fetch: the body cannot be decoded');
  t.is(run.bodies.size, 0);
});

test('discard closes a body, and takes one that is closed', async (t) => {
  const run = makeRun();
  const body = run.body(1, []);
  const discardOp = () => discard.perform({ from: 1 }, run, NO_BYTES, own);
  t.deepEqual(await discardOp(), { value: null });
  t.true(body.cancelled);
  t.false(run.bodies.has(1));
  t.deepEqual(await discardOp(), { value: null });
});

test('bodyError() keeps the reason for the host', (t) => {
  const cause = new Error('secret');
  const shown = bodyError(cause);
  t.is(shown.cause, cause);
  t.false(shown.message.includes('secret'));
});
