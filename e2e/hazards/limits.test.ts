// Each limit by its name: its default holds, and what a program sets for itself holds too. R07, R08, R12, R13.
import { availableParallelism, loadavg } from 'node:os';
import { serve, serveNothing } from '../servers.ts';
import type { Reply, Tine } from '../start.ts';
import { until } from '../until.ts';
import { guest, isProblem, SLACK, share } from './share.ts';

const SMALL = {
  cpu_ms: 20,
  wall_ms: 300,
  subrequests: 1_000,
  body_bytes: 1_000,
  response_bytes: 100_000,
  log_bytes: 300,
  pending_ops: 3,
  timers: 5,
};

const test = share(
  async (tine) => {
    const source = guest('resources.js');
    await tine.deploy('big', source);
    // Fetches count twice: as operations under way, and as subrequests.
    await tine.deploy('many', source, { config: { name: 'many', limits: { subrequests: 1_000 } } });
    await tine.deploy('small', source, { config: { name: 'small', limits: SMALL } });
  },
  { env: { TINE_ALLOW_PRIVATE: '127.0.0.0/8', TINE_MAX_MEMORY_MB: '256' } },
);

for (const way of ['loop', 'catching', 'microtasks', 'afterAwait', 'afterTimer', 'slices', 'regex']) {
  test.serial(`R07 cpu_ms = 50 by default ends ${way} as 504 cpu_limit`, async (t) => {
    const { tine, neighbour } = t.context;
    isProblem(t, await unstarved(tine, () => tine.fetch('big', `/${way}`)), 'cpu_limit');
    await neighbour();
  });
}

for (const { program, cpuMs } of [
  { program: 'big', cpuMs: 50 },
  { program: 'small', cpuMs: 20 },
]) {
  test.serial(
    `R07 a runaway of program "${program}" burns at most twice its cpu_ms = ${cpuMs}, and never above eight times`,
    async (t) => {
      const { tine, neighbour } = t.context;
      for (const way of ['loop', 'slices', 'microtasks']) {
        const before = await tine.metric('tine_slice_cpu_seconds_sum');
        t.is((await tine.fetch(program, `/${way}`)).status, 504);
        const cpu = ((await tine.metric('tine_slice_cpu_seconds_sum')) - before) * 1_000;
        // On a busy machine slices get more wall time, and use it when the others happen to pause.
        const isBusy = loadavg()[0]! > availableParallelism();
        t.true(cpu <= (isBusy ? 8 * cpuMs : 2 * cpuMs) + 30, `${way}: ${cpu} ms`);
      }
      await neighbour();
    },
  );
}

test.serial('R07 deep recursion is a RangeError of the guest: 500 threw', async (t) => {
  isProblem(t, await t.context.tine.fetch('big', '/recursion'), 'threw');
  await t.context.neighbour();
});

test.serial('R07 innocent requests beside three runaways are all 200', async (t) => {
  const { tine } = t.context;
  const [runaways, innocents] = await Promise.all([
    Promise.all(Array.from({ length: 3 }, () => tine.fetch('big', '/loop'))),
    Promise.all(Array.from({ length: 3 }, () => tine.fetch('big', '/innocent'))),
  ]);
  // A machine that has no time for them ends them as `wall_limit`, and counts that.
  for (const reply of runaways) isProblem(t, reply, reply.code === 'wall_limit' ? 'wall_limit' : 'cpu_limit');
  for (const { status, text } of innocents) t.is(`${status} ${text}`, '200 innocent');
});

test.serial('R07 cpu_ms counts work after the answer too: the answer stands, the run ends as cpu_limit', async (t) => {
  const { tine, neighbour } = t.context;
  const ended = (outcome: string) => tine.metric('tine_requests_total', { program: 'big', outcome });
  // Only a run that the machine starved, which is counted, is sent again.
  for (let tries = 0; tries < 5; tries++) {
    const [cpu, wall, starved] = [
      await ended('cpu_limit'),
      await ended('wall_limit'),
      await tine.metric('tine_slices_starved_total'),
    ];
    const { status, text } = await tine.fetch('big', '/background');
    t.is(`${status} ${text}`, '200 answered');
    await neighbour();
    await until('the run to end', async () => (await ended('cpu_limit')) + (await ended('wall_limit')) > cpu + wall);
    if ((await ended('cpu_limit')) > cpu) return;
    t.true((await tine.metric('tine_slices_starved_total')) > starved, 'wall_limit only when starved');
  }
  t.fail('starved five times');
});

test.serial('R08 no cpu_limit for innocent requests, whatever else runs on this machine', async (t) => {
  const { tine } = t.context;
  for (let i = 0; i < 20; i++) {
    const reply = await tine.fetch('big', '/innocent');
    if (reply.code === 'wall_limit') isProblem(t, reply, 'wall_limit');
    else t.is(reply.status, 200, reply.text);
  }
});

test.serial('wall_ms = 300, set by a program, ends a request that waits: 504 wall_limit', async (t) => {
  const { tine, neighbour } = t.context;
  const reply = await tine.fetch('small', '/sleep?ms=20000');
  isProblem(t, reply, 'wall_limit');
  t.true(reply.ms >= 290 && reply.ms < 300 * SLACK, `${reply.ms} ms`);
  await neighbour();
});

test.serial('wall_ms is 30 s by default: a request that waits for half a second is served', async (t) => {
  t.is((await t.context.tine.fetch('big', '/sleep?ms=500')).text, 'slept');
});

test.serial('R12 timers = 100 by default: one more is a RangeError, not caught 500 too_many_operations', async (t) => {
  const { tine, neighbour } = t.context;
  isProblem(t, await tine.fetch('big', '/timers'), 'too_many_operations');
  t.is((await tine.fetch('big', '/timersCaught', { timeoutMs: 5_000 })).text, 'RangeError after 100');
  await neighbour();
});

test.serial('R12 timers = 5, set by a program, is its limit', async (t) => {
  isProblem(t, await t.context.tine.fetch('small', '/timers'), 'too_many_operations');
  t.is((await t.context.tine.fetch('small', '/timersCaught')).text, 'RangeError after 5');
});

test.serial('R12 a timer takes at least 1 ms', async (t) => {
  const turns = Number((await t.context.tine.fetch('big', '/zeroTimers')).text);
  t.true(turns > 1 && turns <= 62, `${turns} turns in 60 ms`);
});

test.serial(
  'R12 pending_ops = 100 by default and 3 when set: one more rejects with a RangeError, not caught 500 too_many_operations',
  async (t) => {
    const { tine, neighbour } = t.context;
    await using server = await serveNothing();
    const headers = { to: server.url };
    isProblem(t, await tine.fetch('many', '/fetches', { headers }), 'too_many_operations');
    t.is((await tine.fetch('many', '/fetchesCaught', { headers })).text, 'RangeError for 900');
    t.is((await tine.fetch('small', '/fetchesCaught', { headers })).text, 'RangeError for 997');
    await neighbour();
  },
);

test.serial('subrequests = 50 by default and 2 when set: one more rejects', async (t) => {
  const { tine } = t.context;
  await using server = await serve();
  const source = `export default { async fetch(request) {
    const to = request.headers.get('to');
    let done = 0;
    try { for (; done < 100; done++) await (await fetch(to)).text(); } catch (error) { return new Response(error.name + ' after ' + done); }
    return new Response('all of them');
  } }`;
  const headers = { to: server.url };
  await tine.deploy('subrequests', source);
  await tine.deploy('few-subrequests', source, { config: { name: 'few-subrequests', limits: { subrequests: 2 } } });
  t.regex((await tine.fetch('subrequests', '/', { headers })).text, /^\w*Error after 50$/);
  t.regex((await tine.fetch('few-subrequests', '/', { headers })).text, /^\w*Error after 2$/);
  t.is(server.requests.length, 52);
});

test.serial('R13 log_bytes = 65536 by default: a flood is cut, counted, and does not delay the answer', async (t) => {
  const { tine, neighbour } = t.context;
  const reply = await tine.fetch('big', '/flood', { headers: { 'x-request-id': 'r13' } });
  t.is(reply.text, 'flooded');
  const dropped = await tine.log.until(
    'the count of dropped lines',
    ({ requestId, msg }) => requestId === 'r13' && / lines dropped$/.test(msg),
  );
  const kept = tine.log.lines.filter(({ requestId, msg }) => requestId === 'r13' && msg.startsWith('canary'));
  t.is(kept.length + Number.parseInt(dropped.msg, 10), 100_000);
  const bytes = kept.reduce((sum, { msg }) => sum + msg.length, 0);
  t.true(bytes <= 65_536 && bytes > 30_000, `${bytes} bytes`);
  await neighbour();
});

test.serial('R13 log_bytes = 300, set by a program, is its limit; one huge line does not get past it', async (t) => {
  const { tine } = t.context;
  for (const way of ['flood', 'hugeLine']) {
    const id = `r13-${way}`;
    t.is((await tine.fetch('small', `/${way}`, { headers: { 'x-request-id': id } })).status, 200);
    await tine.log.until(
      'the access line',
      ({ requestId, process, status }) => requestId === id && process === 'ingress' && status === 200,
    );
    const lines = tine.log.lines.filter(({ requestId, source }) => requestId === id && source === 'guest');
    const bytes = lines.reduce((sum, { msg }) => sum + msg.length, 0);
    t.true(bytes <= 300 + 40, `${way}: ${bytes} bytes`);
  }
});

test.serial('R14 response_bytes = 100000, set by a program: one byte more is 502 bad_response', async (t) => {
  const { tine, neighbour } = t.context;
  t.is((await tine.fetch('small', '/big?bytes=100000')).bytes.length, 100_000);
  isProblem(t, await tine.fetch('small', '/big?bytes=100001'), 'bad_response');
  await neighbour();
});

test.serial(
  'R14 response_bytes holds for a streamed body: the connection is cut, nobody takes a part for the whole',
  async (t) => {
    const { tine, neighbour } = t.context;
    t.is((await tine.fetch('small', '/bigStream?bytes=100000')).bytes.length, 100_000);
    await t.throwsAsync(() => tine.fetch('small', '/bigStream?bytes=100001'));
    await neighbour();
  },
);

test.serial('response_bytes is 100 MB by default: 3 MB are served', async (t) => {
  t.is((await t.context.tine.fetch('big', '/big?bytes=3000000')).bytes.length, 3_000_000);
});

test.serial(
  'R15 body_bytes = 1000, set by a program: one byte more is 413 body_too_large and the connection is closed',
  async (t) => {
    const { tine, neighbour } = t.context;
    t.is((await tine.fetch('small', '/echo', { method: 'POST', body: 'x'.repeat(1_000) })).text, '1000 bytes');
    const reply = await tine.fetch('small', '/echo', { method: 'POST', body: 'x'.repeat(1_001) });
    isProblem(t, reply, 'body_too_large');
    t.is(reply.headers.connection, 'close');
    await neighbour();
  },
);

test.serial('R15 body_bytes holds for a body without a length', async (t) => {
  const { tine, neighbour } = t.context;
  const chunks = (bytes: number) =>
    (async function* () {
      for (let sent = 0; sent < bytes; sent += 100) yield 'x'.repeat(100);
    })();
  t.is((await tine.fetch('small', '/echo', { method: 'POST', body: chunks(1_000) })).text, '1000 bytes');
  isProblem(t, await tine.fetch('small', '/echo', { method: 'POST', body: chunks(1_100) }), 'body_too_large');
  await neighbour();
});

test.serial('body_bytes is 100 MB by default: 2 MB are read', async (t) => {
  t.is(
    (await t.context.tine.fetch('big', '/echo', { method: 'POST', body: Buffer.alloc(2_000_000) })).text,
    '2000000 bytes',
  );
});

const BOUNDARIES = `export default { async fetch(request) {
  const { pathname, searchParams } = new URL(request.url);
  const size = Number(searchParams.get('size'));
  if (pathname === '/text') return new Response('x'.repeat(size));
  if (pathname === '/bytes') return new Response(new Uint8Array(size));
  if (pathname === '/chunk') return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(size)); c.close(); } }));
  let largest = 0, total = 0;
  for await (const chunk of request.body) { largest = Math.max(largest, chunk.length); total += chunk.length; }
  return new Response(largest + ' of ' + total);
} }`;

test.serial('answers below and above outboxChars and outboxBytes cross the wall whole', async (t) => {
  const { tine, neighbour } = t.context;
  await tine.deploy('boundaries', BOUNDARIES, { config: { name: 'boundaries', limits: { cpu_ms: 5_000 } } });
  for (const [path, sizes] of [
    ['/text', [7_999_000, 8_000_000, 9_000_000]],
    ['/bytes', [3_999_999, 4_000_000, 4_000_001, 9_000_000]],
    ['/chunk', [4_000_001, 9_000_000]],
  ] as const) {
    for (const size of sizes) {
      const { status, bytes } = await tine.fetch('boundaries', `${path}?size=${size}`);
      t.is(`${status} ${bytes.length}`, `200 ${size}`, path);
    }
  }
  await neighbour();
});

test.serial(
  'bodies below and above inlineBodyBytes reach the guest whole, streamed ones in pieces of chunkBytes',
  async (t) => {
    const { tine, neighbour } = t.context;
    await tine.deploy('boundaries', BOUNDARIES, { config: { name: 'boundaries', limits: { cpu_ms: 5_000 } } });
    for (const size of [65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1_000_000]) {
      const { text } = await tine.fetch('boundaries', '/read', { method: 'POST', body: Buffer.alloc(size) });
      const [largest, total] = text.split(' of ').map(Number);
      t.is(total, size);
      t.true(largest! <= 65_536, text);
    }
    await neighbour();
  },
);

test.serial('init_ms = 50, set by a program, ends a top level that the default of 1000 lets through', async (t) => {
  const { tine, neighbour } = t.context;
  const source =
    'let sum = 0; for (let i = 0; i < 2e8; i++) sum = (sum + i) % 7; export default { fetch: () => new Response(String(sum)) }';
  const refused = await tine.deploy('slow-start', source, {
    config: { name: 'slow-start', limits: { init_ms: 50 } },
    expect: 422,
  });
  isProblem(t, refused, 'build_timeout');
  await neighbour();
});

test.serial(
  'a limit above the ceiling of the operator is 422 limit_above_ceiling, at the ceiling it is fine',
  async (t) => {
    const { tine, neighbour } = t.context;
    const deploy = (memoryMb: number, expect: number) =>
      tine.deploy('high', guest('neighbour.js'), { config: { name: 'high', limits: { memory_mb: memoryMb } }, expect });
    const refused = await deploy(257, 422);
    isProblem(t, refused, 'limit_above_ceiling');
    t.regex(String(refused.json.error.details?.text), /memory_mb.*256.*257|memory_mb.*257.*256/);
    await deploy(256, 201);
    await neighbour();
  },
);

test.serial(
  'the ranges of the limits are enforced: 0, -1, fractions, texts and 1e9 are 422 invalid_config',
  async (t) => {
    const { tine } = t.context;
    for (const name of [...Object.keys(SMALL), 'memory_mb', 'init_ms']) {
      for (const value of [-1, 1.5, '50', 1e10, null]) {
        const refused = await tine.deploy('range', '', {
          config: { name: 'range', limits: { [name]: value } },
          expect: 422,
        });
        isProblem(t, refused, 'invalid_config');
        t.regex(String(refused.json.error.details?.text), new RegExp(`limits\\.${name}`));
      }
    }
  },
);

/** Sends again what a busy machine had no time for: it ended as `wall_limit`, and that was counted. */
async function unstarved(tine: Tine, send: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 0; ; tries++) {
    const before = await tine.metric('tine_slices_starved_total');
    const reply = await send();
    const starved = (await tine.metric('tine_slices_starved_total')) - before;
    if (reply.code !== 'wall_limit' || starved === 0 || tries === 5) return reply;
  }
}
