import test from 'ava';
import { send } from './send.ts';
import { makeRun } from './test-run.ts';
import { failure } from './test-server.ts';
import { Upload, uploadsOf } from './upload.ts';

const own = { id: 2, signal: new AbortController().signal };

function setUp() {
  const run = makeRun();
  const upload = new Upload();
  uploadsOf(run).set(1, upload);
  const reader = upload[Symbol.asyncIterator]();
  const op = (arg: { to: number; end?: true; error?: string }, text = '') =>
    send.perform(arg, run, Buffer.from(text), own);
  return { upload, op, next: async () => (await reader.next()).value?.toString(), reader };
}

test('send hands chunks to the upload of its fetch, and ends with the last one', async (t) => {
  const { op, next, reader } = setUp();
  const sent = [op({ to: 1 }, 'one'), op({ to: 1, end: true }, 'two')];
  t.deepEqual([await next(), await next()], ['one', 'two']);
  t.true((await reader.next()).done);
  t.deepEqual(await Promise.all(sent), [{ value: null }, { value: null }]);
});

test('send without bytes ends at once', async (t) => {
  const { op, reader } = setUp();
  t.deepEqual(await op({ to: 1 }), { value: null });
  t.deepEqual(await op({ to: 1, end: true }), { value: null });
  t.true((await reader.next()).done);
});

test('send passes on that the guest’s stream failed, without its text', async (t) => {
  const { op, reader } = setUp();
  t.deepEqual(await op({ to: 1, error: 'secret' }), { value: null });
  t.is(await failure(reader.next()), 'TypeError: fetch: the body of the request failed');
});

test('send to a fetch that has no upload rejects', async (t) => {
  const { op } = setUp();
  t.is(await failure(op({ to: 7 }, 'x')), 'TypeError: fetch: the upload is over');
});
