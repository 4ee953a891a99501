// R17: bytes that no client sends. Each case has a request behind it, which must not be taken for one: there is one
// answer, the connection is closed, and the handler runs at most once.
import { raw } from '../http.ts';
import { isProblem, type ProblemCode, share } from './share.ts';

const test = share(async (tine) => {
  await tine.deploy(
    'edge',
    'export default { async fetch(request) { await request.text(); return new Response(new URL(request.url).pathname) } }',
  );
});

const BEHIND = 'GET /smuggled HTTP/1.1\r\nHost: edge.localhost\r\n\r\n';
const get = (...lines: string[]) =>
  `GET /x HTTP/1.1\r\nHost: edge.localhost\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const post = (headers: string[], body: string) =>
  `POST /x HTTP/1.1\r\nHost: edge.localhost\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
const target = (text: string) => `GET ${text} HTTP/1.1\r\nHost: edge.localhost\r\n\r\n`;

const REFUSED: [string, string, ProblemCode?][] = [
  ['Content-Length with Transfer-Encoding', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n')],
  ['Transfer-Encoding with Content-Length', post(['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n')],
  ['two lengths that differ', post(['Content-Length: 5', 'Content-Length: 6'], 'hello')],
  ['two lengths that agree', post(['Content-Length: 5', 'Content-Length: 5'], 'hello')],
  ['a list of lengths', post(['Content-Length: 5, 5'], 'hello')],
  ['a negative length', post(['Content-Length: -5'], 'hello')],
  ['a length with a sign', post(['Content-Length: +5'], 'hello')],
  ['a length in hex', post(['Content-Length: 0x5'], 'hello')],
  ['an empty length', post(['Content-Length: '], 'hello')],
  ['a length of two numbers', post(['Content-Length: 5 5'], 'hello')],
  ['a length beyond all numbers', post(['Content-Length: 99999999999999999999'], 'hello')],
  ['chunked that is not last', post(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n')],
  ['an odd coding', post(['Transfer-Encoding: xchunked'], '0\r\n\r\n')],
  ['identity', post(['Transfer-Encoding: identity'], 'hello')],
  ['chunked twice', post(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n')],
  ['chunked with a vertical tab', post(['Transfer-Encoding: chunked\x0b'], '0\r\n\r\n')],
  ['a space before the colon', post(['Content-Length : 5'], 'hello')],
  ['a folded header', get('X-A: b', ' Content-Length: 5')],
  ['a space before the first header', 'GET /x HTTP/1.1\r\n Host: edge.localhost\r\n\r\n'],
  ['bare line feeds', 'GET /x HTTP/1.1\nHost: edge.localhost\n\n'],
  ['a bare carriage return', get('X-A: b\rTransfer-Encoding: chunked')],
  ['NUL in a value', get('X-A: b\0c')],
  ['no Host', 'GET /x HTTP/1.1\r\n\r\n'],
  ['two Hosts', get('Host: neighbour.localhost')],
  ['two Hosts that agree', get('Host: edge.localhost')],
  ['a chunk size beyond all numbers', post(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nx\r\n0\r\n\r\n')],
  ['a chunk size that is none', post(['Transfer-Encoding: chunked'], 'zz\r\nx\r\n0\r\n\r\n')],
  ['a negative chunk size', post(['Transfer-Encoding: chunked'], '-1\r\nx\r\n0\r\n\r\n')],
  ['no line end after a chunk', post(['Transfer-Encoding: chunked'], '1\r\nxx0\r\n\r\n')],
  ['a bare line feed after a chunk size', post(['Transfer-Encoding: chunked'], '1\nx\r\n0\r\n\r\n')],
  ['a method in lower case', 'get /x HTTP/1.1\r\nHost: edge.localhost\r\n\r\n'],
  ['a method that does not exist', 'SMUGGLE /x HTTP/1.1\r\nHost: edge.localhost\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a version that does not exist', 'GET /x HTTP/3.7\r\nHost: edge.localhost\r\n\r\n'],
  ['garbage', 'canary canary canary\r\n\r\n'],
  ['the hello of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a header without a colon', get('Canary')],
  ['a header name with a space', get('X A: b')],
  ['an empty header name', get(': b')],
  ['%00 in the target', target('/x%00')],
  ['a backslash in the target', target('/x\\y')],
  ['a byte above 127 in the target', target('/\xe9')],
  ['a space in the target', target('/x y')],
  ['an absolute target of another host', target('http://neighbour.localhost/x')],
  ['an absolute target of another port', target('http://edge.localhost:1/x')],
  ['a target that is no path', target('x')],
  ['17 KB of headers', get(`X-A: ${'a'.repeat(17_000)}`), 'headers_too_large'],
  ['a target of 17 KB', target(`/${'a'.repeat(17_000)}`), 'headers_too_large'],
  ['3000 headers', get(...Array.from({ length: 3_000 }, (_, i) => `X-${i}: a`)), 'headers_too_large'],
];

for (const [what, bytes, code = 'bad_request'] of REFUSED) {
  test.serial(`R17 ${what} is ${code}, closed, with one answer`, async (t) => {
    const { tine, neighbour } = t.context;
    const before = await tine.metric('tine_requests_total', { program: 'edge' });
    const { text, statuses, closed } = await raw(tine.dataUrl, bytes + BEHIND);
    t.true(closed, text);
    t.is(statuses.length, 1, text);
    isProblem(t, parse(text), code);
    t.notRegex(text, /canary|smuggled/i);
    // Some faults come after the head: then the handler has been entered, once, and for this request only.
    t.true((await tine.metric('tine_requests_total', { program: 'edge' })) - before <= 1);
    await neighbour();
  });
}

test.serial('R17 two requests in one packet get one answer each, in order', async (t) => {
  const { tine, neighbour } = t.context;
  const bytes = post(['Content-Length: 5'], 'hello') + BEHIND;
  const { statuses, text } = await raw(tine.dataUrl, bytes, { enough: (so) => so.includes('/smuggled') });
  t.deepEqual(statuses, [200, 200]);
  t.true(text.indexOf('/x') < text.indexOf('/smuggled'));
  await neighbour();
});

test.serial('R17 an absolute target of the same host is its path', async (t) => {
  const { text } = await raw(t.context.tine.dataUrl, target('http://edge.localhost/absolute'), {
    enough: (so) => so.includes('/absolute'),
  });
  t.regex(text, /^HTTP\/1\.1 200 .*\/absolute/s);
});

for (const [path, seen] of [
  ['/../../etc/passwd', '/etc/passwd'],
  ['/%2e%2e/%2e%2e/etc/passwd', '/etc/passwd'],
  ['/a%2f..%2fb', '/a%2f..%2fb'],
]) {
  test.serial(`R19 the path ${path} reaches the guest, and no file`, async (t) => {
    const { text } = await raw(t.context.tine.dataUrl, target(path!), { enough: (so) => so.includes('\r\n\r\n/') });
    t.regex(text, new RegExp(`^HTTP/1\\.1 200 .*\\r\\n\\r\\n${seen!.replaceAll('.', '\\.')}$`, 's'));
  });
}

for (const name of [
  '..',
  '.',
  '%2e%2e',
  'a%2fb',
  'a%00b',
  'A',
  'a_b',
  '-a',
  'a'.repeat(64),
  'a b',
  '%c3%bc',
  'a;b',
  '__proto__',
  'constructor.',
]) {
  test.serial(
    `R19 a program named ${JSON.stringify(name.slice(0, 20))} is 400 invalid_name, or not there`,
    async (t) => {
      const { tine } = t.context;
      const { text } = await raw(
        tine.controlUrl,
        `PUT /v1/programs/${name.replace(' ', '%20')} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${tine.token}\r\nContent-Type: text/javascript\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      const reply = parse(text);
      if (reply.code === 'not_found' || reply.code === 'method_not_allowed') t.regex(name, /^(\.|%2e)+$/);
      else isProblem(t, reply, 'invalid_name');
    },
  );
}

test.serial('R17 an upgrade is 426 upgrade_required, once, closed, no run', async (t) => {
  const { tine, neighbour } = t.context;
  const headers = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  const { statuses, closed, text } = await raw(tine.dataUrl, get(...headers) + BEHIND);
  t.deepEqual(statuses, [426], text);
  t.regex(text, /x-tine-error: upgrade_required/);
  t.true(closed);
  await neighbour();
});

test.serial('R17 headers_too_large is for more than 16 KB: 15 KB pass', async (t) => {
  const { tine } = t.context;
  const headers = (bytes: number) => get(`X-A: ${'a'.repeat(bytes)}`, 'Connection: close');
  t.deepEqual((await raw(tine.dataUrl, headers(15_000))).statuses, [200]);
  t.deepEqual((await raw(tine.dataUrl, headers(16_500))).statuses, [431]);
});

test.serial('R17 CONNECT is 405 method_not_allowed, closed', async (t) => {
  const { statuses, closed, text } = await raw(
    t.context.tine.dataUrl,
    `CONNECT edge.localhost:80 HTTP/1.1\r\nHost: edge.localhost\r\n\r\n${BEHIND}`,
  );
  t.deepEqual(statuses, [405], text);
  t.true(closed);
});

test.serial('R17 an unknown expectation is 417', async (t) => {
  const { statuses } = await raw(
    t.context.tine.dataUrl,
    post(['Expect: canary', 'Content-Length: 5', 'Connection: close'], 'hello'),
  );
  t.deepEqual(statuses, [417]);
});

test.serial('R17 HTTP/1.0 without Host is one answer, closed', async (t) => {
  const { statuses, closed } = await raw(t.context.tine.dataUrl, 'GET /x HTTP/1.0\r\n\r\n');
  t.deepEqual(statuses, [404], 'with several programs and no default there is none that answers');
  t.true(closed);
});

/** The first answer in these bytes. */
function parse(text: string): Parameters<typeof isProblem>[1] {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = rest.join('\r\n\r\n');
  return {
    status: Number(first.split(' ')[1]),
    headers,
    rawHeaders: lines,
    bytes: Buffer.from(body),
    text: body,
    get json() {
      return JSON.parse(body);
    },
    code: headers['x-tine-error'],
    ms: 0,
  };
}
