// What survives: the end of the ingress, of everything, and a start in the folder of before.

import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { gone, runTine, serverEnv, start, type Tine } from './start.ts';
import { until } from './until.ts';

const answering = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

function folder(t: ExecutionContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'tine-restart-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

function ingressOf(tine: Tine): number {
  return tine.pids().find(({ command }) => command.includes('ingress/main.ts'))!.pid;
}

test.serial(
  'P02: after kill -9 of the ingress another one serves on the same port, within a second; nothing is left of the old one',
  async (t) => {
    await using tine = await start();
    await tine.deploy('p', answering('one'));
    const port = tine.dataPort;
    const before = tine.pids();
    const old = ingressOf(tine);
    const since = performance.now();
    process.kill(old, 'SIGKILL');
    const reply = await until('a new ingress', () => tine.fetch('p', '/', { agent: undefined }).catch(() => undefined));
    const ms = performance.now() - since;
    t.is(reply.text, 'one');
    t.is(tine.dataPort, port);
    t.not(ingressOf(tine), old);
    // A second on a quiet machine; this one may be busy.
    t.true(ms < 4_000, `${ms}`);
    t.log(`serves again after ${Math.round(ms)} ms`);
    await gone(
      before.filter(({ command }) => /(ingress|executor)\/main\.ts/.test(command)),
      2_000,
    );
    await tine.log.until('the line about it', ({ msg }) => msg.startsWith('ingress ended'));
  },
);

test.serial('P02: what is deployed while a new ingress starts is served by it', async (t) => {
  await using tine = await start();
  await tine.deploy('p', answering('before'));
  for (let round = 0; round < 3; round++) {
    const old = ingressOf(tine);
    process.kill(old, 'SIGKILL');
    // Not waited for: some of these fall between the end of the old one and the first request to the new one.
    await Promise.all([0, 1, 2].map((n) => tine.deploy(`q${n}`, answering(`round ${round}`))));
    for (const name of ['q0', 'q1', 'q2']) {
      const reply = await until('an answer', () => tine.fetch(name).catch(() => undefined));
      t.is(reply.text, `round ${round}`, name);
    }
    t.is((await tine.fetch('p')).text, 'before');
  }
});

test.serial(
  'P03: a start in the folder of before serves what was deployed, split and previewed, with the same tokens',
  async (t) => {
    const dataDir = folder(t);
    await using first = await start({ dataDir });
    await first.deploy('p', answering('one'));
    const { version } = (await first.deploy('p', answering('two'))).json;
    await first.deploy('gone', answering('x'));
    await first.control('DELETE', '/v1/programs/gone');
    const { url } = (await first.deploy('p', answering('three'), { query: '?promote=false' })).json;
    const [programs, versions] = [
      await first.control('GET', '/v1/programs/p'),
      await first.control('GET', '/v1/programs/p/versions'),
    ];
    await first.stop();
    t.false(existsSync(join(dataDir, 'server.json')), 'its address is taken away');

    await using second = await start({ dataDir });
    t.is(second.token, first.token);
    t.is((await second.fetch('p')).text, 'two');
    t.is((await second.fetch('p', '/', { headers: { host: new URL(url).hostname } })).text, 'three');
    t.is((await second.fetch('gone')).code, 'not_found');
    t.deepEqual(Object.keys((await second.control('GET', '/v1/programs/p')).json.traffic), [version]);
    t.is((await second.control('GET', '/v1/programs/p')).json.revision, programs.json.revision);
    t.is((await second.control('GET', '/v1/programs/p/versions')).json.items.length, versions.json.items.length);
    await second.stop();
  },
);

test.serial(
  'a second server in the same folder refuses to start, and leaves the first one and its address alone',
  async (t) => {
    const dataDir = folder(t);
    await using tine = await start({ dataDir });
    const { code, stdout, stderr } = await runTine(['serve'], serverEnv(dataDir));
    t.not(code, 0);
    t.regex(stdout + stderr, /another|use|lock/i);
    t.is(JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')).controlUrl, tine.controlUrl);
    await tine.deploy('p', answering('still here'));
    t.is((await tine.fetch('p')).text, 'still here');
    await tine.stop();
  },
);

test.serial('a port that is taken is refused at start, naming it, without a process left behind', async (t) => {
  const dataDir = folder(t);
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  t.teardown(() => blocker.close());
  const { port } = blocker.address() as AddressInfo;
  for (const name of ['TINE_PORT', 'TINE_CONTROL_PORT']) {
    const { code, stdout, stderr } = await runTine(['serve'], serverEnv(dataDir, { [name]: String(port) }));
    t.not(code, 0, name);
    t.regex(stdout + stderr, new RegExp(`${port}`), name);
    t.false(existsSync(join(dataDir, 'server.json')), name);
  }
});

test.serial('U07: secrets are for their owner only; a token that others could read is mended, and said', async (t) => {
  const dataDir = folder(t);
  writeFileSync(join(dataDir, 'token'), 'a-token-of-before\n', { mode: 0o644 });
  chmodSync(join(dataDir, 'token'), 0o644);
  await using tine = await start({ dataDir });
  t.is(tine.token, 'a-token-of-before');
  await tine.log.until('a word about it', ({ msg }) => msg.includes('could be read by others'));
  await tine.deploy('p', answering('x'));
  for (const name of ['token', 'debug-token', 'server.json'])
    t.is(statSync(join(dataDir, name)).mode & 0o777, 0o600, name);
  for (const name of ['store', 'templates']) t.is(statSync(join(dataDir, name)).mode & 0o077, 0, name);
  await tine.stop();
});

test.serial('U08: a control plane on a public address is refused with 78, unless it is allowed', async (t) => {
  const dataDir = folder(t);
  const refused = await runTine(['serve', '--control-host', '0.0.0.0'], serverEnv(dataDir));
  t.is(refused.code, 78);
  t.regex(refused.stdout + refused.stderr, /TINE_ALLOW_PUBLIC_CONTROL/);
  await using tine = await start({
    dataDir,
    args: ['--control-host', '0.0.0.0'],
    env: { TINE_ALLOW_PUBLIC_CONTROL: '1' },
  });
  t.is((await tine.control('GET', '/v1/programs')).status, 200);
  await tine.log.until('a warning', ({ msg, level }) => level === 40 && /control plane/.test(msg));
  await tine.stop();
});

test.serial(
  'U05: 1,000 guesses of the token are refused, nearly all as 429, and the owner is let in meanwhile',
  async (t) => {
    await using tine = await start();
    const statuses: Record<number, number> = {};
    for (let i = 0; i < 10; i++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => {
          const { status } = await tine.control('GET', '/v1/programs', undefined, {
            authorization: `Bearer guess-${i}-${n}`,
          });
          statuses[status] = (statuses[status] ?? 0) + 1;
        }),
      );
      t.is((await tine.control('GET', '/v1/programs')).status, 200);
    }
    t.deepEqual(Object.keys(statuses).toSorted(), ['401', '429']);
    t.true(statuses[401]! <= 60, JSON.stringify(statuses));
  },
);
