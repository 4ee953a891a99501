// R18: sockets that send slowly. They are ended by time limits of tens of seconds, which this file waits for once, for
// all its tests together; meanwhile good traffic is served.
import { type RawReply, raw } from '../http.ts';
import { share } from './share.ts';

const test = share((tine) =>
  tine.deploy('slow', 'export default { async fetch(request) { return new Response(await request.text()) } }'),
);

const SOCKETS = 40;
const START = 'POST /x HTTP/1.1\r\nHost: slow.localhost\r\n';
const IS_408 = /^HTTP\/1\.1 408 .*x-tine-error: request_timeout/s;

test('R18 slow headers are 408 request_timeout after 10 s, and others are served meanwhile', async (t) => {
  t.timeout(40_000);
  const { tine, neighbour } = t.context;
  const start = performance.now();
  const slow = Promise.all(Array.from({ length: SOCKETS }, () => raw(tine.dataUrl, START, { waitMs: 25_000 })));
  const worst = await serveMeanwhile(neighbour, slow);
  allTimedOut(t, await slow);
  const ms = performance.now() - start;
  t.true(ms >= 9_900 && ms < 20_000, `${ms} ms`);
  t.true(worst < 2_000, `a good request took ${worst} ms`);
});

test('R18 a slow body is 408 request_timeout after 30 s, holds no permit, and others are served meanwhile', async (t) => {
  t.timeout(60_000);
  const { tine, neighbour } = t.context;
  const start = performance.now();
  const bytes = `${START}Content-Length: 1000\r\n\r\nslow`;
  const slow = Promise.all(Array.from({ length: SOCKETS }, () => raw(tine.dataUrl, bytes, { waitMs: 50_000 })));
  const worst = await serveMeanwhile(neighbour, slow);
  allTimedOut(t, await slow);
  const ms = performance.now() - start;
  t.true(ms >= 29_900 && ms < 45_000, `${ms} ms`);
  t.true(worst < 2_000, `a good request took ${worst} ms`);
});

/** Milliseconds of the slowest good request. */
async function serveMeanwhile(neighbour: () => Promise<void>, slow: Promise<unknown>): Promise<number> {
  let worst = 0;
  let isOver = false;
  const over = slow.finally(() => (isOver = true));
  while (!isOver) {
    const start = performance.now();
    await neighbour();
    worst = Math.max(worst, performance.now() - start);
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  return worst;
}

function allTimedOut(t: { is(a: unknown, b: unknown): boolean; true(a: boolean): boolean }, replies: RawReply[]): void {
  t.is(replies.filter(({ text }) => IS_408.test(text)).length, SOCKETS);
  t.true(replies.every(({ closed }) => closed));
}
