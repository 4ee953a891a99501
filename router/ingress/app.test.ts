// The data plane with everything that is real: a server, a builder, executors. Only what the supervisor would answer is
// answered here.
import test, { type ExecutionContext } from 'ava';
import { languages } from '#runtime';
import {
  Builder,
  Executors,
  makePerformers,
  NO_LAYER2,
  Observer,
  Permits,
  PROCESS_ENTRIES,
  type ProgramConfig,
  Quarantine,
  TineError,
} from '#sandbox';
import { resolveProgramConfig } from '../config/resolve.ts';
import { makeAlsContext } from '../context/als.ts';
import { type Access, type AppParts, makeApp } from './app.ts';
import { DevPages } from './dev-pages.ts';
import { listen, RawClient, statuses } from './harness.ts';
import { Registry } from './registry.ts';
import { makeServer } from './server.ts';
import { SourceMaps } from './source-maps.ts';

const [V1, V2] = ['1'.repeat(64), '2'.repeat(64)];
const FIXED = (code: string, message: string) =>
  `{"error":{"code":"${code}","message":"${message}","requestId":"r-1"}}\n`;
const INTERNAL = FIXED('internal', 'something went wrong inside tine');

const SOURCE = `export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/throw') throw new TypeError('canary');
    if (pathname === '/page') return new Response('<p>good</p>', { headers: { 'content-type': 'text/html' } });
    return new Response(request.method + ' ' + request.url + ' ' + await request.text(), { status: 201 });
  },
};`;

const { config } = resolveProgramConfig('{"name":"p","pool":{"min":0}}', { file: 'config', ceilings: {} });
const builder = new Builder({ confine: { layer2: NO_LAYER2, entry: PROCESS_ENTRIES.builder } });
const executors = new Executors({
  executors: 1,
  executorsMax: 4,
  rssBytesMax: undefined,
  confine: { layer2: NO_LAYER2, entry: PROCESS_ENTRIES.executor },
  env: {},
  observer: { started: () => {}, ended: () => {}, loadFailed: () => {} },
});
const performers = makePerformers({ allowPrivate: [] });
const upload = { program: 'p', language: 'javascript' as const, modules: [{ path: 'index.js', text: SOURCE }], config };
const { bytes } = await builder.build(upload, await languages.javascript.bundle());
builder.end();

test.after.always(async () => {
  executors.end();
  await performers.close();
});

interface Options {
  parts?: Partial<AppParts>;
  traffic?: Record<string, number>;
  template?: () => Promise<Uint8Array>;
  quarantined?: boolean;
}

async function serve(t: ExecutionContext, { parts, traffic, template, quarantined = false }: Options = {}) {
  const accesses: Access[] = [];
  const errors: unknown[] = [];
  const seen: (string | undefined)[] = [];
  const context = makeAlsContext();
  const registry = new Registry({
    permits: 10,
    defaultProgram: undefined,
    template: template ?? (async () => bytes),
    findVersion: async () => undefined,
    onRetire: ({ runnable }) => executors.retire(runnable),
    onProgram: () => {},
  });
  t.teardown(() => registry.remove('p'));
  const configs = { [V1]: config, [V2]: config } as Record<string, ProgramConfig>;
  registry.publish({ name: 'p', revision: 1, traffic: traffic ?? { [V1]: 100 }, configs });
  const quarantine = new Quarantine(() => 0);
  if (quarantined) for (let n = 0; n < 10; n++) quarantine.add('p');
  const permits = new Permits({ permitsMax: 10 });
  const app = makeApp({
    registry,
    invoke: { permits, executors, performers, quarantine, observer: new Observer() },
    context,
    trustsPeer: () => false,
    isDebugToken: (token) => token === 'the-debug-token',
    isDraining: () => false,
    onAccess: (access) => {
      accesses.push(access);
      seen.push(context.get('requestId'), context.get('program'));
    },
    devPages: undefined,
    ...parts,
  });
  app.on('error', (error) => errors.push(error));
  const port = await listen(t, makeServer(app));
  /** One request on a connection of its own, which is closed after it. */
  const ask = async (target: string, headers: Record<string, string> = {}, method = 'GET') => {
    const raw = new RawClient(t, port);
    const all = { host: 'p.localhost', 'x-request-id': 'r-1', connection: 'close', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    raw.send(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const text = await raw.end();
    const at = text.indexOf('\r\n\r\n');
    return { status: statuses(text)[0], head: text.slice(0, at).toLowerCase(), body: text.slice(at + 4), text };
  };
  return { ask, port, accesses, errors, seen, permits };
}

test('makeApp(): a request is run by the program of its host, and reported once, inside of its context', async (t) => {
  const { ask, accesses, seen, permits } = await serve(t);
  const { status, head, body } = await ask('/a?b=1');
  t.is(status, 201);
  t.is(body, 'GET http://p.localhost/a?b=1 ');
  t.true(head.includes('x-request-id: r-1'));
  t.is(accesses.length, 1);
  t.like(accesses[0], { requestId: 'r-1', program: 'p', version: V1, method: 'GET', target: '/a?b=1', status: 201 });
  t.is(accesses[0]!.bytes, body.length);
  t.is(accesses[0]!.finished?.outcome, 'ok');
  t.is(accesses[0]!.code, undefined);
  t.true(accesses[0]!.wallMs > 0);
  t.deepEqual(seen, ['r-1', 'p']);
  t.is(permits.inUse, 0);
});

test('makeApp(): a host that no program answers for is not_found, reported without a program', async (t) => {
  const { ask, accesses } = await serve(t);
  const { status, head, body } = await ask('/', { host: 'none.localhost' });
  t.is(status, 404);
  t.is(body, FIXED('not_found', 'there is nothing here'));
  t.true(head.includes('x-tine-error: not_found'));
  t.like(accesses[0], { program: '', version: '', status: 404, code: 'not_found', bytes: 0, finished: undefined });
});

test('makeApp(): what a program throws is 500 threw with the fixed text', async (t) => {
  const { ask, accesses, errors } = await serve(t);
  const { status, text, body } = await ask('/throw');
  t.is(status, 500);
  t.is(body, FIXED('threw', 'the program threw an error'));
  t.false(text.includes('canary'));
  t.is(accesses[0]!.finished?.thrown?.message, 'canary');
  t.deepEqual(errors, [], 'no fault of tine');
});

test('makeApp(): what fails inside tine is 500 internal with the fixed text and nothing else, and is told to the log', async (t) => {
  const failure = Object.assign(new Error('canary at /secret/path'), { details: { text: 'canary' }, status: 200 });
  const { ask, accesses, errors, permits } = await serve(t, {
    template: async () => {
      throw failure;
    },
  });
  const { status, head, text, body } = await ask('/');
  t.is(status, 500);
  t.is(body, INTERNAL);
  t.true(head.includes('x-tine-error: internal'));
  t.false(text.includes('canary'));
  t.deepEqual(errors, [failure]);
  t.like(accesses[0], { status: 500, code: 'internal', program: 'p' });
  t.is(permits.inUse, 0, 'the permit is given back');
});

test('makeApp(): what is thrown before a program is found is internal too, whatever it is', async (t) => {
  for (const thrown of ['canary', undefined, new TineError('internal', 'canary')]) {
    const trustsPeer = () => {
      throw thrown;
    };
    const { ask } = await serve(t, { parts: { trustsPeer } });
    t.is((await ask('/')).body, INTERNAL, String(thrown));
  }
});

test('makeApp(): the template of a damaged version is its own code, and the next request asks again', async (t) => {
  let asked = 0;
  const { ask } = await serve(t, {
    template: async () => {
      asked += 1;
      if (asked === 1) throw new TineError('corrupt_version', 'canary');
      return bytes;
    },
  });
  const { status, body } = await ask('/');
  t.is(status, 500);
  t.is(body, FIXED('corrupt_version', 'the stored version is damaged'));
  t.is((await ask('/')).status, 201);
});

test('makeApp(): a program that is put aside is 503 quarantined with Retry-After', async (t) => {
  const { ask } = await serve(t, { quarantined: true });
  const { status, head } = await ask('/');
  t.is(status, 503);
  t.true(head.includes('retry-after: 5'));
  t.true(head.includes('x-tine-error: quarantined'));
});

test('makeApp(): while it drains, a request on an open connection is refused and the connection closed', async (t) => {
  const { port } = await serve(t, { parts: { isDraining: () => true } });
  const raw = new RawClient(t, port);
  raw.send('GET / HTTP/1.1\r\nHost: p.localhost\r\n\r\n');
  const text = await raw.end();
  t.deepEqual(statuses(text), [503]);
  t.regex(text, /x-tine-error: draining/);
  t.regex(text.toLowerCase(), /connection: close/);
});

test('makeApp(): HEAD that fails has the head of the answer alone', async (t) => {
  const { ask } = await serve(t);
  const { status, head, body } = await ask('/', { host: 'none.localhost' }, 'HEAD');
  t.is(status, 404);
  t.regex(head, /content-length: [1-9]/);
  t.is(body, '');
});

test('makeApp(): the cost is told to who has the debug token, of failures too, and to nobody else', async (t) => {
  const { ask } = await serve(t);
  for (const target of ['/', '/throw']) {
    const { head } = await ask(target, { 'x-tine-debug': 'the-debug-token' });
    t.regex(head, /x-tine-cost: cpu=/, target);
    t.regex(head, /server-timing: queue;dur=/, target);
    for (const headers of [{}, { 'x-tine-debug': 'another' }]) {
      t.notRegex((await ask(target, headers)).head, /x-tine-cost|server-timing/, target);
    }
  }
});

test('makeApp(): a client without a key gets one while traffic is split, and keeps its side with it', async (t) => {
  const { ask, accesses } = await serve(t, { traffic: { [V1]: 50, [V2]: 50 } });
  const { head } = await ask('/');
  const cookie = /set-cookie: (tine-version-key=[^;]+); path=\/; httponly; samesite=lax/.exec(head)?.[1] ?? '';
  t.true(cookie.length > 'tine-version-key='.length);
  for (let n = 0; n < 5; n++) t.notRegex((await ask('/', { cookie })).head, /set-cookie/);
  t.is(new Set(accesses.map(({ version }) => version)).size, 1);
  const whole = await serve(t);
  t.notRegex((await whole.ask('/')).head, /set-cookie/);
});

test('makeApp(): a body that is too large is 413 before anything runs, and the connection is closed', async (t) => {
  const { port, accesses } = await serve(t);
  const raw = new RawClient(t, port);
  raw.send('POST / HTTP/1.1\r\nHost: p.localhost\r\nContent-Length: 999999999999\r\n\r\n');
  const text = await raw.end();
  t.deepEqual(statuses(text), [413]);
  t.regex(text.toLowerCase(), /connection: close/);
  t.like(accesses[0], { code: 'body_too_large', finished: undefined });
});

test('makeApp(): a small body gets to the program', async (t) => {
  const { port } = await serve(t);
  const raw = new RawClient(t, port);
  raw.send('POST /x HTTP/1.1\r\nHost: p.localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello');
  t.true((await raw.end()).endsWith('POST http://p.localhost/x hello'));
});

test('makeApp(): pages of tine dev stand in for the fixed text, and lie over the pages of the last good version', async (t) => {
  const devPages = new DevPages(new SourceMaps(async () => ''));
  const { ask } = await serve(t, { parts: { devPages } });
  const { status, body, head } = await ask('/throw', { accept: 'text/html' });
  t.is(status, 500);
  t.true(body.includes('TypeError: canary'));
  t.true(head.includes('content-type: text/html'));
  // `body` is one character per byte.
  t.true(head.includes(`content-length: ${body.length}`));
  t.is((await ask('/page')).body, '<p>good</p>');
  devPages.show({ program: 'p', error: { page: '', overlay: '<div>the box</div>', json: '' } });
  t.is((await ask('/page')).body, '<p>good</p><div>the box</div>');
});
