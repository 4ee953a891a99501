// The id of a request: whose it is, where it comes back, and every line that it is on. And the trace that goes with it.
import { share } from './hazards/share.ts';
import { serve } from './servers.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROGRAM = `export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    console.log('line of', ctx.requestId);
    if (pathname === '/throw') throw new Error('mine');
    if (pathname === '/fetch') return fetch(searchParams.get('to'));
    return Response.json({ ctx: ctx.requestId, header: request.headers.get('x-request-id') }, { headers: { 'x-request-id': 'forged' } });
  }
}`;

const test = share((tine) => tine.deploy('p', PROGRAM), { env: { TINE_ALLOW_PRIVATE: '127.0.0.0/8' } });

test.serial('a good id of the client is kept, and is what the guest sees', async (t) => {
  const { tine } = t.context;
  for (const id of ['a', 'my-id/1!', 'x'.repeat(64)]) {
    const reply = await tine.fetch('p', '/', { headers: { 'x-request-id': id } });
    t.is(reply.headers['x-request-id'], id);
    t.deepEqual(JSON.parse(reply.text), { ctx: id, header: id });
  }
});

test.serial('an id that is none, or is given twice, is replaced by a UUID', async (t) => {
  const { tine } = t.context;
  for (const id of ['', 'a b', 'x'.repeat(65), '\xe4', ['one', 'two']]) {
    const reply = await tine.fetch('p', '/', { headers: { 'x-request-id': id } });
    t.regex(String(reply.headers['x-request-id']), UUID, String(id));
    t.is(JSON.parse(reply.text).ctx, reply.headers['x-request-id']);
  }
});

test.serial('the id is on the answer of every error, on both planes', async (t) => {
  const { tine } = t.context;
  const headers = { 'x-request-id': 'err-1' };
  const replies = [
    await tine.fetch('p', '/throw', { headers }),
    await tine.fetch('nobody', '/', { headers }),
    await tine.control('GET', '/v1/programs/nobody', undefined, headers),
    await tine.control('GET', '/v1/programs', undefined, { ...headers, authorization: 'Bearer wrong' }),
  ];
  t.deepEqual(
    replies.map(({ status }) => status),
    [500, 404, 404, 401],
  );
  for (const reply of replies) {
    t.is(reply.headers['x-request-id'], 'err-1');
    t.is(reply.json.error.requestId, 'err-1');
  }
});

test.serial(
  'the id is on every line of the log: the guest, what it threw, the access line; with program and version',
  async (t) => {
    const { tine } = t.context;
    const version = (await tine.control('GET', '/v1/programs/p/versions')).json.items[0]!.version;
    await tine.fetch('p', '/throw', { headers: { 'x-request-id': 'log-1' } });
    await tine.log.until('what it threw', (line) => line.requestId === 'log-1' && line.msg === 'Error: mine');
    await tine.log.until('the access line', (line) => line.requestId === 'log-1' && line.msg === 'request');
    const lines = tine.log.lines.filter((line) => line.requestId === 'log-1');
    t.deepEqual(lines.map(({ msg }) => msg).toSorted(), ['Error: mine', 'line of log-1', 'request']);
    for (const line of lines) t.like(line, { program: 'p', version, process: 'ingress' });
    t.like(
      lines.find(({ msg }) => msg === 'request'),
      { status: 500, outcome: 'threw', method: 'GET', target: '/throw' },
    );
  },
);

test.serial('a request of the control plane is logged with its id', async (t) => {
  const { tine } = t.context;
  await tine.control('GET', '/v1/programs', undefined, { 'x-request-id': 'control-1' });
  const line = await tine.log.until('its line', ({ requestId }) => requestId === 'control-1');
  t.like(line, { process: 'supervisor', method: 'GET', path: '/v1/programs', status: 200 });
});

test.serial('lines of requests that run at the same time are never mixed up', async (t) => {
  const { tine } = t.context;
  const ids = Array.from({ length: 60 }, (_, n) => `mixed-${n}`);
  await Promise.all(ids.map((id) => tine.fetch('p', '/', { headers: { 'x-request-id': id } })));
  await Promise.all(
    ids.map((id) => tine.log.until(id, (line) => line.msg === `line of ${id}` && line.requestId === id)),
  );
  t.true(
    tine.log.lines
      .filter(({ msg }) => msg.startsWith('line of '))
      .every(({ msg, requestId }) => msg === `line of ${requestId}`),
  );
});

test.serial('traceparent is passed on to what a program fetches; one that is none is not', async (t) => {
  const { tine } = t.context;
  await using server = await serve();
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  const path = `/fetch?to=${encodeURIComponent(server.url)}`;
  await tine.fetch('p', path, { headers: { traceparent } });
  t.is(String(server.requests[0]?.headers['traceparent']).slice(0, 35), traceparent.slice(0, 35), 'the same trace');
  await tine.fetch('p', path, { headers: { traceparent: 'ff-nonsense' } });
  t.false(String(server.requests[1]?.headers['traceparent']).includes('nonsense'));
  t.is(server.requests[0]?.headers['x-tine-hops'], '1');
});
