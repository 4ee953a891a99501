// R01 to R05: handlers that throw, reject, or never answer. None of it may reach a client, or the next request.
import { guest, isProblem, SLACK, share } from './share.ts';

const KILL_MS = 250;
const CPU_MS = 50;

const test = share(async (tine) => {
  for (const name of ['throws', 'kills']) await tine.deploy(name, guest('throws.js'));
});

const ORDINARY = ['error', 'string', 'null', 'undefined', 'symbol', 'proxy', 'revoked', 'getters', 'huge', 'later'];

for (const form of ORDINARY) {
  test.serial(`R01 a handler that throws (${form}) is 500 threw`, async (t) => {
    const { tine, neighbour } = t.context;
    isProblem(t, await tine.fetch('throws', `/${form}`), 'threw');
    await neighbour();
  });
}

for (const form of ['undefinedAnswer', 'promiseOfNothing']) {
  test.serial(`R01 a handler that gives no Response (${form}) is 500 threw`, async (t) => {
    const { tine, neighbour } = t.context;
    isProblem(t, await tine.fetch('throws', `/${form}`), 'threw');
    await neighbour();
  });
}

test.serial('R01 an error whose text is that of a timeout is 500 threw, not cpu_limit', async (t) => {
  isProblem(t, await t.context.tine.fetch('throws', '/timeout'), 'threw');
  await t.context.neighbour();
});

test.serial(
  'R01 the text of what was thrown is in the log of the program, with its stack and request id',
  async (t) => {
    const { tine } = t.context;
    const { headers } = await tine.fetch('throws', '/error', { headers: { 'x-request-id': 'r01-log' } });
    t.is(headers['x-request-id'], 'r01-log');
    const line = await tine.log.until(
      'the error of r01-log',
      ({ requestId, source }) => requestId === 'r01-log' && source === 'guest',
    );
    t.is(line.msg, 'Error: canary of an error');
    t.is(line.program, 'throws');
    t.regex(String(line['stack']), /index\.js:\d+:\d+/);
  },
);

// A loop that is entered in a slice ends by its timeout. What isolated-vm reads of a rejection it reads outside of any
// timeout, and only SIGKILL ends that.
const LOOPING: [string, 'stopped' | 'killed'][] = [
  ['loopingProxy', 'stopped'],
  ['loopingName', 'stopped'],
  ['prepareStackTrace', 'stopped'],
  ['rejectedProxy', 'killed'],
  ['rejectedName', 'killed'],
  ['loopingToString', 'killed'],
];

for (const [form, end] of LOOPING) {
  test.serial(
    `R01 what loops when it is looked at (${form}) is ${end}: 504 cpu_limit by the kill deadline`,
    async (t) => {
      const { tine, neighbour } = t.context;
      const kills = () => tine.metric('tine_executor_restarts_total', { reason: 'slice_deadline' });
      const before = await kills();
      const reply = await tine.fetch('kills', `/${form}`);
      // A machine that has no time for it ends it as `wall_limit`.
      isProblem(t, reply, reply.code === 'wall_limit' ? 'wall_limit' : 'cpu_limit');
      t.is((await kills()) - before, end === 'killed' ? 1 : 0);
      t.true(reply.ms < (CPU_MS * 2 + KILL_MS) * SLACK, `${reply.ms} ms`);
      await neighbour();
    },
  );
}

test.serial('R02 an unhandled rejection beside a fine answer is 200, and a warning in the log', async (t) => {
  const { tine, neighbour } = t.context;
  const reply = await tine.fetch('throws', '/stray', { headers: { 'x-request-id': 'r02' } });
  t.is(reply.status, 200, reply.text);
  t.is(reply.text, 'the answer');
  const line = await tine.log.until(
    'a warning for r02',
    ({ requestId, msg }) => requestId === 'r02' && /canary of a stray/.test(msg),
  );
  t.is(line.level, 40);
  await neighbour();
});

for (const form of ['stray', 'leftoverRejection']) {
  test.serial(`R03 the rejection of one request (${form}) is nowhere in another`, async (t) => {
    const { tine } = t.context;
    const others = Array.from({ length: 8 }, (_, i) =>
      tine.fetch('neighbour', `/r03-${i}`, { headers: { 'x-request-id': `r03-${form}-${i}` } }),
    );
    await tine.fetch('throws', `/${form}`, { headers: { 'x-request-id': `r03-${form}` } });
    for (const { status, text, rawHeaders } of await Promise.all(others)) {
      t.is(status, 200, text);
      t.notRegex(text + rawHeaders.join(), /canary/);
    }
    await tine.log.until('the last access line', ({ requestId }) => requestId === `r03-${form}-7`);
    const foreign = tine.log.lines.filter(
      ({ requestId, msg }) => requestId?.startsWith(`r03-${form}-`) && /canary/.test(msg),
    );
    t.deepEqual(foreign, []);
  });
}

for (const form of ['leftoverLoop', 'leftoverRejection']) {
  test.serial(`R04 what a killed slice leaves behind (${form}) is drained before the next request`, async (t) => {
    const { tine, neighbour } = t.context;
    const reply = await tine.fetch('throws', `/${form}`);
    isProblem(t, reply, reply.code === 'wall_limit' ? 'wall_limit' : 'cpu_limit');
    const next = await tine.fetch('throws', '/error');
    isProblem(t, next, 'threw');
    await neighbour();
  });
}

for (const form of ['never', 'neverAfterTimer']) {
  test.serial(`R05 a handler that can never settle (${form}) is 500 never_settles at once`, async (t) => {
    const { tine, neighbour } = t.context;
    const reply = await tine.fetch('throws', `/${form}`);
    isProblem(t, reply, 'never_settles');
    t.true(reply.ms < 50 * SLACK * 2, `${reply.ms} ms`);
    await neighbour();
  });
}
