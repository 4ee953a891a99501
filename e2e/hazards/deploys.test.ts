// D01 to D09, D13 to D15: uploads that loop, crash, lie, or come twice. Whatever is refused is named, with its place in
// the author's source, and the version before keeps serving.
import { guest, isProblem, type ProblemCode, SLACK, share } from './share.ts';

const OLD = "export default { fetch: () => new Response('old') }";

const test = share((tine) => tine.deploy('stable', OLD));

/** Deploys over a version that serves, and looks that it still does. */
const REFUSED: [string, string, ProblemCode, { line?: number; type?: string; text?: RegExp; config?: object }?][] = [
  ['D01 a loop at top level', 'for (;;);\nexport default { fetch() {} }', 'build_timeout', { text: /init_ms/ }],
  [
    'D01 a microtask loop at top level',
    'const again = () => { Promise.resolve().then(again); }; again();\nexport default { fetch() {} }',
    'build_timeout',
  ],
  [
    'D01 an endless regex at top level',
    "/^(a+)+$/.test('a'.repeat(50) + 'b');\nexport default { fetch() {} }",
    'build_timeout',
  ],
  [
    'D02 a heap exhausted at top level',
    'const kept = []; for (;;) kept.push(new Array(1000).fill({}));\nexport default { fetch() {} }',
    'build_crashed',
  ],
  [
    'D02 typed arrays exhausted at top level',
    'const kept = []; for (;;) kept.push(new Uint8Array(1_000_000_000));\nexport default { fetch() {} }',
    'init_threw',
  ],
  ['D04 a syntax error', 'const a = 1;\nexport default { fetch( }', 'compile_error', { line: 2 }],
  [
    'D04 a syntax error in TypeScript',
    'const a: number = 1;\n\ntype = 5 5;\nexport default { fetch() {} }',
    'compile_error',
    { line: 3, type: 'text/typescript' },
  ],
  [
    'D04 a throw at top level',
    "const a = 1;\n\nthrow new TypeError('at top level');\nexport default { fetch() {} }",
    'init_threw',
    { line: 3, text: /TypeError: at top level/ },
  ],
  [
    'D04 a throw at top level in TypeScript',
    'interface A { b: string }\nenum C { D }\nthrow new Error("at " + C.D as string);\nexport default { fetch() {} }',
    'init_threw',
    { line: 3, type: 'text/typescript', text: /at 0/ },
  ],
  ['D04 a throw of null at top level', 'throw null;\nexport default { fetch() {} }', 'init_threw'],
  [
    'D04 a throw of a looping Proxy at top level',
    'throw new Proxy({}, { get() { for (;;); } });\nexport default { fetch() {} }',
    'build_timeout',
  ],
  ['D04 no default export', 'export const fetch = () => {};', 'no_handler'],
  ['D04 a default export without a handler', 'export default { canary() {} }', 'no_handler'],
  ['D04 a default export of null', 'export default null', 'no_handler'],
  ['D04 a handler that is no function', 'export default { fetch: 5 }', 'no_handler'],
  ['D04 an empty file', '', 'no_handler'],
  [
    'D04 both forms of handler',
    "addEventListener('fetch', () => {});\nexport default { fetch() {} }",
    'two_handler_forms',
  ],
  ['D04 top-level await', 'await null;\nexport default { fetch() {} }', 'compile_error', { line: 1 }],
  [
    'D04 an import that does not exist',
    "import './missing.js';\nexport default { fetch() {} }",
    'unresolved_import',
    { line: 1, text: /missing/ },
  ],
  [
    'D04 an import of a Node built-in',
    "import fs from 'node:fs';\nexport default { fetch: () => fs }",
    'unresolved_import',
    { line: 1, text: /node:fs/ },
  ],
  [
    'D05 bytes that are not UTF-8',
    Buffer.from([0x2f, 0x2f, 0x0a, 0xff, 0xfe]) as unknown as string,
    'compile_error',
    { line: 2 },
  ],
  ['D05 an unknown content type', OLD, 'unsupported_type', { type: 'text/plain' }],
  ['D05 no content type', OLD, 'unsupported_type', { type: '' }],
  [
    'D14 entropy at top level, refused by the config',
    'const a = Math.random();\nexport default { fetch: () => new Response(a) }',
    'entropy_at_init',
    { line: 1, config: { snapshot: { entropy: 'error' } } },
  ],
];

for (const [what, source, code, { line, type, text, config } = {}] of REFUSED) {
  test.serial(`${what} is ${code}; the version before keeps serving`, async (t) => {
    const { tine, neighbour } = t.context;
    const start = performance.now();
    const status = code === 'unsupported_type' ? 415 : 422;
    const reply = await tine.deploy('stable', source, {
      expect: status,
      ...(type === undefined ? {} : { type }),
      ...(config === undefined ? {} : { config: { name: 'stable', ...config } }),
    });
    isProblem(t, reply, code);
    const { details } = reply.json.error;
    if (line !== undefined) {
      t.is(details?.line, line, reply.text);
      t.true(details!.column! >= 1);
    }
    if (text !== undefined) t.regex(String(details?.text), text);
    t.true(performance.now() - start < (1_000 + 1_500) * SLACK);
    t.is((await tine.fetch('stable')).text, 'old');
    await neighbour();
  });
}

test.serial('D01 init_ms and buildOverheadMs: a loop is answered within both together', async (t) => {
  const { tine, neighbour } = t.context;
  const config = { name: 'stable', limits: { init_ms: 100 } };
  const reply = await tine.deploy('stable', 'for (;;);', { config, expect: 422 });
  isProblem(t, reply, 'build_timeout');
  t.true(reply.ms >= 100 && reply.ms < (100 + 1_500) * SLACK, `${reply.ms} ms`);
  await neighbour();
});

test.serial('D05 a byte order mark is accepted', async (t) => {
  await t.context.tine.deploy('marked', `\ufeff${OLD}`);
  t.is((await t.context.tine.fetch('marked')).text, 'old');
});

test.serial('D05 NUL in a source is 422 compile_error with its place', async (t) => {
  const { tine, neighbour } = t.context;
  const reply = await tine.deploy('nul', "export default {\n fetch: () => new Response('a\0b') }", { expect: 422 });
  isProblem(t, reply, 'compile_error');
  t.is(reply.json.error.details.line, 2);
  await neighbour();
});

test.serial('D05 sourceBytes: a source above 10 MB is 413 body_too_large', async (t) => {
  const { tine, neighbour } = t.context;
  isProblem(t, await tine.deploy('giant', `/*${'x'.repeat(10_000_000)}*/ ${OLD}`, { expect: 413 }), 'body_too_large');
  await neighbour();
});

test.serial('D05 an upload that is compressed is 415, as what it unpacks to has no limit', async (t) => {
  const { tine } = t.context;
  isProblem(
    t,
    await tine.control('PUT', '/v1/programs/packed', OLD, {
      'content-type': 'text/javascript',
      'content-encoding': 'gzip',
    }),
    'unsupported_type',
  );
});

const CONFIGS: [string, object | string, RegExp][] = [
  ['bad JSON', '{ "name": ', /JSON|expected|config/i],
  ['a list', '[]', /object/],
  ['an unknown key', { nam: 'x' }, /nam.*name/],
  ['an unknown limit', { limits: { cpu: 5 } }, /limits\.cpu/],
  ['cpu_ms above wall_ms', { limits: { cpu_ms: 500, wall_ms: 100 } }, /cpu_?ms.*wall_?ms/i],
  ['a limit of text', { limits: { cpu_ms: '50' } }, /limits\.cpu_ms/],
  ['another name', { name: 'Other_Name' }, /name/],
  ['an unknown isolation', { isolation: 'process' }, /isolation/],
  ['pool.min above pool.max', { pool: { min: 5, max: 2 } }, /pool/],
  ['__proto__', '{ "__proto__": { "limits": {} } }', /__proto__/],
];

for (const [what, config, text] of CONFIGS) {
  test.serial(`D06 a config with ${what} is 422 invalid_config, naming it`, async (t) => {
    const { tine, neighbour } = t.context;
    const reply = await tine.deploy('stable', OLD, { config, expect: 422 });
    isProblem(t, reply, 'invalid_config');
    t.regex(JSON.stringify(reply.json.error.details), text);
    t.is((await tine.fetch('stable')).text, 'old');
    await neighbour();
  });
}

test.serial(
  'D07 ten deploys of one name at once: all versions are stored, losers are 409 version_conflict with the current version',
  async (t) => {
    const { tine, neighbour } = t.context;
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        tine.control('PUT', '/v1/programs/raced', `export default { fetch: () => new Response('${i}') }`, {
          'content-type': 'text/javascript',
        }),
      ),
    );
    const won = replies.filter(({ status }) => status === 201);
    t.true(won.length >= 1);
    for (const reply of replies) {
      if (reply.status === 201) continue;
      isProblem(t, reply, 'version_conflict');
      t.regex(JSON.stringify(reply.json.error.details), /[0-9a-f]{12}/);
    }
    const { items } = (await tine.control('GET', '/v1/programs/raced/versions')).json;
    t.is(items.length, 10);
    const history = (await tine.control('GET', '/v1/programs/raced/traffic/history')).json.items;
    const revisions = history.map(({ revision }: { revision: number }) => revision).sort();
    t.deepEqual(
      revisions,
      Array.from({ length: won.length }, (_, i) => i + 1),
    );
    const current = items.find(({ percent }: { percent: number }) => percent === 100);
    t.true(won.some(({ json }) => json.version === current.version));
    await neighbour();
  },
);

test.serial('D07 a change of traffic against an old revision is 409 version_conflict', async (t) => {
  const { tine } = t.context;
  const first = (await tine.deploy('split', OLD)).json.version;
  await tine.deploy('split', "export default { fetch: () => new Response('new') }");
  const refused = await tine.control('PUT', '/v1/programs/split/traffic', { [first]: 100 }, { 'if-match': '1' });
  isProblem(t, refused, 'version_conflict');
  t.is((await tine.fetch('split')).text, 'new');
  t.is((await tine.control('PUT', '/v1/programs/split/traffic', { [first]: 100 }, { 'if-match': '2' })).status, 200);
  t.is((await tine.fetch('split')).text, 'old');
});

test.serial('D08 the same deploy again is 200 with the same version, at once and after another one', async (t) => {
  const { tine } = t.context;
  const first = await tine.deploy('twice', OLD);
  const second = await tine.deploy('twice', OLD);
  t.deepEqual([first.status, second.status], [201, 200]);
  t.is(first.json.version, second.json.version);
  await tine.deploy('twice', "export default { fetch: () => new Response('new') }");
  const third = await tine.deploy('twice', OLD);
  t.deepEqual([third.status, third.json.version], [200, first.json.version]);
  t.is((await tine.fetch('twice')).text, 'old');
});

test.serial('D09 six deploys under traffic: every answer is 200, old or new, and none goes back', async (t) => {
  const { tine, neighbour } = t.context;
  const source = (version: number) =>
    `export default { async fetch() { await new Promise((r) => setTimeout(r, 3)); return new Response('${version}') } }`;
  await tine.deploy('moving', source(0));
  let acknowledged = 0;
  let isOver = false;
  const drive = async () => {
    let answers = 0;
    while (!isOver) {
      const atLeast = acknowledged;
      const { status, text } = await tine.fetch('moving');
      t.is(status, 200, text);
      t.true(Number(text) >= atLeast, `${text} after ${atLeast} was acknowledged`);
      answers += 1;
    }
    return answers;
  };
  const drivers = [drive(), drive(), drive(), drive()];
  for (let version = 1; version <= 6; version++) {
    await tine.deploy('moving', source(version));
    acknowledged = version;
  }
  isOver = true;
  const answers = (await Promise.all(drivers)).reduce((sum, count) => sum + count, 0);
  t.true(answers > 20, `${answers} answers`);
  await neighbour();
});

test.serial('D13 a program that is deleted: new requests are 404 at once, running ones end', async (t) => {
  const { tine, neighbour } = t.context;
  await tine.deploy(
    'deleted',
    "export default { async fetch() { await new Promise((r) => setTimeout(r, 400)); return new Response('ended') } }",
  );
  const running = Array.from({ length: 5 }, () => tine.fetch('deleted'));
  await tine.log.until('the deploy', ({ path, status }) => path === '/v1/programs/deleted' && status === 201);
  while ((await tine.metric('tine_permits_in_use')) < 5);
  t.is((await tine.control('DELETE', '/v1/programs/deleted')).status, 204);
  isProblem(t, await tine.fetch('deleted'), 'not_found');
  for (const { text } of await Promise.all(running)) t.is(text, 'ended');
  isProblem(t, await tine.control('GET', '/v1/programs/deleted'), 'not_found');
  await neighbour();
});

test.serial(
  'D14 entropy and clock at top level: a warning with the line for each, and the same value in every context',
  async (t) => {
    const { tine } = t.context;
    const source = `const drawn = [
  Math.random(),
  crypto.randomUUID(),
  Date.now(),
  new Date().toISOString(),
  performance.now(),
  crypto.getRandomValues(new Uint8Array(4)).join(),
];
export default { fetch: () => Response.json({ drawn, fresh: [Math.random(), crypto.randomUUID(), Date.now() > 1.6e12] }) }`;
    const { json } = await tine.deploy('entropy', source);
    const warned = json.warnings.map(({ line }: { line?: number }) => line);
    for (const line of [2, 3, 4]) t.true(warned.includes(line), `line ${line} of ${JSON.stringify(json.warnings)}`);
    const answers = await Promise.all(
      Array.from(
        { length: 6 },
        async () => JSON.parse((await tine.fetch('entropy')).text) as { drawn: unknown; fresh: unknown[] },
      ),
    );
    t.is(new Set(answers.map(({ drawn }) => JSON.stringify(drawn))).size, 1);
    t.is(new Set(answers.map(({ fresh }) => JSON.stringify(fresh))).size, 6);
    t.true(answers.every(({ fresh }) => fresh[2] === true));
  },
);

const SHADOWS = [
  'globalThis.WebAssembly = { canary: 1 };',
  'var WebAssembly = 1; globalThis.WebAssembly = WebAssembly;',
  "Object.defineProperty(globalThis, 'WebAssembly', { value: 1, configurable: true });",
  "Object.defineProperty(globalThis, 'WebAssembly', { get: () => 1, configurable: true });",
  "Object.defineProperty(globalThis, 'WebAssembly', { value: 1, writable: true, configurable: false });",
  'Object.setPrototypeOf(globalThis, Object.create(Object.getPrototypeOf(globalThis), { WebAssembly: { value: 1 } }));',
  'globalThis.SharedArrayBuffer = class {};',
];

for (const [at, shadow] of SHADOWS.entries()) {
  test.serial(
    `D15 a program that hides WebAssembly or SharedArrayBuffer (form ${at + 1}) has neither in any context`,
    async (t) => {
      const { tine, neighbour } = t.context;
      const source = `${shadow}
      export default { fetch: () => Response.json([typeof globalThis.WebAssembly?.Memory, typeof globalThis.WebAssembly?.Module,
        (() => { try { return new SharedArrayBuffer(8).byteLength === 8 ? 'native' : 'own' } catch { return 'none' } })()]) }`;
      const reply = await tine.control('PUT', `/v1/programs/shadow-${at}`, source, {
        'content-type': 'text/javascript',
      });
      if (reply.status === 201) {
        const [memory, module_, shared] = JSON.parse((await tine.fetch(`shadow-${at}`)).text);
        t.deepEqual([memory, module_], ['undefined', 'undefined']);
        t.not(shared, 'native');
      } else {
        t.is(reply.status, 422, reply.text);
      }
      await neighbour();
    },
  );
}

test.serial(
  'D10 a version that always throws is served as it is, and the one before is a change of traffic away',
  async (t) => {
    const { tine, neighbour } = t.context;
    const before = (await tine.deploy('broken', OLD)).json.version;
    await tine.deploy('broken', guest('throws.js'));
    isProblem(t, await tine.fetch('broken', '/error'), 'threw');
    t.is((await tine.control('PUT', '/v1/programs/broken/traffic', { [before]: 100 })).status, 200);
    t.is((await tine.fetch('broken')).text, 'old');
    await neighbour();
  },
);
