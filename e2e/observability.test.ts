// What an operator sees: metrics with bounded labels, the access log, places in the author's source, what a request
// has cost, health. And what nobody may see.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guest, share } from './hazards/share.ts';

const TYPESCRIPT = `interface Unused {
  a: number;
}

function fail(what: string): never {
  throw new Error(what);
}

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === '/throw') fail('canary-thrown at ' + pathname);
    if (pathname === '/log') {
      try {
        fail('caught');
      } catch (error) {
        console.error(error);
        console.log('after it');
      }
    }
    return new Response('fine');
  },
};
`;

const test = share(async (tine) => {
  await tine.deploy('ts', TYPESCRIPT, { type: 'text/typescript' });
  await tine.deploy('js', guest('neighbour.js'));
});

test.serial('/metrics has every name that operators rely on, and is well formed', async (t) => {
  const { tine } = t.context;
  await tine.fetch('js');
  await tine.fetch('ts', '/throw');
  const text = await tine.metrics();
  for (const name of [
    'tine_requests_total',
    'tine_request_seconds',
    'tine_refused_total',
    'tine_queue_seconds',
    'tine_fork_seconds',
    'tine_slice_cpu_seconds',
    'tine_executor_restarts_total',
    'tine_slices_starved_total',
    'tine_runs_again_total',
    'tine_log_lines_dropped_total',
    'tine_ingress_log_lines_dropped_total',
    'tine_supervisor_log_lines_dropped_total',
    'tine_quarantines_total',
    'tine_permits_in_use',
    'tine_queue_length',
    'tine_executors',
    'tine_executor_rss_bytes',
    'tine_contexts',
    'tine_contexts_warm',
  ]) {
    t.regex(text, new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`, 'm'), name);
  }
  for (const line of text.split('\n'))
    t.regex(line, /^$|^# (HELP|TYPE) tine_\w+ .+$|^tine_\w+(\{[^{}]*\})? -?[\d.e+-]+$/);
});

test.serial('tine_requests_total counts runs by program and outcome', async (t) => {
  const { tine } = t.context;
  const count = (program: string, outcome: string) => tine.metric('tine_requests_total', { program, outcome });
  const before = [await count('js', 'ok'), await count('ts', 'threw'), await count('ts', 'ok')];
  for (let i = 0; i < 5; i++) await tine.fetch('js');
  for (let i = 0; i < 3; i++) await tine.fetch('ts', '/throw');
  t.deepEqual(
    [await count('js', 'ok'), await count('ts', 'threw'), await count('ts', 'ok')],
    [before[0]! + 5, before[1]! + 3, before[2]!],
  );
  t.is(await tine.metric('tine_permits_in_use'), 0);
});

test.serial(
  'no label holds anything of a request: as many series after 300 paths, hosts and methods as before',
  async (t) => {
    const { tine } = t.context;
    const series = async () => (await tine.metrics()).split('\n').filter((line) => !line.startsWith('#')).length;
    await tine.fetch('js');
    await tine.fetch('nobody-0');
    const before = await series();
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        await tine.fetch('js', `/canary-${n}`, {
          method: ['GET', 'PUT', 'PATCH'][n % 3]!,
          headers: { 'x-canary': `${n}` },
        });
        await tine.fetch(`nobody-${n}`);
        await tine.control('GET', `/v1/programs/canary-${n}`);
      }),
    );
    t.is(await series(), before);
    t.false((await tine.metrics()).includes('canary'));
  },
);

test.serial('the access line says how a request went, and what it cost', async (t) => {
  const { tine } = t.context;
  await tine.fetch('js', '/some/path?x=1', { headers: { 'x-request-id': 'access-1' } });
  const line = await tine.log.until('its line', ({ requestId, msg }) => requestId === 'access-1' && msg === 'request');
  t.like(line, { method: 'GET', target: '/some/path?x=1', status: 200, outcome: 'ok', program: 'js' });
  for (const name of ['wallMs', 'cpuMs', 'forkMs', 'queuedMs', 'ops', 'bytes']) t.is(typeof line[name], 'number', name);
});

test.serial('what is thrown is logged with file, line and column of the TypeScript source', async (t) => {
  const { tine } = t.context;
  const reply = await tine.fetch('ts', '/throw', { headers: { 'x-request-id': 'ts-1' } });
  t.false(reply.text.includes('canary'));
  const line = await tine.log.until('its stack', ({ requestId, stack }) => requestId === 'ts-1' && stack !== undefined);
  t.is(line.msg, 'Error: canary-thrown at /throw');
  t.regex(String(line['stack']), /index\.ts:6:9\)?\n/);
  t.regex(String(line['stack']), /index\.ts:12:/);
  t.notRegex(String(line['stack']), /(program|bundle)\.js/);
});

test.serial(
  'an error on the console is logged with its place in the source, and what follows stays behind it',
  async (t) => {
    const { tine } = t.context;
    await tine.fetch('ts', '/log', { headers: { 'x-request-id': 'ts-2' } });
    await tine.log.until('the second line', ({ requestId, msg }) => requestId === 'ts-2' && msg === 'after it');
    const lines = tine.log.lines.filter(({ requestId, source }) => requestId === 'ts-2' && source === 'guest');
    t.is(lines.length, 2);
    t.regex(lines[0]!.msg, /^Error: caught\n +at .*index\.ts:6:9/);
    t.notRegex(lines[0]!.msg, /program\.js/);
  },
);

test.serial('what a request has cost is told to the debug token only', async (t) => {
  const { tine } = t.context;
  const debug = readFileSync(join(tine.dataDir, 'debug-token'), 'utf8').trim();
  const plain = await tine.fetch('js');
  const wrong = await tine.fetch('js', '/', { headers: { 'x-tine-debug': `${debug}x` } });
  const control = await tine.fetch('js', '/', { headers: { 'x-tine-debug': tine.token } });
  for (const { headers } of [plain, wrong, control]) {
    t.is(headers['server-timing'], undefined);
    t.is(headers['x-tine-cost'], undefined);
  }
  const right = await tine.fetch('js', '/', { headers: { 'x-tine-debug': debug } });
  t.regex(
    String(right.headers['server-timing']),
    /^queue;dur=[\d.]+, fork;dur=[\d.]+, cpu;dur=[\d.]+, ops;dur=[\d.]+$/,
  );
  t.regex(String(right.headers['x-tine-cost']), /^cpu=[\d.]+ms wait=[\d.]+ms( wall=[\d.]+ms)? slices=1 ops=0$/);
  const failed = await tine.fetch('ts', '/throw', { headers: { 'x-tine-debug': debug } });
  t.is(failed.status, 500);
  t.regex(String(failed.headers['x-tine-cost']), /^cpu=/);
});

test.serial('tokens are on no line of the log, and in no answer', async (t) => {
  const { tine } = t.context;
  const debug = readFileSync(join(tine.dataDir, 'debug-token'), 'utf8').trim();
  await tine.control('GET', `/v1/programs?token=${tine.token}`);
  const texts = [
    await tine.metrics(),
    (await tine.control('GET', '/healthz')).text,
    (await tine.control('GET', '/v1/programs')).text,
  ];
  await tine.fetch('js', '/', { headers: { 'x-request-id': 'last-1' } });
  await tine.log.until('the last line', ({ requestId }) => requestId === 'last-1');
  const all = [...texts, ...tine.log.words, ...tine.log.lines.map((line) => JSON.stringify(line))].join('\n');
  t.false(all.includes(tine.token));
  t.false(all.includes(debug));
});

test.serial('/healthz says what runs and which walls stand', async (t) => {
  const { status, json } = await t.context.tine.control('GET', '/healthz', undefined, { authorization: '' });
  t.is(status, 200);
  t.like(json as object, { status: 'ok', node: process.version });
  t.true(Array.isArray(json.layer2.missing));
  t.true(json.ingress.executors.length >= 1);
  t.is(json.ingress.permitsInUse, 0);
});
