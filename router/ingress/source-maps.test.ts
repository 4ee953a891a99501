import test from 'ava';
import { compileFor } from '#runtime';
import type { VersionQuestion } from './published.ts';
import { SourceMaps } from './source-maps.ts';

const SOURCE = 'export default {\n  fetch() {\n    throw new Error("mine");\n  },\n};\n';

/** A real map, and where the `throw` stands in the compiled script. */
async function compiled() {
  const { code, map } = await compileFor('javascript')([{ path: 'src/a.js', text: SOURCE }], {});
  const before = code.slice(0, code.indexOf('throw')).split('\n');
  return { map, place: `program.js:${before.length}:${before.at(-1)!.length + 1}` };
}

function make(answer: (question: VersionQuestion) => Promise<string>) {
  const asked: string[] = [];
  const maps = new SourceMaps((question) => {
    asked.push(`${question.program} ${question.version}`);
    return answer(question);
  });
  return { maps, asked };
}

test('SourceMaps.stack() maps the places of a stack', async (t) => {
  const { map, place } = await compiled();
  const { maps } = make(async () => map);
  t.is(
    await maps.stack({ program: 'p', version: 'v' }, `Error: mine\n    at fetch (${place})`),
    'Error: mine\n    at fetch (src/a.js:3:5)',
  );
});

test('SourceMaps.of() fetches the map of a version once, also for those who ask at once', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { maps, asked } = make(() => promise);
  const both = Promise.all([maps.of({ program: 'p', version: 'v' }), maps.of({ program: 'p', version: 'v' })]);
  resolve('');
  const [first, second] = await both;
  t.is(first, second);
  t.is(await maps.of({ program: 'p', version: 'v' }), first);
  t.deepEqual(asked, ['p v']);
});

test('SourceMaps.of() keeps versions and programs apart', async (t) => {
  const { maps, asked } = make(async () => '');
  for (const [program, version] of [
    ['p', 'v'],
    ['p', 'w'],
    ['q', 'v'],
  ] as const) {
    await maps.of({ program, version });
  }
  t.deepEqual(asked, ['p v', 'p w', 'q v']);
});

test('SourceMaps.stack() gives a stack as it is when the map cannot be had', async (t) => {
  const { maps } = make(async () => {
    throw new Error('none');
  });
  t.is(await maps.stack({ program: 'p', version: 'v' }, 'at f (program.js:1:1)'), 'at f (program.js:1:1)');
});

test('SourceMaps.of() keeps 32 maps, and lets the oldest go', async (t) => {
  const { maps, asked } = make(async () => '');
  const versions = Array.from({ length: 33 }, (_, n) => `v${n}`);
  for (const version of versions) await maps.of({ program: 'p', version });
  await maps.of({ program: 'p', version: 'v32' });
  await maps.of({ program: 'p', version: 'v1' });
  t.is(asked.length, 33);
  await maps.of({ program: 'p', version: 'v0' });
  t.is(asked.length, 34);
});
