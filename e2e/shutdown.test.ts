// How a server ends: told to stop under load, told twice, killed; and what is left of it then, which is nothing.
import { Agent } from 'node:http';
import { connect } from 'node:net';
import test from 'ava';
import { gone, type Reply, start, type Tine } from './start.ts';
import { until } from './until.ts';

/** Answers after as many milliseconds as the path says. */
const SLOW = `export default {
  async fetch(request) {
    const ms = Number(new URL(request.url).pathname.slice(1));
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    return new Response('done ' + ms);
  }
}`;

async function startSlow(env: Record<string, string> = {}): Promise<Tine> {
  const tine = await start({ env });
  await tine.deploy('slow', SLOW, {
    config: { pool: { concurrency: 400, queue_max: 1000, queue_timeout_ms: 10_000 } },
  });
  return tine;
}

/** So many requests run now. */
function running(tine: Tine, count: number): Promise<unknown> {
  return until(`${count} requests to run`, async () => (await tine.metric('tine_permits_in_use')) >= count);
}

test.serial(
  'P08: 200 requests in flight at SIGTERM are all answered, later ones refused, and it exits with 0',
  async (t) => {
    await using tine = await startSlow();
    const agent = new Agent({ keepAlive: true, maxSockets: 300 });
    t.teardown(() => agent.destroy());
    const flying = Array.from({ length: 200 }, () => tine.fetch('slow', '/1500', { agent }));
    await running(tine, 200);
    const before = tine.pids();
    tine.kill('SIGTERM');
    await until('the data plane to be closed', () => refuses(tine.dataPort));
    const replies: Reply[] = await Promise.all(flying);
    t.deepEqual(new Set(replies.map(({ status, text }) => `${status} ${text}`)), new Set(['200 done 1500']));
    t.true(
      replies.some(({ headers }) => headers.connection === 'close'),
      'clients are told not to come back',
    );
    t.deepEqual(await tine.exited, { code: 0, signal: null });
    await gone(before);
  },
);

test.serial(
  'P08: while requests are finished, /readyz is 503 draining, /healthz and /metrics answer, nothing is changed',
  async (t) => {
    await using tine = await startSlow();
    const flying = tine.fetch('slow', '/2000');
    await running(tine, 1);
    tine.kill('SIGTERM');
    const ready = await until('/readyz to fail', async () => {
      const reply = await tine.control('GET', '/readyz');
      return reply.status === 503 ? reply : undefined;
    });
    t.is(ready.code, 'draining');
    t.is(ready.headers['retry-after'], '1');
    t.is((await tine.control('GET', '/healthz')).status, 200);
    t.is((await tine.control('DELETE', '/v1/programs/slow')).code, 'draining');
    t.is((await flying).text, 'done 2000');
    t.deepEqual(await tine.exited, { code: 0, signal: null });
  },
);

test.serial(
  'P08: nothing more is served on a connection that was kept alive, and it is closed after the answer that was due',
  async (t) => {
    await using tine = await startSlow();
    const socket = connect({ port: tine.dataPort, host: '127.0.0.1' });
    t.teardown(() => socket.destroy());
    let text = '';
    let closed = false;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => {
      closed = true;
    });
    const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: slow.localhost\r\n\r\n`;
    // Two requests in one connection: the second is read when the first is answered, which is after the signal.
    socket.write(head('/1000'));
    await running(tine, 1);
    tine.kill('SIGTERM');
    await until('the data plane to be closed', () => refuses(tine.dataPort));
    socket.write(head('/0'));
    await until('the connection to be closed', () => closed);
    t.regex(text, /^HTTP\/1\.1 200 /);
    t.false(/done 0/.test(text));
    t.deepEqual(await tine.exited, { code: 0, signal: null });
  },
);

test.serial('P08: connections that never sent a request do not hold up the end', async (t) => {
  await using tine = await startSlow();
  const sockets = Array.from({ length: 5 }, () => connect({ port: tine.dataPort, host: '127.0.0.1' }));
  // Some are cut off with bytes unread: a reset.
  for (const socket of sockets) socket.on('error', () => {});
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  sockets[0]?.write('GET / HTTP/1.1\r\nHo');
  const start = performance.now();
  tine.kill('SIGTERM');
  t.deepEqual(await tine.exited, { code: 0, signal: null });
  t.true(performance.now() - start < 5_000);
});

test.serial('what is not finished when the time to drain is over is cut off, and it exits with 0', async (t) => {
  await using tine = await startSlow({ TINE_DRAIN_MS: '200' });
  const cut = tine.fetch('slow', '/20000').then(
    () => 'answered',
    () => 'cut off',
  );
  await running(tine, 1);
  const start = performance.now();
  tine.kill('SIGTERM');
  t.deepEqual(await tine.exited, { code: 0, signal: null });
  t.true(performance.now() - start < 5_000);
  t.is(await cut, 'cut off');
  t.truthy(tine.log.lines.find(({ cutOff }) => cutOff === 1));
});

test.serial('P09: a second signal ends it at once, and leaves no process', async (t) => {
  await using tine = await startSlow();
  const cut = tine.fetch('slow', '/20000').catch(() => 'cut off');
  await running(tine, 1);
  const before = tine.pids();
  tine.kill('SIGTERM');
  await tine.log.until('the first signal', ({ msg }) => msg.startsWith('stopping'));
  const start = performance.now();
  tine.kill('SIGINT');
  t.deepEqual(await tine.exited, { code: 0, signal: null });
  t.true(performance.now() - start < 2_000);
  await gone(before);
  t.is(await cut, 'cut off');
});

test.serial('P09: kill -9 of the first process ends all of them within a second', async (t) => {
  await using tine = await startSlow();
  const cut = tine.fetch('slow', '/20000').catch(() => 'cut off');
  await running(tine, 1);
  const before = tine.pids();
  t.true(before.length >= 3, 'ingress and executors');
  tine.kill('SIGKILL');
  await tine.exited;
  await gone(before);
  t.is(await cut, 'cut off');
});

test.serial(
  'P10: with a log that nobody reads, requests are answered, lines are counted as dropped, and it exits with 0',
  async (t) => {
    t.timeout(60_000);
    await using tine = await start({ log: 'unread' });
    await tine.deploy(
      'p',
      `export default { fetch() { console.log('x'.repeat(60000)); return new Response('fine') } }`,
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    t.teardown(() => agent.destroy());
    const client = async () => {
      for (let i = 0; i < 20; i++) t.is((await tine.fetch('p', '/', { agent })).text, 'fine');
    };
    await Promise.all(Array.from({ length: 8 }, client));
    t.true((await tine.metric('tine_ingress_log_lines_dropped_total')) > 0);
    const since = performance.now();
    tine.kill('SIGTERM');
    t.deepEqual(await tine.exited, { code: 0, signal: null });
    t.true(performance.now() - since < 5_000);
  },
);

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
}
