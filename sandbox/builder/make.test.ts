import test from 'ava';
import { languages } from '#runtime';
import { GuestIsolate } from '../executor/isolate.ts';
import { configOf, program } from '../test-program.ts';
import { diagnoseInit, placeOf } from './diagnose.ts';
import { type MakeInput, makeScriptTemplate, makeSnapshotTemplate } from './make.ts';
import { BuildProblem } from './problem.ts';
import { tryTemplate } from './try.ts';

const bundle = await languages.javascript.bundle();
const inputOf = (text: string, config = configOf()): MakeInput => ({ bundle, program: text, map: '{}', config });
const HELLO = program('return new Response("x")');

test('makeSnapshotTemplate() gives a snapshot, its size and the time of the top level', (t) => {
  const template = makeSnapshotTemplate(inputOf(HELLO));
  t.is(template.mode, 'snapshot');
  t.is(template.figures.snapshotBytes, template.snapshot!.byteLength);
  t.true(template.figures.initMs >= 0);
  t.deepEqual(template.scripts, []);
});

test('makeSnapshotTemplate() names the host function anew each time, so that no guest can guess it', (t) => {
  const names = [1, 2, 3].map(() => makeSnapshotTemplate(inputOf(HELLO)).hostName);
  t.is(new Set(names).size, 3);
  for (const name of names) t.regex(name, /^tine_[0-9a-f]{32}$/);
});

test('makeSnapshotTemplate() refuses a snapshot above 32 MB, and says that another mode may work', (t) => {
  const top = 'globalThis.kept = new Uint8Array(4e7).fill(7);';
  const error = t.throws(() => makeSnapshotTemplate(inputOf(program('', top))), { instanceOf: BuildProblem });
  t.is(error.code, 'template_too_large');
  t.true(error.retry);
});

test('makeSnapshotTemplate() throws what the top level throws', (t) => {
  t.throws(() => makeSnapshotTemplate(inputOf('throw new TypeError("own")')), { message: /own/ });
});

test('makeScriptTemplate() keeps the scripts with a code cache, and runs none of them', (t) => {
  const { mode, scripts, snapshot } = makeScriptTemplate(inputOf(`${HELLO} throw new Error("not run");`));
  t.is(mode, 'script');
  t.is(snapshot, undefined);
  t.is(scripts.length, 3);
  for (const { cachedData } of scripts) t.true(cachedData!.byteLength > 0);
});

test('tryTemplate() gives the report of the program, and fills in the figures', (t) => {
  for (const template of [makeSnapshotTemplate(inputOf(HELLO)), makeScriptTemplate(inputOf(HELLO))]) {
    const report = tryTemplate(template);
    t.deepEqual(report.handlers, ['fetch']);
    t.true(template.figures.contextUs > 50);
    t.true(template.figures.contextBytes >= 50_000);
  }
});

test('tryTemplate() refuses a heap above 75 % of memory_mb', (t) => {
  const top = 'globalThis.kept = Array.from({ length: 1e6 }, (_, i) => ({ i }));';
  const template = makeSnapshotTemplate(inputOf(program('', top)));
  const roomy = new GuestIsolate({ ...template, memoryMb: 512 });
  roomy.fork();
  const heapBytes = roomy.isolate.getHeapStatisticsSync().used_heap_size;
  roomy.dispose();
  const memoryMb = Math.round(heapBytes / 0.85 / 1e6);
  const error = t.throws(() => tryTemplate({ ...template, memoryMb }), { instanceOf: BuildProblem });
  t.is(error.code, 'template_too_large');
  t.regex(error.message, /75 % of memory_mb: got \d+/);
});

test('tryTemplate() disposes its isolate, also when it throws', (t) => {
  const { dispose } = GuestIsolate.prototype;
  let disposed = 0;
  GuestIsolate.prototype.dispose = function () {
    disposed += 1;
    dispose.call(this);
  };
  t.teardown(() => {
    GuestIsolate.prototype.dispose = dispose;
  });
  const template = makeSnapshotTemplate(inputOf(HELLO));
  tryTemplate(template);
  t.throws(() => tryTemplate({ ...template, hostName: 'tine_unknown' }));
  t.is(disposed, 2);
});

test('diagnoseInit() finds text and place, and nothing where nothing fails', (t) => {
  const details = diagnoseInit(inputOf('const a = 1;\n throw new TypeError("own")'));
  t.is(details?.text, 'TypeError: own');
  t.is(diagnoseInit(inputOf(HELLO)), undefined);
});

test('diagnoseInit() ends a loop', (t) => {
  const details = diagnoseInit(inputOf('for (;;);', configOf({ limits: { initMs: 20 } })));
  t.regex(details?.text ?? '', /timed out/);
});

test('placeOf() takes anything that was thrown, and bounds its text', (t) => {
  t.is(placeOf('text', '{}').text, 'text');
  t.is(placeOf(undefined, '{}').text, 'undefined');
  t.is(placeOf(new Error('x'.repeat(1e6)), '{}').text?.length, 2_000);
});
