import test from 'ava';
import { guardHost } from './host.ts';

/** A request that carries these headers, as Node gives them. */
function requestWith(host: string | undefined, origin?: string) {
  const headers = { ...(host === undefined ? {} : { host }), ...(origin === undefined ? {} : { origin }) };
  return { headers, rawHeaders: Object.entries(headers).flat() };
}

for (const host of [
  'localhost',
  'localhost:8788',
  'LocalHost:8788',
  '127.0.0.1',
  '127.0.0.1:1',
  '127.255.0.9:80',
  '[::1]',
  '[::1]:8788',
]) {
  test(`guardHost() lets this machine in: ${host}`, (t) => {
    t.notThrows(() => guardHost(requestWith(host), []));
  });
}

for (const host of [
  'evil.example',
  'localhost.evil.example',
  'evil-localhost',
  'localhost.',
  'x.localhost',
  '127.0.0.1.evil.example',
  '1127.0.0.1',
  '127.0.0',
  '127.0.0.1234',
  '128.0.0.1',
  '0.0.0.0',
  '[::]',
  '[::1',
  '[::ffff:127.0.0.1]',
  '::1',
  '',
  'localhost@evil.example',
]) {
  test(`guardHost() ends any other name with wrong_host: ${JSON.stringify(host)}`, (t) => {
    t.throws(() => guardHost(requestWith(host), []), { code: 'wrong_host' });
  });
}

test('guardHost() lets further names in, exactly as they are listed, with any port and in any case', (t) => {
  const hosts = ['tine.example', '[fd00::1]'];
  for (const host of ['tine.example', 'TINE.example:443', '[fd00::1]:8788', '[FD00::1]']) {
    t.notThrows(() => guardHost(requestWith(host), hosts), host);
  }
  for (const host of ['a.tine.example', 'tine.example.evil', 'tine', '[fd00::2]']) {
    t.throws(() => guardHost(requestWith(host), hosts), { code: 'wrong_host' }, host);
  }
});

test('guardHost() wants Host exactly once, else bad_request', (t) => {
  const twice = { headers: { host: 'localhost' }, rawHeaders: ['Host', 'localhost', 'X-A', 'host', 'hOST', 'evil'] };
  t.throws(() => guardHost(twice, []), { code: 'bad_request', message: /once: got 2/ });
  t.throws(() => guardHost(requestWith(undefined), []), { code: 'bad_request', message: /once: got 0/ });
  const value = { headers: { host: 'localhost' }, rawHeaders: ['Host', 'localhost', 'X-A', 'Host', 'X-B', 'host'] };
  t.notThrows(() => guardHost(value, []), 'values are no names');
});

test('guardHost() takes an origin only when it is the host that was asked, port included', (t) => {
  t.notThrows(() => guardHost(requestWith('localhost:8788', 'http://localhost:8788'), []));
  t.notThrows(() => guardHost(requestWith('tine.example', 'https://tine.example'), ['tine.example']));
  for (const origin of [
    'null',
    '',
    'http://localhost',
    'http://localhost:8787',
    'http://127.0.0.1:8788',
    'http://hello.localhost:8788',
    'http://localhost:8788.evil.example',
    'http://evil.example/localhost:8788',
    'localhost:8788',
  ]) {
    t.throws(() => guardHost(requestWith('localhost:8788', origin), []), { code: 'forbidden_origin' }, origin);
  }
});

test('guardHost() looks at the host before the origin', (t) => {
  t.throws(() => guardHost(requestWith('evil.example', 'http://evil.example'), []), { code: 'wrong_host' });
});
