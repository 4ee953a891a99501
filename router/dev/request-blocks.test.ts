import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import type { Finished, RunLabel } from '#sandbox';
import type { Access } from '../ingress/app.ts';
import { SourceMaps } from '../ingress/source-maps.ts';
import { buildErrorOf } from './build-error.ts';
import { errorOverlay, errorPage } from './error-page.ts';
import { RequestBlocks } from './request-blocks.ts';

const run: RunLabel = { requestId: 'r1', program: 'p', version: 'v' };

function access(part: Partial<Access> = {}): Access {
  const finished = { outcome: 'ok', cpuUs: 1_500, forkUs: 200 } as Finished;
  return {
    requestId: 'r1',
    program: 'p',
    version: 'v',
    method: 'GET',
    target: '/x',
    status: 200,
    bytes: 1,
    finished,
    code: undefined,
    wallMs: 3,
    ...part,
  };
}

function make(map: () => Promise<string> = async () => '') {
  const written: string[] = [];
  return {
    blocks: new RequestBlocks(new SourceMaps(map), (text) => written.push(stripVTControlCharacters(text))),
    written,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('access() writes one block per request: a head, and its lines below, in one write', (t) => {
  const { blocks, written } = make();
  blocks.logged(run, 'log', 'one\ntwo');
  blocks.logged({ ...run, requestId: 'r2' }, 'log', 'of another');
  blocks.dropped(run, 4);
  blocks.access(access());
  t.deepEqual(written, [
    '200 GET /x  p  3.00 ms  cpu 1.50 ms  fork 0.20 ms  ok  r1\n    one\n    two\n    4 lines dropped\n',
  ]);
  blocks.access(access());
  t.is(written[1]!.split('\n').length, 2, 'lines are written once');
});

test('access() shows what was thrown, also when its map cannot be had, and the code of a refusal', async (t) => {
  const { blocks, written } = make(async () => {
    throw new Error('none');
  });
  const thrown = { name: 'Error', message: 'mine', stack: 'at f (program.js:1:1)' };
  blocks.access(
    access({ status: 500, code: 'threw', finished: { outcome: 'threw', cpuUs: 0, forkUs: 0, thrown } as Finished }),
  );
  await turn();
  t.regex(written[0]!, /^500 GET .* threw {2}r1\n {4}Error: mine\n {4}at f \(program\.js:1:1\)\n$/);
  blocks.access(access({ status: 503, code: 'overloaded', finished: undefined }));
  t.regex(written[1]!, /^503 GET \/x {2}p {2}3\.00 ms {2}overloaded {2}r1\n$/);
});

test('nothing of a guest or a client steers the terminal', (t) => {
  const texts: string[] = [];
  const blocks = new RequestBlocks(new SourceMaps(async () => ''), (text) => texts.push(text));
  blocks.logged(run, 'log', '\x1b]52;c;canary\x07 \x9b31m \x1b[2J');
  blocks.access(access({ target: '/\x1b[31m' }));
  t.false(/\x1b\]|\x07|\x9b|\x1b\[2J|\x1b\[31m\x1b/.test(texts[0]!));
  t.false(texts[0]!.includes('\x1b]52'));
});

test('errorPage() and errorOverlay() show text, never markup', (t) => {
  const evil = '<script>alert(1)</script><img src=x onerror=y>"\'&';
  const shown = {
    title: evil,
    text: evil,
    place: { file: evil, line: 1, column: 2 },
    frame: evil,
    stack: evil,
    requestId: evil,
    figures: evil,
  };
  for (const html of [errorPage(shown), errorOverlay(shown)]) {
    t.false(html.includes('<script'));
    t.false(html.includes('<img'));
    t.true(html.includes('&lt;script&gt;'));
  }
});

test('buildErrorOf() takes the place and the frame of what is thrown, or its message alone', (t) => {
  const error = Object.assign(new Error('x'), {
    code: 'compile_error',
    details: { text: 'bad', file: 'a.ts', line: 2, column: 3, frame: '> 2 | x' },
  });
  const made = buildErrorOf(error, 'p');
  t.like(made, { code: 'compile_error', text: 'bad', place: { file: 'a.ts', line: 2, column: 3 } });
  t.is(stripVTControlCharacters(made.terminal), 'p: compile_error  bad\n  a.ts:2:3\n  > 2 | x');
  t.like(buildErrorOf(new Error('no such file'), 'p'), {
    code: 'cannot be built',
    text: 'no such file',
    place: undefined,
  });
});
