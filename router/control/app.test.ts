import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { TineError } from '#sandbox';
import { makeAlsContext } from '../context/als.ts';
import { type ControlParts, makeControlApp } from './app.ts';

const TOKEN = 'the-right-token';
const RECORD = { name: 'a', revision: 3, traffic: { [`${'ab'.repeat(32)}`]: 100 }, createdAt: 0 };

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the body of an answer
  json: any;
}

async function serve(t: ExecutionContext, parts: Partial<ControlParts> = {}) {
  const lines: string[] = [];
  const asked: unknown[] = [];
  const programs = {
    list: async () => [RECORD],
    get: async (name: string) => {
      if (name !== 'a') throw new TineError('not_found', `There is no program "${name}"`);
      return RECORD;
    },
    versions: async () => [],
    history: async () => [],
    setTraffic: async (...args: unknown[]) => {
      asked.push(args);
      return RECORD;
    },
    delete: async () => {},
  };
  const app = makeControlApp({
    programs: programs as unknown as ControlParts['programs'],
    context: makeAlsContext(),
    logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    token: TOKEN,
    hosts: ['tine.example'],
    ceilings: {},
    urlOf: (name) => `http://${name}.localhost/`,
    metrics: async () => 'tine_up 1',
    health: async () => ({ status: 'ok' }),
    isReady: () => true,
    isStopping: () => false,
    logLinesDropped: () => 7,
    ...parts,
  });
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        const { statusCode: status = 0, headers: got } = response;
        resolve({ status, headers: got, text, json: text.startsWith('{') ? JSON.parse(text) : undefined });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { send, lines, asked };
}

const bearer = { authorization: `Bearer ${TOKEN}` };

test('control plane: every path but three asks for the token, however it is written', async (t) => {
  const { send } = await serve(t);
  for (const path of [
    '/v1/programs',
    '/V1/programs',
    '/v1/Programs',
    '/v1/programs/',
    '//v1/programs',
    '/%761/programs',
    '/',
    '/x',
  ]) {
    const { status, headers } = await send('GET', path);
    t.is(status, 401, path);
    t.is(headers['x-tine-error'], 'unauthorized', path);
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) t.is((await send('GET', path)).status, 200, path);
  t.is((await send('OPTIONS', '/v1/programs')).status, 401);
});

test('control plane: paths are matched as they are written', async (t) => {
  const { send } = await serve(t);
  t.is((await send('GET', '/v1/programs', bearer)).status, 200);
  for (const path of ['/V1/programs', '/v1/programs/', '//v1/programs'])
    t.is((await send('GET', path, bearer)).status, 404, path);
});

test('control plane: a token in the query is no token, and no line of the log has it (U01)', async (t) => {
  const { send, lines } = await serve(t);
  t.is((await send('GET', `/v1/programs?token=${TOKEN}&access_token=${TOKEN}`)).status, 401);
  t.false(lines.join('').includes(TOKEN));
  t.true(lines.join('').includes('/v1/programs'));
});

test('control plane: 20 forged requests of a browser are refused (U04)', async (t) => {
  const { send } = await serve(t);
  const origins = [
    'http://evil.example',
    'null',
    'https://localhost.evil.example',
    'http://127.0.0.1',
    'http://tine.example.evil',
  ];
  for (const origin of origins) {
    for (const [method, path] of [
      ['PUT', '/v1/programs/x'],
      ['DELETE', '/v1/programs/a'],
      ['GET', '/metrics'],
    ] as const) {
      const reply = await send(method, path, { ...bearer, host: 'localhost:8788', origin });
      t.is(reply.status, 403, `${origin} ${path}`);
      t.is(reply.json.error.code, 'forbidden_origin');
    }
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil', '10.0.0.1', '[::2]']) {
    t.is((await send('GET', '/v1/programs', { ...bearer, host })).status, 421, host);
  }
});

test('control plane: own names and own origins are let in', async (t) => {
  const { send } = await serve(t);
  for (const host of ['localhost:1', 'LOCALHOST', '127.0.0.1', '127.9.9.9:3', '[::1]:8788', 'tine.example:443']) {
    t.is((await send('GET', '/v1/programs', { ...bearer, host })).status, 200, host);
  }
  t.is(
    (await send('GET', '/v1/programs', { ...bearer, host: 'localhost:5', origin: 'http://localhost:5' })).status,
    200,
  );
});

test('control plane: an unknown path is 404, an unknown method 405, in the form of all errors', async (t) => {
  const { send } = await serve(t);
  for (const [method, path, status, code] of [
    ['GET', '/v1/nothing', 404, 'not_found'],
    ['POST', '/v1/programs', 405, 'method_not_allowed'],
    ['GET', '/v1/programs/none', 404, 'not_found'],
  ] as const) {
    const { status: got, headers, json } = await send(method, path, { ...bearer, 'x-request-id': 'mine' });
    t.is(got, status);
    t.is(headers['x-tine-error'], code);
    t.is(headers['x-request-id'], 'mine');
    t.like(json.error, { code, requestId: 'mine' });
  }
});

test('control plane: what fails inside tine is 500 internal with the fixed text and nothing else, and is logged', async (t) => {
  const details = { text: 'canary', file: '/canary' };
  for (const thrown of [
    new Error('canary at /secret/path'),
    Object.assign(new Error('canary'), { code: 'ENOENT', path: '/canary', details }),
    Object.assign(new Error('canary'), { status: 200, expose: true, headers: { 'x-canary': 'canary' } }),
    new TineError('internal', 'canary', { details, cause: new Error('canary') }),
    'canary',
    { message: 'canary' },
  ]) {
    const health = async () => {
      throw thrown;
    };
    const { send, lines } = await serve(t, { health });
    const { status, headers, text } = await send('GET', '/healthz', { 'x-request-id': 'r-500' });
    t.is(status, 500);
    t.is(
      text,
      '{"error":{"code":"internal","message":"something went wrong inside tine","requestId":"r-500"}}\n',
      String(thrown),
    );
    t.is(headers['x-tine-error'], 'internal');
    t.is(headers['x-request-id'], 'r-500');
    t.false(JSON.stringify(headers).includes('canary'));
    const line = lines.find((each) => each.includes('canary'));
    t.is(JSON.parse(line ?? '{}').level, 50, String(thrown));
  }
});

test('control plane: a route that fails is internal, and the next request is answered', async (t) => {
  const failing = {
    list: async () => {
      throw new TypeError('canary is not a function');
    },
  };
  const { send } = await serve(t, { programs: failing as unknown as ControlParts['programs'] });
  const { status, json, text } = await send('GET', '/v1/programs', bearer);
  t.is(status, 500);
  t.is(json.error.code, 'internal');
  t.false(text.includes('canary'));
  t.is((await send('GET', '/healthz')).status, 200);
});

test('GET /readyz is 503 draining with Retry-After while the server is not ready', async (t) => {
  const { send } = await serve(t, { isReady: () => false });
  const { status, headers, json } = await send('GET', '/readyz');
  t.is(status, 503);
  t.is(headers['retry-after'], '1');
  t.is(json.error.code, 'draining');
});

test('control plane: a server that is stopping changes nothing any more', async (t) => {
  const { send } = await serve(t, { isStopping: () => true });
  t.is((await send('DELETE', '/v1/programs/a', bearer)).json.error.code, 'draining');
  t.is((await send('DELETE', '/v1/programs/a')).status, 401);
  t.is((await send('GET', '/healthz')).status, 200);
});

test('GET /metrics adds what the supervisor counts', async (t) => {
  const { send } = await serve(t);
  const { text, headers } = await send('GET', '/metrics');
  t.regex(text, /^tine_up 1$/m);
  t.regex(text, /^tine_supervisor_log_lines_dropped_total 7$/m);
  t.regex(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
});

test('PUT …/traffic hands on percents and the revision of If-Match', async (t) => {
  const { send, asked } = await serve(t);
  const put = (body: string, headers: Record<string, string> = {}) =>
    send('PUT', '/v1/programs/a/traffic', { ...bearer, ...headers }, body);
  t.is((await put('{"abcd":100}')).status, 200);
  t.is((await put('{"abcd":90,"ef01":10}', { 'if-match': '"12"' })).headers['etag'], '"3"');
  t.is((await put('{"abcd":100}', { 'if-match': '*' })).status, 200);
  t.deepEqual(asked, [
    ['a', { abcd: 100 }, undefined],
    ['a', { abcd: 90, ef01: 10 }, 12],
    ['a', { abcd: 100 }, undefined],
  ]);
});

test('PUT …/traffic refuses a body that is no table of percents', async (t) => {
  const { send, asked } = await serve(t);
  for (const body of [
    '',
    '[]',
    'null',
    '7',
    '{"abcd":1.5}',
    '{"abcd":"100"}',
    '{"__proto__":{"abcd":100},"x":1}',
    '{"ABCD":100}',
  ]) {
    const { status, json } = await send('PUT', '/v1/programs/a/traffic', bearer, body);
    t.is(status, 400, body);
    t.regex(json.error.details.text, /whole percents whose sum is 100/);
  }
  for (const ifMatch of ['W/"1"', 'abc', '"1", "2"', '-1']) {
    t.is(
      (await send('PUT', '/v1/programs/a/traffic', { ...bearer, 'if-match': ifMatch }, '{"abcd":100}')).status,
      400,
      ifMatch,
    );
  }
  t.is((await send('PUT', '/v1/programs/a/traffic', { ...bearer, 'content-encoding': 'gzip' }, '{}')).status, 415);
  t.deepEqual(asked, []);
});

test('PUT /v1/programs/:name refuses a name, a type and a promote that it does not know', async (t) => {
  const { send } = await serve(t);
  const js = { ...bearer, 'content-type': 'text/javascript' };
  for (const name of ['UPPER', '-a', '..%2f..', 'a'.repeat(64), '%00']) {
    const { status, json } = await send('PUT', `/v1/programs/${name}`, js, 'x');
    t.is(status, 400, name);
    t.is(json.error.code, 'invalid_name', name);
  }
  t.is((await send('PUT', '/v1/programs/a', { ...bearer, 'content-type': 'text/plain' }, 'x')).status, 415);
  t.is((await send('PUT', '/v1/programs/a?promote=perhaps', js, 'x')).status, 400);
  t.is((await send('PUT', '/v1/programs/a', { ...js, 'content-length': '900000000' })).status, 413);
});
