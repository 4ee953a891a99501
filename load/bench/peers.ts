// Hello world on other runtimes, on the same machine and in the same run. They come from npm into a cache outside the
// tree; when the registry does not have them, the comparison is left out and says so. None of them gives a fresh
// context per request: they compare with `isolation: "program"`.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const FOLDER = join(homedir(), '.cache/tine/peers');
const PACKAGES = ['workerd@1.20261117.1', 'deno@2.9.6', 'bun@1.4.4'];
const READY_MS = 15_000;

export interface Peer {
  name: string;
  url: string;
  stop(): Promise<void>;
}

interface Recipe {
  files: Record<string, string>;
  command(port: number): string[];
}

const HANDLER = 'export default { fetch() { return new Response("hello"); } };\n';

const RECIPES: Readonly<Record<string, Recipe>> = {
  workerd: {
    files: { 'worker.js': HANDLER },
    command: (port) => ['workerd', 'serve', `workerd-${port}.capnp`],
  },
  deno: {
    files: { 'deno.ts': HANDLER },
    command: (port) => ['deno', 'serve', '--quiet', '--host', '127.0.0.1', '--port', `${port}`, 'deno.ts'],
  },
  bun: {
    files: {
      'bun.ts':
        'Bun.serve({ hostname: "127.0.0.1", port: Number(process.env.PORT), fetch: () => new Response("hello") });\n',
    },
    command: () => ['bun', 'run', 'bun.ts'],
  },
};

const capnp = (port: number) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")], compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`;

/** Starts those that can be had. `say` gets one line for each that cannot. */
export async function startPeers(say: (line: string) => void): Promise<Peer[]> {
  await mkdir(FOLDER, { recursive: true });
  try {
    if (!Object.keys(RECIPES).every((name) => existsSync(join(FOLDER, 'node_modules/.bin', name)))) await install();
  } catch (error) {
    say(`peers are left out: npm cannot install them (${(error as Error).message.split('\n')[0]})`);
    return [];
  }
  const peers: Peer[] = [];
  for (const [name, recipe] of Object.entries(RECIPES)) {
    try {
      peers.push(await startPeer(name, recipe));
    } catch (error) {
      say(`${name} is left out: ${(error as Error).message}`);
    }
  }
  return peers;
}

async function install(): Promise<void> {
  // bun's package fetches its binary in an install script.
  const flags = ['install', '--prefix', FOLDER, '--no-save', '--ignore-scripts=false', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', [...flags, ...PACKAGES], { timeout: 300_000, cwd: FOLDER });
}

async function startPeer(name: string, { files, command }: Recipe): Promise<Peer> {
  const port = await freePort();
  for (const [file, text] of Object.entries(files)) await writeFile(join(FOLDER, file), text);
  if (name === 'workerd') await writeFile(join(FOLDER, `workerd-${port}.capnp`), capnp(port));
  const [binary, ...flags] = command(port) as [string, ...string[]];
  const child = spawn(join(FOLDER, 'node_modules/.bin', binary), flags, {
    cwd: FOLDER,
    env: { ...process.env, PORT: `${port}`, DENO_NO_UPDATE_CHECK: '1' },
    stdio: 'ignore',
    // The binaries are started through wrappers: the whole group is ended.
    detached: true,
  });
  const url = `http://127.0.0.1:${port}/`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
  };
  try {
    await answers(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, url, stop };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let waitedMs = 0; waitedMs < READY_MS; waitedMs += 50) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    try {
      if ((await (await fetch(url)).text()) === 'hello') return;
    } catch {
      // It does not listen yet.
    }
    await pause(50);
  }
  throw new Error(`it did not answer within ${READY_MS} ms`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
