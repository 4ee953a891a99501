// A supervisor in the process of the test, with all its processes: its order of starting and of ending. What they do
// meanwhile is tested from outside.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openStore } from '#store';
import { resolveProgramConfig } from './config/resolve.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { listen } from './ingress/harness.ts';
import { Supervisor } from './supervisor.ts';

const TOKEN = 'the-token-of-this-test';

function settingsOf(t: ExecutionContext, more: Partial<Settings> = {}): Settings {
  const dataDir = mkdtempSync(join(tmpdir(), 'tine-supervisor-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const settings = readSettings({
    TINE_DATA: dataDir,
    TINE_PORT: '0',
    TINE_CONTROL_PORT: '0',
    TINE_LOG_LEVEL: 'silent',
    TINE_EXECUTORS: '1',
    TINE_TOKEN: TOKEN,
  });
  return { ...settings, ...more };
}

async function start(t: ExecutionContext, settings: Settings): Promise<Supervisor> {
  const supervisor = await Supervisor.start(settings, { errors: 'plain' });
  t.teardown(() => supervisor.stop('now'));
  return supervisor;
}

function uploadOf(text: string) {
  const { config } = resolveProgramConfig('{"name":"p"}', { file: 'config', ceilings: {} });
  return { program: 'p', language: 'javascript' as const, modules: [{ path: 'index.js', text }], config };
}

/** What program `p` answers. */
async function ask(supervisor: Supervisor): Promise<string> {
  const response = await fetch(supervisor.dataUrl, { headers: { connection: 'close' } });
  return `${response.status} ${await response.text()}`;
}

const answering = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;

test.serial(
  'Supervisor.start() serves, and tells where; stop() ends all of it, and a new one serves the same',
  async (t) => {
    const settings = settingsOf(t);
    const supervisor = await start(t, settings);
    t.regex(supervisor.dataUrl, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    t.regex(supervisor.controlUrl, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    t.is(supervisor.urlOf('p'), `${supervisor.dataUrl.replace('127.0.0.1', 'p.localhost')}/`);
    await supervisor.programs.deploy(uploadOf(answering('first')), 'now');
    t.is(await ask(supervisor), '200 first');
    t.is((await fetch(`${supervisor.controlUrl}/readyz`)).status, 200);
    const health = (await (await fetch(`${supervisor.controlUrl}/healthz`)).json()) as { status: string; node: string };
    t.like(health, { status: 'ok', node: process.version });
    const listed = await fetch(`${supervisor.controlUrl}/v1/programs`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    t.is(((await listed.json()) as { items: unknown[] }).items.length, 1);
    t.regex(
      await (await fetch(`${supervisor.controlUrl}/metrics`)).text(),
      /^tine_requests_total\{program="p",outcome="ok"\} 1$/m,
    );
    const { dataUrl, controlUrl } = supervisor;
    await supervisor.stop('gracefully');
    t.false(existsSync(join(settings.dataDir, 'server.json')));
    for (const url of [dataUrl, controlUrl]) await t.throwsAsync(fetch(url), undefined, url);

    const next = await start(t, settings);
    t.is(await ask(next), '200 first');
    await next.stop('now');
  },
);

test.serial('Supervisor.stop() twice is one stop, and now cuts a graceful one short', async (t) => {
  const supervisor = await start(t, settingsOf(t, { drainMs: 3_600_000 }));
  await supervisor.programs.deploy(
    uploadOf('export default { fetch: () => new Promise((resolve) => setTimeout(resolve, 20_000)) };'),
    'now',
  );
  const cut = t.throwsAsync(ask(supervisor));
  const busy = async () => ((await supervisor.ingress.health()) as { permitsInUse?: number } | undefined)?.permitsInUse;
  while ((await busy()) !== 1) await new Promise((resolve) => setImmediate(resolve));
  const graceful = supervisor.stop('gracefully');
  t.is(supervisor.stop('gracefully'), graceful);
  t.is((await fetch(`${supervisor.controlUrl}/readyz`)).status, 503, 'told to whoever asks, while it drains');
  await supervisor.stop('now');
  await Promise.all([graceful, cut]);
});

test.serial('Supervisor.start() that cannot have its port leaves nothing running, and the store free', async (t) => {
  const port = await listen(t, createServer());
  for (const taken of [{ controlPort: port }, { port }]) {
    const settings = settingsOf(t, taken);
    await t.throwsAsync(Supervisor.start(settings, { errors: 'plain' }), { message: /EADDRINUSE/ });
    const store = await openStore({ engine: 'sqlite', folder: settings.dataDir });
    await store.close();
    t.false(existsSync(join(settings.dataDir, 'server.json')));
  }
});

test.serial(
  'Supervisor.start() in a data folder that is held is store_busy, and leaves the holder alone',
  async (t) => {
    const settings = settingsOf(t);
    const holder = await start(t, settings);
    await t.throwsAsync(Supervisor.start(settings, { errors: 'plain' }), { code: 'store_busy' });
    t.true(existsSync(join(settings.dataDir, 'server.json')));
    t.is((await fetch(`${holder.controlUrl}/readyz`)).status, 200);
  },
);
