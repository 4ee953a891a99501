// R14: what a guest may answer, what is taken off it, and what cannot be sent. The connection survives all of it.
import { Agent } from 'node:http';
import { raw } from '../http.ts';
import type { Reply } from '../start.ts';
import { guest, isProblem, share } from './share.ts';

const test = share((tine) => tine.deploy('evaluates', guest('evaluates.js')));

/** What comes of it: a status with headers that must be there (null: must not), or a code. */
type Expected = { status: number; headers?: Record<string, string | null>; body?: string } | 'threw' | 'bad_response';

const framing = (header: string, value = 'x'): [string, string, Expected] => [
  `header ${header} is dropped`,
  `return new Response('body', { headers: { '${header}': '${value}' } })`,
  { status: 200, headers: { [header]: null }, body: 'body' },
];
const refusedHeader = (what: string, name: string, value: string): [string, string, Expected] => [
  `${what} in a header throws in the guest`,
  `return new Response('body', { headers: { [${JSON.stringify(name)}]: ${JSON.stringify(value)} } })`,
  'threw',
];
const statusOf = (status: string, expected: Expected): [string, string, Expected] => [
  `status ${status}`,
  `return new Response(null, { status: ${status} })`,
  expected,
];

const CASES: [string, string, Expected][] = [
  statusOf('200', { status: 200 }),
  statusOf('204', { status: 204, headers: { 'content-length': null } }),
  statusOf('304', { status: 304 }),
  statusOf('418', { status: 418 }),
  statusOf('599', { status: 599 }),
  statusOf('600', 'threw'),
  statusOf('199', 'threw'),
  statusOf('101', 'threw'),
  statusOf('100', 'threw'),
  statusOf('0', 'threw'),
  statusOf('-1', 'threw'),
  statusOf('99999', 'threw'),
  statusOf('NaN', 'threw'),
  statusOf('"abc"', 'threw'),
  ['a body with status 204 throws in the guest', "return new Response('x', { status: 204 })", 'threw'],
  ['a body with status 304 throws in the guest', "return new Response('x', { status: 304 })", 'threw'],
  ['Response.error() is no answer', 'return Response.error()', 'threw'],
  [
    'a status text with a line end throws in the guest',
    String.raw`return new Response('', { statusText: 'a\r\nb' })`,
    'threw',
  ],
  [
    'a subclass that lies about its status is not asked',
    "return new (class extends Response { get status() { return 999 } get headers() { return { canary: 1 } } })('body')",
    { status: 200, body: 'body' },
  ],
  framing('transfer-encoding', 'chunked'),
  framing('te', 'trailers'),
  framing('trailer', 'x-later'),
  framing('upgrade', 'websocket'),
  framing('proxy-connection', 'close'),
  framing('proxy-authenticate', 'Basic'),
  framing('x-tine-error', 'overloaded'),
  framing('x-tine-hops', '7'),
  [
    'content-length is ours when too small',
    "return new Response('body', { headers: { 'content-length': '1' } })",
    { status: 200, headers: { 'content-length': '4' }, body: 'body' },
  ],
  [
    'content-length is ours when too large',
    "return new Response('body', { headers: { 'content-length': '400' } })",
    { status: 200, headers: { 'content-length': '4' }, body: 'body' },
  ],
  [
    'connection and keep-alive are ours',
    "return new Response('body', { headers: { connection: 'close', 'keep-alive': 'canary' } })",
    { status: 200, headers: { connection: 'keep-alive' }, body: 'body' },
  ],
  [
    'x-request-id is ours',
    "return new Response('body', { headers: { 'x-request-id': 'forged' } })",
    { status: 200, headers: { 'x-request-id': 'r14' }, body: 'body' },
  ],
  refusedHeader('CR LF', 'x-a', 'a\r\nx-b: c'),
  refusedHeader('CR LF of a cookie', 'set-cookie', 'a=b\r\nset-cookie: c=d'),
  refusedHeader('LF', 'x-a', 'a\nb'),
  refusedHeader('NUL', 'x-a', 'a\0b'),
  refusedHeader('a code point above 255', 'x-a', 'a€'),
  refusedHeader('a name with a space', 'x a', 'b'),
  refusedHeader('a name with a colon', 'x:a', 'b'),
  refusedHeader('a name with CR LF', 'x\r\na', 'b'),
  refusedHeader('a name above 127', 'ü', 'b'),
  refusedHeader('an empty name', '', 'b'),
  ['an object is no body of its own', 'return new Response({ a: 1 })', { status: 200, body: '[object Object]' }],
  ['an object is no Response', "return { status: 200, headers: new Headers(), body: 'canary' }", 'threw'],
  ['a string is no Response', "return 'canary'", 'threw'],
  ['a Response whose body was read cannot be sent', "const r = new Response('x'); await r.text(); return r", 'threw'],
  [
    'a redirect is sent as it is',
    "return Response.redirect('https://example.com/', 302)",
    { status: 302, headers: { location: 'https://example.com/' } },
  ],
];

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
test.after.always(() => agent.destroy());

for (const [what, code, expected] of CASES) {
  test.serial(`R14 ${what}`, async (t) => {
    const { tine, neighbour } = t.context;
    const reply = await tine.fetch('evaluates', '/', {
      method: 'POST',
      body: code,
      agent,
      headers: { 'x-request-id': 'r14' },
    });
    if (typeof expected === 'string') isProblem(t, reply, expected);
    else isAnswer(t, reply, expected);
    await neighbour();
  });
}

test.serial('R14 a header and a status text above 127 go out as latin-1, before a text as before bytes', async (t) => {
  for (const made of ["'b\u00f6dy'", 'new TextEncoder().encode("b\u00f6dy")']) {
    const body = String.raw`return new Response(${made}, { statusText: 'gr\xfcn', headers: { 'x-a': '\xe9' } })`;
    const head = `POST / HTTP/1.1\r\nHost: evaluates.localhost\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const { text } = await raw(t.context.tine.dataUrl, Buffer.concat([Buffer.from(head), Buffer.from(body)]));
    t.regex(text, /^HTTP\/1\.1 200 gr\xfcn\r\n(?:.*\r\n)*x-a: \xe9\r\n/);
    t.true(text.endsWith('\r\n\r\nb\xc3\xb6dy'), text);
  }
});

test.serial(
  'R14 responseHeaders and responseHeaderBytes: more than 256, or than 64 KiB of them, is 502 bad_response',
  async (t) => {
    const { tine, neighbour } = t.context;
    const headers = (count: number, bytes: number) =>
      `const h = new Headers(); for (let i = 0; i < ${count}; i++) h.append('x-' + i, 'a'.repeat(${bytes})); return new Response('', { headers: h })`;
    const answer = (body: string) => tine.fetch('evaluates', '/', { method: 'POST', body });
    t.is((await answer(headers(250, 10))).status, 200);
    isProblem(t, await answer(headers(257, 10)), 'bad_response');
    isProblem(t, await answer(headers(1, 66_000)), 'bad_response');
    await neighbour();
  },
);

test.serial('R14 two cookies stay two headers', async (t) => {
  const body =
    "const h = new Headers(); h.append('set-cookie', 'a=1'); h.append('set-cookie', 'b=2'); return new Response('', { headers: h })";
  const { headers } = await t.context.tine.fetch('evaluates', '/', { method: 'POST', body });
  t.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
});

test.serial('R14 a HEAD request gets the length and no body', async (t) => {
  const source = "export default { fetch: () => new Response('body') }";
  await t.context.tine.deploy('head', source);
  const { status, headers, bytes } = await t.context.tine.fetch('head', '/', { method: 'HEAD' });
  t.deepEqual([status, headers['content-length'], bytes.length], [200, '4', 0]);
});

test.serial('R14 a body stream that fails cuts the connection', async (t) => {
  const { tine, neighbour } = t.context;
  const body = `let n = 0; return new Response(new ReadableStream({ async pull(c) {
    if (n++ < 3) return c.enqueue(new Uint8Array(10)); await new Promise((r) => setTimeout(r, 5)); c.error(new Error('canary')) } }))`;
  await t.throwsAsync(() => tine.fetch('evaluates', '/', { method: 'POST', body }));
  await neighbour();
});

test.serial('R14 a body stream of a wrong type of chunk cuts the connection', async (t) => {
  const { tine, neighbour } = t.context;
  const body = 'return new Response(new ReadableStream({ pull(c) { c.enqueue({ canary: 1 }) } }))';
  const reply = await tine.fetch('evaluates', '/', { method: 'POST', body }).catch((error: Error) => error);
  if (reply instanceof Error) t.regex(reply.message, /aborted|hang up|ECONNRESET/);
  else t.true(reply.status >= 500, `${reply.status} ${reply.text}`);
  await neighbour();
});

function isAnswer(
  t: Parameters<typeof isProblem>[0],
  reply: Reply,
  { status, headers = {}, body }: Exclude<Expected, string>,
): void {
  t.is(reply.status, status, reply.text);
  for (const [name, value] of Object.entries(headers)) t.is(reply.headers[name] ?? null, value, name);
  if (body !== undefined) t.is(reply.text, body);
}
