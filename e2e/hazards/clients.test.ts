// R15, R20, R21, R27: clients that send too much, go away, read slowly, or ask for a million things. What they hold,
// they give back.
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { raw } from '../http.ts';
import { rssBytesOf } from '../processes.ts';
import type { Tine } from '../start.ts';
import { until } from '../until.ts';
import { guest, share } from './share.ts';

const test = share(async (tine) => {
  const source = guest('clients.js');
  await tine.deploy('clients', source, {
    config: { name: 'clients', limits: { body_bytes: 2_000_000, cpu_ms: 5_000 } },
  });
  await tine.deploy('impatient', source, { config: { name: 'impatient', limits: { wall_ms: 1_000, cpu_ms: 1_000 } } });
});

const permitsBack = (tine: Tine) =>
  until('all permits to be back', async () => (await tine.metric('tine_permits_in_use')) === 0);

test.serial('R15 a declared length above body_bytes is 413 before anything is read, closed', async (t) => {
  const { tine, neighbour } = t.context;
  const head = 'POST /count HTTP/1.1\r\nHost: clients.localhost\r\nContent-Length: 2000001\r\n\r\n';
  const { statuses, closed, text } = await raw(tine.dataUrl, head);
  t.deepEqual(statuses, [413]);
  t.regex(text, /x-tine-error: body_too_large/);
  t.true(closed);
  await neighbour();
});

test.serial('R15 endless chunks are 413 as soon as they pass body_bytes, closed, and not kept', async (t) => {
  const { tine, neighbour } = t.context;
  const ingress = tine.ingress().pid;
  const before = rssBytesOf(ingress);
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  const socket = connect({ host: '127.0.0.1', port: tine.dataPort });
  let text = '';
  let sent = 0;
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('data', (data) => (text += data));
  socket.write(
    'POST /count HTTP/1.1\r\nHost: clients.localhost\r\nX-Request-Id: r15\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const pour = () => {
    while (!socket.destroyed && sent < 200_000_000) {
      sent += 65_536;
      if (!socket.write(chunk)) return void socket.once('drain', pour);
    }
  };
  pour();
  await closed;
  // Who writes on after the answer may be reset before it has read it.
  t.regex(text, /^(?:$|HTTP\/1\.1 413 )/);
  const access = await tine.log.until(
    '413 in the log',
    ({ requestId, status }) => requestId === 'r15' && status === 413,
  );
  t.is(access.code, 'body_too_large');
  t.true(sent < 100_000_000, `${sent} bytes were taken`);
  t.true(rssBytesOf(ingress) - before < 60_000_000);
  await permitsBack(tine);
  await neighbour();
});

test.serial('R15 a body that the guest does not read does not hold up the next request', async (t) => {
  const { tine, neighbour } = t.context;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 3; i++) {
    const { text } = await tine.fetch('clients', '/head', { method: 'POST', body: Buffer.alloc(300_000), agent });
    t.is(text, 'did not read it');
  }
  agent.destroy();
  await permitsBack(tine);
  await neighbour();
});

test.serial('R15 a length that is larger than what comes holds no permit', async (t) => {
  const { tine, neighbour } = t.context;
  const head = 'POST /count HTTP/1.1\r\nHost: clients.localhost\r\nContent-Length: 1000\r\n\r\nshort';
  const { statuses } = await raw(tine.dataUrl, head, { waitMs: 300 });
  t.deepEqual(statuses, []);
  t.is(await tine.metric('tine_permits_in_use'), 0);
  await neighbour();
});

test.serial('R20 1000 clients that go away: the guests learn it, and all permits come back', async (t) => {
  const { tine, neighbour } = t.context;
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  for (let round = 0; round < 10; round++) {
    const controller = new AbortController();
    const { signal } = controller;
    const requests = Array.from({ length: 100 }, (_, i) =>
      tine.fetch('clients', '/wait', { signal, agent, headers: { 'x-request-id': `r20-${round}-${i}` } }).then(
        ({ status }) => status,
        () => 'gone',
      ),
    );
    // Some are cut off while they wait for an executor, some before their permit.
    if (round % 2 === 0)
      await until('permits to be taken', async () => (await tine.metric('tine_permits_in_use')) >= 50);
    controller.abort();
    t.deepEqual(new Set(await Promise.all(requests)), new Set(['gone']));
  }
  await permitsBack(tine);
  const line = await tine.log.until(
    'a guest that was told',
    ({ msg, source }) => source === 'guest' && msg === 'the client has gone',
  );
  t.regex(line.requestId!, /^r20-/);
  const access = await tine.log.until(
    '499 in the log',
    ({ status, requestId }) => status === 499 && requestId === line.requestId,
  );
  t.is(access.code, 'cancelled');
  agent.destroy();
  await neighbour();
});

test.serial('R20 a permit comes back when the guest has stopped, not when its client has gone', async (t) => {
  const { tine, neighbour } = t.context;
  await tine.deploy('burner', guest('clients.js'), {
    config: { name: 'burner', limits: { cpu_ms: 2_000, wall_ms: 3_000 } },
  });
  const controller = new AbortController();
  const request = tine.fetch('burner', '/burn', { signal: controller.signal }).catch(() => 'gone');
  await until('the permit', async () => (await tine.metric('tine_permits_in_use')) === 1);
  controller.abort();
  await request;
  t.is(await tine.metric('tine_permits_in_use'), 1, 'it burns on');
  await until('the permit to be back', async () => (await tine.metric('tine_permits_in_use')) === 0, 12_000);
  await neighbour();
});

test.serial('R21 a client that goes away in the middle of a stream ends the run as cancelled', async (t) => {
  const { tine, neighbour } = t.context;
  const cancelled = () => tine.metric('tine_requests_total', { program: 'clients', outcome: 'cancelled' });
  const before = await cancelled();
  const { text } = await raw(tine.dataUrl, 'GET /drip HTTP/1.1\r\nHost: clients.localhost\r\n\r\n', {
    enough: (so) => so.split('drip').length > 5,
  });
  t.regex(text, /drip/);
  await until('the run to end', async () => (await cancelled()) === before + 1);
  await permitsBack(tine);
  await neighbour();
});

test.serial(
  'R21 a client that does not read: the guest is not pulled on, nothing piles up, wall_ms ends it',
  async (t) => {
    const { tine, neighbour } = t.context;
    const ingress = tine.ingress().pid;
    const before = rssBytesOf(ingress);
    let peak = 0;
    const sockets = Array.from({ length: 10 }, () => {
      const socket = connect({ host: '127.0.0.1', port: tine.dataPort });
      socket.on('error', () => {});
      socket.pause();
      socket.write('GET /endless HTTP/1.1\r\nHost: impatient.localhost\r\n\r\n');
      return socket;
    });
    const ended = () => tine.metric('tine_requests_total', { program: 'impatient', outcome: 'wall_limit' });
    await until(
      'the runs to end',
      async () => {
        peak = Math.max(peak, rssBytesOf(ingress) - before);
        return (await ended()) >= 10;
      },
      10_000,
    );
    for (const socket of sockets) socket.destroy();
    await permitsBack(tine);
    t.true(peak < 100_000_000, `${peak} bytes in the ingress`);
    const pulled = tine.log.lines
      .filter(({ msg, program }) => program === 'impatient' && msg.startsWith('pulled'))
      .map(({ msg }) => Number(msg.slice(7)));
    // What the sockets of both sides buffer is a few megabytes.
    t.true(Math.max(0, ...pulled) < 20_000_000, `${Math.max(...pulled)} bytes`);
    await neighbour();
  },
);

test.serial('R27 the number of metric series does not grow with paths, hosts, ids or methods', async (t) => {
  const { tine, neighbour } = t.context;
  const series = async () =>
    (await tine.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  await tine.fetch('no-such-program');
  const before = await series();
  const rounds = Array.from({ length: 20 }, (_, i) => i);
  for (const round of rounds) {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const host = i % 2 === 0 ? 'neighbour' : `canary-${round}-${i}`;
        return tine.fetch(host, `/canary/${round}/${i}?q=${i}`, {
          headers: { 'x-request-id': `canary-${round}-${i}` },
        });
      }),
    );
  }
  t.is(await series(), before);
  t.notRegex(await tine.metrics(), /canary/);
  await neighbour();
});
