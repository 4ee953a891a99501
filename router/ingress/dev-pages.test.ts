import test from 'ava';
import { compileFor } from '#runtime';
import type { Finished } from '#sandbox';
import type { Failure } from './app.ts';
import { DevPages } from './dev-pages.ts';
import { SourceMaps } from './source-maps.ts';

const SOURCE = 'export default {\n  fetch() {\n    throw new Error("mine");\n  },\n};\n';

/** Pages over a real map, and a stack that it maps. */
async function make() {
  const { code, map } = await compileFor('javascript')([{ path: 'src/a.js', text: SOURCE }], {});
  const before = code.slice(0, code.indexOf('throw')).split('\n');
  const stack = `Error: mine\n    at fetch (program.js:${before.length}:${before.at(-1)!.length + 1})`;
  return { pages: new DevPages(new SourceMaps(async () => map)), stack };
}

function failure(part: Partial<Failure> = {}): Failure {
  const base = { requestId: 'r-1', host: 'p.localhost:8787', program: 'p', version: 'v', code: 'threw' as const };
  return { ...base, accept: '*/*', finished: undefined, ...part };
}

function thrownBy(stack: string): Finished {
  const thrown = { name: 'Error', message: 'mine', stack };
  return { outcome: 'threw', code: 'threw', thrown, cpuUs: 1_500, wallMs: 3.4, ops: 2 } as Finished;
}

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8';
const built = (name: string) => ({ page: `page ${name}`, overlay: `overlay ${name}`, json: `json ${name}` });

test('DevPages.explain() gives a program JSON: the own message, its place, its lines, its mapped stack', async (t) => {
  const { pages, stack } = await make();
  const { contentType, body } = (await pages.explain(failure({ finished: thrownBy(stack) })))!;
  t.is(contentType, 'application/json; charset=utf-8');
  const { error } = JSON.parse(body);
  t.like(error, { code: 'threw', message: 'Error: mine', requestId: 'r-1', file: 'src/a.js', line: 3, column: 5 });
  t.regex(error.frame, /^> 3 \| {5}throw new Error/m);
  t.is(error.stack, 'Error: mine\n    at fetch (src/a.js:3:5)');
  t.true(body.endsWith('\n'));
});

test('DevPages.explain() gives a browser a page of the same, with what the run has cost', async (t) => {
  const { pages, stack } = await make();
  const { contentType, body } = (await pages.explain(failure({ accept: HTML, finished: thrownBy(stack) })))!;
  t.is(contentType, 'text/html; charset=utf-8');
  for (const text of [
    '<title>p: threw</title>',
    'Error: mine',
    'src/a.js:3:5',
    'request r-1',
    'cpu 1.5 ms',
    'wall 3 ms',
    'ops 2',
  ]) {
    t.true(body.includes(text), text);
  }
});

test('DevPages.explain() has the fixed text of a code where the guest has thrown nothing', async (t) => {
  const { pages } = await make();
  const finished = { outcome: 'cpu_limit', code: 'cpu_limit', thrown: undefined } as Finished;
  for (const each of [finished, undefined]) {
    const { body } = (await pages.explain(failure({ code: 'cpu_limit', finished: each })))!;
    t.deepEqual(JSON.parse(body), {
      error: { code: 'cpu_limit', message: 'the program used more CPU time than it may', requestId: 'r-1' },
    });
  }
});

test('DevPages.explain(): what a guest throws is text on the page, never markup', async (t) => {
  const { pages } = await make();
  const finished = thrownBy('<img src=x onerror=alert(1)>');
  finished.thrown!.message = '</h2><script>alert(1)</script>';
  const { body } = (await pages.explain(failure({ accept: HTML, finished, program: '<b>' })))!;
  t.notRegex(body, /<script|<img|<b>/);
  t.true(body.includes('&lt;script&gt;'));
});

test('DevPages.explain() shows a stack as it is when the map cannot be had', async (t) => {
  const none = async () => {
    throw new Error('none');
  };
  const pages = new DevPages(new SourceMaps(none));
  const { body } = (await pages.explain(failure({ finished: thrownBy('at f (program.js:1:1)') })))!;
  const { error } = JSON.parse(body);
  t.is(error.stack, 'at f (program.js:1:1)');
  t.false('file' in error);
});

test('DevPages.explain() shows the build error of a program that no version answers for', async (t) => {
  const { pages } = await make();
  pages.show({ program: 'p', error: built('p') });
  pages.show({ program: 'q', error: built('q') });
  const never = (part: Partial<Failure>) => pages.explain(failure({ program: '', code: 'not_found', ...part }));
  t.deepEqual(await never({}), { contentType: 'application/json; charset=utf-8', body: 'json p' });
  t.deepEqual(await never({ host: 'q.localhost', accept: HTML }), {
    contentType: 'text/html; charset=utf-8',
    body: 'page q',
  });
  t.is(await never({ host: 'other.localhost' }), undefined, 'two have failed, and neither was asked for');
  t.is(await never({ code: 'draining' }), undefined);
});

test('DevPages.explain() shows the only build error under any name, as that program may have routes', async (t) => {
  const { pages } = await make();
  const asked = failure({ program: '', code: 'not_found', host: 'api.example' });
  t.is(await pages.explain(asked), undefined);
  pages.show({ program: 'p', error: built('p') });
  t.is((await pages.explain(asked))?.body, 'json p');
  pages.show({ program: 'p', error: undefined });
  t.is(await pages.explain(asked), undefined);
});

test('DevPages.overlayOf() is the box of the last build while it is bad', async (t) => {
  const { pages } = await make();
  t.is(pages.overlayOf('p'), undefined);
  pages.show({ program: 'p', error: built('1') });
  pages.show({ program: 'p', error: built('2') });
  t.is(pages.overlayOf('p'), 'overlay 2');
  t.is(pages.overlayOf('q'), undefined);
  pages.show({ program: 'p', error: undefined });
  t.is(pages.overlayOf('p'), undefined);
});
