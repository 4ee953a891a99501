import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { findConnection } from './connection.ts';
import { makeFolder } from './fake-control.ts';

const SERVER = JSON.stringify({ controlUrl: 'http://127.0.0.1:9001', dataUrl: 'http://127.0.0.1:9000', pid: 1 });

test('findConnection() goes to the default address without a token when there is nothing', (t) => {
  const cwd = makeFolder(t);
  t.deepEqual(findConnection({}, { env: {}, cwd }), { url: 'http://127.0.0.1:8788', token: undefined });
  t.is(findConnection({}, { env: { TINE_CONTROL_PORT: '9' }, cwd }).url, 'http://127.0.0.1:9');
  t.is(
    findConnection({}, { env: { TINE_CONTROL_URL: '', TINE_TOKEN: '', TINE_DATA: '' }, cwd }).url,
    'http://127.0.0.1:8788',
  );
});

test('findConnection() prefers flags, then the environment, then what the server has written', (t) => {
  const cwd = makeFolder(t, { '.tine/server.json': SERVER, '.tine/token': 'written\n' });
  t.deepEqual(findConnection({}, { env: {}, cwd }), { url: 'http://127.0.0.1:9001', token: 'written' });
  const env = { TINE_CONTROL_URL: 'http://127.0.0.1:9002/', TINE_TOKEN: 'env' };
  t.deepEqual(findConnection({}, { env, cwd }), { url: 'http://127.0.0.1:9002', token: 'env' });
  t.deepEqual(findConnection({ controlUrl: 'https://c.example/x/', token: 'flag' }, { env, cwd }), {
    url: 'https://c.example/x',
    token: 'flag',
  });
});

test('findConnection() looks into the data folder that is named, relative to the working folder', (t) => {
  const cwd = makeFolder(t, { 'd/server.json': SERVER, 'd/token': 'x' });
  t.is(findConnection({ data: 'd' }, { env: {}, cwd }).token, 'x');
  t.is(findConnection({}, { env: { TINE_DATA: join(cwd, 'd') }, cwd: '/' }).token, 'x');
});

test('findConnection() finds the server from a folder below', (t) => {
  const root = makeFolder(t, { '.tine/server.json': SERVER, '.tine/token': 'x' });
  mkdirSync(join(root, 'a/b'), { recursive: true });
  t.deepEqual(findConnection({}, { env: {}, cwd: join(root, 'a/b') }), { url: 'http://127.0.0.1:9001', token: 'x' });
});

test('findConnection() gives the token of this machine to no other machine', (t) => {
  const cwd = makeFolder(t, { '.tine/server.json': SERVER, '.tine/token': 'x' });
  for (const url of [
    'http://10.0.0.1:8788',
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
  ]) {
    t.is(findConnection({ controlUrl: url }, { env: {}, cwd }).token, undefined, url);
  }
  for (const url of ['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1']) {
    t.is(findConnection({ controlUrl: url }, { env: {}, cwd }).token, 'x', url);
  }
});

test('findConnection() takes a server.json that is damaged for none', (t) => {
  for (const text of ['', '{', '[]', '{"controlUrl": 5}', 'null']) {
    const cwd = makeFolder(t, { '.tine/server.json': text });
    t.is(findConnection({}, { env: {}, cwd }).url, 'http://127.0.0.1:8788', text);
  }
});

test('findConnection() refuses an address that is no http URL', (t) => {
  for (const url of ['127.0.0.1:8788', 'ftp://x', 'x']) {
    t.throws(() => findConnection({ controlUrl: url }, { env: {}, cwd: '/' }), {
      code: 'invalid_config',
      message: /must be an http or https URL; got /,
    });
  }
});
