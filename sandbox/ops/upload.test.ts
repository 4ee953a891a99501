import test from 'ava';
import { makeRun } from './test-run.ts';
import { failure } from './test-server.ts';
import { Upload, uploadsOf } from './upload.ts';

const CUT = 'TypeError: fetch: the upload is over';
const bytes = (text: string) => Buffer.from(text);
const collect = async (upload: Upload) => {
  const chunks: string[] = [];
  for await (const chunk of upload) chunks.push(Buffer.from(chunk).toString());
  return chunks;
};

test('Upload gives its chunks in their order, and ends', async (t) => {
  const upload = new Upload();
  const pushed = [upload.push(bytes('a')), upload.push(bytes('b'))];
  upload.end();
  t.deepEqual(await collect(upload), ['a', 'b']);
  await Promise.all(pushed);
});

test('Upload waits for chunks that come later', async (t) => {
  const upload = new Upload();
  const collected = collect(upload);
  await upload.push(bytes('a'));
  await upload.push(bytes('b'));
  upload.end();
  t.deepEqual(await collected, ['a', 'b']);
});

test('Upload.push() resolves when the reader has come back for more, and not before', async (t) => {
  const upload = new Upload();
  const reader = upload[Symbol.asyncIterator]();
  let taken = false;
  const push = upload.push(bytes('a')).then(() => {
    taken = true;
  });
  t.is(Buffer.from((await reader.next()).value).toString(), 'a');
  await new Promise(setImmediate);
  t.false(taken);
  const more = reader.next();
  await push;
  upload.end();
  t.true((await more).done);
});

test('Upload.push() rejects after the end, a failure or a cut', async (t) => {
  for (const close of ['end', 'fail', 'cut'] as const) {
    const upload = new Upload();
    upload[close]();
    t.is(await failure(upload.push(bytes('a'))), CUT, close);
  }
});

test('Upload.cut() rejects what waits, also the chunk that the reader holds', async (t) => {
  const upload = new Upload();
  const reader = upload[Symbol.asyncIterator]();
  const waiting = [failure(upload.push(bytes('a'))), failure(upload.push(bytes('b')))];
  await reader.next();
  upload.cut();
  t.deepEqual(await Promise.all(waiting), [CUT, CUT]);
  t.true((await reader.next()).done);
});

test('Upload is cut when its reader leaves', async (t) => {
  const upload = new Upload();
  const reader = upload[Symbol.asyncIterator]();
  const waiting = failure(upload.push(bytes('a')));
  await reader.next();
  await reader.return?.(undefined);
  t.is(await waiting, CUT);
});

test('Upload.cut() wakes a reader that waits', async (t) => {
  const upload = new Upload();
  const collected = collect(upload);
  await new Promise(setImmediate);
  upload.cut();
  t.deepEqual(await collected, []);
});

test('Upload.fail() reaches the reader after the chunks before it', async (t) => {
  const upload = new Upload();
  const push = upload.push(bytes('a'));
  upload.fail();
  const reader = upload[Symbol.asyncIterator]();
  t.false((await reader.next()).done);
  t.is(await failure(reader.next()), 'TypeError: fetch: the body of the request failed');
  await push;
});

test('uploadsOf() keeps the uploads of each run apart', (t) => {
  const [a, b] = [makeRun(), makeRun()];
  uploadsOf(a).set(1, new Upload());
  t.is(uploadsOf(a).size, 1);
  t.is(uploadsOf(b).size, 0);
});
