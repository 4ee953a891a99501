// From an upload to a version that answers: forms of uploads, what a deploy tells, and refusals that name the place.
import { isProblem, share } from './hazards/share.ts';

const answering = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

const test = share();

test.serial('a single source of each media type answers', async (t) => {
  const { tine } = t.context;
  const jsx = `const h = (tag, _, text) => tag + text; export default { fetch: () => new Response('fine') }`;
  const types: [string, string][] = [
    ['text/javascript', answering('fine')],
    ['application/javascript; charset=utf-8', `${answering('fine')};`],
    [
      'text/typescript',
      `const word: string = 'fine'; export default { fetch: (_: Request): Response => new Response(word) }`,
    ],
    ['text/jsx', jsx],
  ];
  for (const [type, source] of types) {
    const { status, json } = await tine.deploy('single', source, { type });
    t.is(status, 201, type);
    t.is(json.program, 'single');
    t.is((await tine.fetch('single')).text, 'fine', type);
  }
});

test.serial('the answer of a deploy tells version, URL, template with its figures, and warnings', async (t) => {
  const { tine } = t.context;
  const { json, headers } = await tine.deploy('told', `const at = Date.now(); ${answering('x')}; globalThis.at = at;`);
  t.regex(json.version, /^[0-9a-f]{12}$/);
  t.is(json.url, `http://told.localhost:${tine.dataPort}/`);
  t.is(json.template.mode, 'snapshot');
  for (const figure of ['snapshotBytes', 'buildMs', 'initMs'] as const)
    t.is(typeof json.template[figure], 'number', figure);
  t.is(json.warnings.length, 1, 'the clock was read at the top level');
  t.truthy(headers['x-request-id']);
});

test.serial('D08: the same upload again is 200 and the same version', async (t) => {
  const { tine } = t.context;
  const first = await tine.deploy('same', answering('x'), { expect: 201 });
  const second = await tine.deploy('same', answering('x'), { expect: 200 });
  t.is(second.json.version, first.json.version);
  t.is((await tine.control('GET', '/v1/programs/same/versions')).json.items.length, 1);
});

test.serial('modules import each other, main is the entry, and vars are in env', async (t) => {
  const { tine } = t.context;
  const modules = {
    'lib/word.ts': `export const word: string = 'from lib';`,
    'src/main.ts': `import { word } from '../lib/word.ts'; export default { fetch: (_: Request, env: any) => new Response(word + env.PLUS) }`,
  };
  const { status } = await tine.deploy('modules', '', {
    modules,
    config: { main: 'src/main.ts', vars: { PLUS: '!' } },
  });
  t.is(status, 201);
  t.is((await tine.fetch('modules')).text, 'from lib!');
});

test.serial(
  'D04: what does not compile is 422 with file, line and column of the source; the old version serves on',
  async (t) => {
    const { tine } = t.context;
    await tine.deploy('refused', answering('old'));
    const modules = { 'index.ts': `import './bad.ts';\n${answering('new')}`, 'bad.ts': '\n\n  const = 1;\n' };
    const reply = await tine.deploy('refused', '', { modules, config: {}, expect: 422 });
    isProblem(t, reply, 'compile_error');
    t.like(reply.json.error.details, { file: 'bad.ts', line: 3 });
    const threw = await tine.deploy('refused', `\n\nthrow new Error('at the top');\n${answering('new')}`, {
      expect: 422,
    });
    t.is(threw.code, 'init_threw');
    t.like(threw.json.error.details, { file: 'index.js', line: 3 });
    t.is((await tine.fetch('refused')).text, 'old');
  },
);

test.serial('imports of what tine does not have are 422 unresolved_import naming them', async (t) => {
  const { tine } = t.context;
  for (const name of ['node:fs', 'cloudflare:workers', './missing.js']) {
    const reply = await tine.deploy('imports', `import x from '${name}';\n${answering('x')}`, { expect: 422 });
    t.is(reply.code, 'unresolved_import', name);
    t.true(String(reply.json.error.details?.text).includes(name), name);
    t.is(reply.json.error.details?.line, 1);
  }
});

test.serial('uploads that are no programs are refused by form', async (t) => {
  const { tine } = t.context;
  const js = { 'content-type': 'text/javascript' };
  const form = { 'content-type': 'multipart/form-data; boundary=b' };
  const part = (name: string) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${answering('x')}\r\n`;
  const table: [string, string | Uint8Array, Record<string, string>, string][] = [
    ['no type', 'x', {}, 'unsupported_type'],
    ['another type', 'x', { 'content-type': 'application/json' }, 'unsupported_type'],
    ['encoded', 'x', { ...js, 'content-encoding': 'gzip' }, 'unsupported_type'],
    ['not UTF-8', Uint8Array.of(0x61, 0x0a, 0xff), js, 'compile_error'],
    ['a form that is none', 'x', form, 'bad_request'],
    ['no module', '--b--\r\n', form, 'bad_request'],
    ['a path upwards', `${part('../a.js')}--b--\r\n`, form, 'bad_request'],
    ['an absolute path', `${part('/a.js')}--b--\r\n`, form, 'bad_request'],
    ['a module twice', `${part('a.js')}${part('a.js')}--b--\r\n`, form, 'bad_request'],
    [
      'a config that is no JSON',
      `${part('a.js')}--b\r\nContent-Disposition: form-data; name="config"\r\n\r\n{\r\n--b--\r\n`,
      form,
      'invalid_config',
    ],
  ];
  for (const [what, body, headers, code] of table) {
    const reply = await tine.control('PUT', '/v1/programs/forms', body, headers);
    t.is(reply.code, code, `${what}: ${reply.text}`);
  }
  t.is((await tine.control('GET', '/v1/programs/forms')).status, 404);
  t.is((await tine.deploy('forms', `\ufeff${answering('with a mark')}`)).status, 201);
});

test.serial('an upload above 11 MB is 413, by its length and by what comes', async (t) => {
  const { tine } = t.context;
  const big = Buffer.alloc(11_500_000, 0x20);
  const reply = await tine
    .control('PUT', '/v1/programs/big', big, { 'content-type': 'text/javascript' })
    .catch(() => undefined);
  // A client that is still sending may see the connection closed before it reads the answer.
  if (reply !== undefined) t.is(reply.code, 'body_too_large');
  t.is((await tine.control('GET', '/v1/programs/big')).status, 404);
  await t.context.neighbour();
});
