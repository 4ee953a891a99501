// D03: top levels that make a valid snapshot of which every context dies, or one that is too large. They are served
// without a snapshot where that works, with a warning that names the construct, and refused where it does not. The list
// of names is V8's: an upgrade may change it.
import { isProblem, share } from './share.ts';

const test = share();

const HANDLER = "export default { fetch: () => new Response('served') }";

const LATE_NAMES = [
  'Promise.try = (f) => f();',
  'RegExp.escape = (text) => text;',
  'Error.isError = () => false;',
  'Error.stackTraceLimit = 50;',
  'Math.f16round = (x) => x;',
  'Atomics.pause = () => {};',
  'Iterator.prototype[Symbol.dispose ?? Symbol.for("x")] = function () {};',
  'DataView.prototype.getFloat16 = function () { return 0; };',
  'DataView.prototype.setFloat16 = function () {};',
];

for (const code of LATE_NAMES) {
  test.serial(`D03 a polyfill of a late name (${code.split(' ')[0]}) is served from a snapshot`, async (t) => {
    const { tine, neighbour } = t.context;
    const { json } = await tine.deploy('late', `${code}\n${HANDLER}`);
    t.is(json.template.mode, 'snapshot');
    for (let i = 0; i < 3; i++) t.is((await tine.fetch('late')).text, 'served');
    await neighbour();
  });
}

const FROZEN = [
  'Object.freeze(globalThis);',
  'Object.seal(globalThis);',
  'Object.preventExtensions(globalThis);',
  'Object.freeze(Math);',
  'Object.freeze(Promise);',
  'Object.freeze(Error);',
  'Object.freeze(RegExp);',
  'Object.freeze(Atomics);',
  'Object.freeze(Iterator.prototype);',
  'delete globalThis.Atomics;',
];

for (const code of FROZEN) {
  test.serial(`D03 ${code} is served without a snapshot and named, or refused as unloadable_template`, async (t) => {
    const { tine, neighbour } = t.context;
    const deploy = (config?: object) =>
      tine.deploy('frozen', `\n${code}\n${HANDLER}`, { config: { name: 'frozen', ...config } });
    const reply = await deploy().catch((error: Error) => error);
    if (reply instanceof Error) {
      t.regex(reply.message, /422 .*(unloadable_template|init_threw)/);
    } else {
      const { template, warnings } = reply.json;
      if (template.mode === 'script') {
        const warning = warnings.find((each: { code: string }) => each.code === 'no_snapshot');
        t.is(warning?.line, 2, JSON.stringify(warnings));
        t.truthy(warning?.text);
      }
      for (let i = 0; i < 3; i++) t.is((await tine.fetch('frozen')).text, 'served');
    }
    await neighbour();
  });
}

test.serial('D03 with snapshot.mode = require, what cannot be in a snapshot is 422 unloadable_template', async (t) => {
  const { tine, neighbour } = t.context;
  const config = { name: 'required', snapshot: { mode: 'require' } };
  const reply = await tine.deploy('required', `Object.freeze(Math);\n${HANDLER}`, { config, expect: 422 });
  isProblem(t, reply, 'unloadable_template');
  t.is(reply.json.error.details?.line, 1);
  isProblem(t, await tine.fetch('required'), 'not_found');
  await neighbour();
});

test.serial(
  'D03 templateHeapShare: a heap above 75 % of memory_mb at top level is 422 template_too_large, or named',
  async (t) => {
    const { tine, neighbour } = t.context;
    const source = `const kept = Array.from({ length: 300_000 }, (_, i) => ({ i, text: 'x' + i }));\nexport default { fetch: () => new Response(String(kept.length)) }`;
    const reply = await tine.deploy('heavy', source, {
      config: { name: 'heavy', limits: { memory_mb: 16, init_ms: 10_000 } },
      expect: 422,
    });
    t.true(['template_too_large', 'unloadable_template', 'build_crashed'].includes(reply.code!), reply.text);
    await tine.deploy('heavy', source, { config: { name: 'heavy', limits: { memory_mb: 256, init_ms: 10_000 } } });
    t.is((await tine.fetch('heavy')).text, '300000');
    await neighbour();
  },
);

const FAT = `const kept = new Uint8Array(40_000_000).fill(7);
export default { fetch: () => new Response(String(kept[39_999_999])) }`;

test.serial('D03 snapshotBytes: one above 32 MB is served without one where memory_mb allows that', async (t) => {
  const { tine, neighbour } = t.context;
  const { json } = await tine.deploy('fat', FAT, { config: { name: 'fat', limits: { memory_mb: 1_024 } } });
  t.is(json.template.mode, 'script');
  t.true(json.warnings.some(({ code }: { code: string }) => code === 'no_snapshot'));
  t.is((await tine.fetch('fat')).text, '7');
  await neighbour();
});

test.serial(
  'D03 snapshotBytes: one above 32 MB is 422 template_too_large where memory_mb is too small without one',
  async (t) => {
    const { tine } = t.context;
    isProblem(t, await tine.deploy('fat-and-small', FAT, { expect: 422 }), 'template_too_large');
  },
);

for (const [what, code] of [
  ['Intl objects', "const format = new Intl.NumberFormat('en'); globalThis.used = () => format.format(1234.5);"],
  [
    'a FinalizationRegistry with a registration',
    'const registry = new FinalizationRegistry(() => { for (;;); }); registry.register({}, 1); globalThis.used = () => typeof registry;',
  ],
  ['WeakRefs', 'const ref = new WeakRef({ a: 1 }); globalThis.used = () => typeof ref.deref();'],
]) {
  test.serial(`D03 ${what} at top level are served`, async (t) => {
    const { tine, neighbour } = t.context;
    await tine.deploy('tamed', `${code}\nexport default { fetch: () => new Response('used ' + globalThis.used()) }`);
    for (let i = 0; i < 3; i++) t.regex((await tine.fetch('tamed')).text, /^used ./);
    await neighbour();
  });
}
