import test from 'ava';
import ivm from 'isolated-vm';
import { CALL } from '#runtime';
import { baseScripts, LATE_NAMES, LATE_NAMES_SCRIPT, warmupScripts } from './scripts.ts';

/** A bundle that notes how it is called. */
const BUNDLE = '(...args) => { (globalThis.calls ??= []).push(args); };';

function run(scripts: { code: string }[]): ivm.Context {
  const isolate = new ivm.Isolate({ memoryLimit: 16 });
  const context = isolate.createContextSync();
  for (const { code } of scripts) isolate.compileScriptSync(code).runSync(context);
  return context;
}

test('baseScripts() defines the host function, runs the program, and hands its exports over', (t) => {
  const scripts = baseScripts({ hostName: 'tine_x', bundle: BUNDLE, program: 'const tine_program = { default: 5 };' });
  t.deepEqual(
    scripts.map(({ filename }) => filename),
    ['bundle.js', 'program.js', 'adopt.js'],
  );
  t.deepEqual(run(scripts).evalSync('calls', { copy: true }), [[CALL.adopt, { default: 5 }]]);
});

test('baseScripts() makes the host function no property of the global object', (t) => {
  const context = run(baseScripts({ hostName: 'tine_x', bundle: BUNDLE, program: 'const tine_program = {};' }));
  t.false(context.evalSync('"tine_x" in globalThis'));
  t.is(context.evalSync('typeof tine_x'), 'function');
});

test('warmupScripts() hands over each request by itself, whatever is in it', (t) => {
  const requests = [{ path: '/' }, { path: '\'"`\u2028</script>$' }];
  const context = run([
    ...baseScripts({ hostName: 'tine_x', bundle: BUNDLE, program: 'const tine_program = {};' }),
    ...warmupScripts('tine_x', requests),
  ]);
  const calls = context.evalSync('calls.slice(1)', { copy: true }) as [number, string][];
  t.deepEqual(
    calls.map(([call, json]) => [call, JSON.parse(json)]),
    requests.map((request) => [CALL.warm, request]),
  );
});

test('LATE_NAMES_SCRIPT deletes every late name, and throws for none that is fixed or missing', (t) => {
  const defined = LATE_NAMES.map((name) => `try { ${name} = () => 1; } catch {}`).join('\n');
  const context = run([{ code: defined }, LATE_NAMES_SCRIPT]);
  for (const name of LATE_NAMES) t.is(context.evalSync(`typeof (${name})`), 'undefined', name);
  const fixed =
    "Object.defineProperty(Math, 'f16round', { value: 1, configurable: false }); delete globalThis.Atomics;";
  t.notThrows(() => run([{ code: fixed }, LATE_NAMES_SCRIPT]));
});
