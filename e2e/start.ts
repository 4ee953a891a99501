// Starts a real server as its user would, in a data folder and on ports of its own, and speaks to it over HTTP only.
// `await using tine = await start()`: at the end it is told to stop, must exit with 0, and leave no process behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Init, type Reply, send } from './http.ts';
import { Log } from './log.ts';
import { descendants, type ProcessInfo, processInfo } from './processes.ts';
import { until } from './until.ts';

export type { Init, Reply } from './http.ts';

export interface StartOptions {
  env?: Record<string, string>;
  /** Further arguments of `tine serve`. */
  args?: readonly string[];
  /** A folder that outlives the server; default: one of its own, removed at the end. */
  dataDir?: string;
  /** `unread`: the log goes to a pipe that nobody reads. */
  log?: 'read' | 'unread';
  /** A command line that the server's is appended to, and that replaces itself by it: `unshare …`. */
  wrap?: readonly string[];
}

export interface DeployOptions {
  config?: object | string;
  /** Media type of a single source; default `text/javascript`. */
  type?: string;
  /** The status that must come; default 200 or 201. */
  expect?: number;
  /** Modules by path, instead of one source. */
  modules?: Record<string, string | Uint8Array>;
  query?: string;
}

const CLI = fileURLToPath(new URL('../cli/tine.js', import.meta.url));
export const NODE = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
/** Node's compile cache, checked by content: shared by all servers of the tests, of which each would fill its own. */
const COMPILE_CACHE = join(tmpdir(), 'tine-e2e-compile-cache');
const START_MS = 30_000;
const STOP_MS = 10_000;

/** Resolves when it serves. @throws with its last words when it ends before that */
export async function start(options: StartOptions = {}): Promise<Tine> {
  const tine = new Tine(options);
  try {
    await tine.ready();
    return tine;
  } catch (error) {
    tine.kill('SIGKILL');
    throw error;
  }
}

/** The environment of a server, but for what is this machine's. */
export function serverEnv(dataDir: string, env: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, TINE_DATA: dataDir, TINE_PORT: '0', TINE_CONTROL_PORT: '0', TINE_LOG_FORMAT: 'json', ...env };
}

/** Starts a process that is expected to end by itself. */
export function runTine(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(NODE, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    }),
  );
}

export class Tine implements AsyncDisposable {
  readonly dataDir: string;
  readonly log = new Log();
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #ownsData: boolean;
  #killed = false;
  #ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  dataUrl = '';
  controlUrl = '';
  token = '';

  constructor({ env = {}, args = [], dataDir, log = 'read', wrap = [] }: StartOptions) {
    this.#ownsData = dataDir === undefined;
    this.dataDir = dataDir ?? mkdtempSync(join(tmpdir(), 'tine-e2e-'));
    // A server that was killed leaves its address behind.
    rmSync(join(this.dataDir, 'server.json'), { force: true });
    const cache = join(this.dataDir, 'compile-cache');
    mkdirSync(COMPILE_CACHE, { recursive: true });
    mkdirSync(this.dataDir, { recursive: true });
    if (!existsSync(cache)) symlinkSync(COMPILE_CACHE, cache);
    const [command = NODE, ...rest] = [...wrap, NODE, CLI, 'serve', ...args];
    this.#child = spawn(command, rest, {
      env: serverEnv(this.dataDir, env),
      stdio: ['ignore', 'pipe', log === 'read' ? 'pipe' : 'ignore'],
    });
    if (log === 'read') {
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
      this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    }
    this.#exited = new Promise((resolve) =>
      this.#child.on('exit', (code, signal) => {
        this.#ended = { code, signal };
        resolve(this.#ended);
      }),
    );
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Undefined while it runs. */
  get ended() {
    return this.#ended;
  }

  get exited() {
    return this.#exited;
  }

  get dataPort(): number {
    return Number(new URL(this.dataUrl).port);
  }

  /** The data folder as the server sees it, which may have mounts of its own. */
  get viewOfData(): string {
    return `/proc/${this.pid}/root${this.dataDir}`;
  }

  async ready(): Promise<void> {
    const file = join(this.viewOfData, 'server.json');
    await until('the server to start', () => this.#ended !== undefined || existsSync(file), START_MS);
    if (this.#ended !== undefined)
      throw new Error(`the server ended with ${this.#ended.code ?? this.#ended.signal}:\n${this.log.tail()}`);
    const { controlUrl, dataUrl } = JSON.parse(readFileSync(file, 'utf8')) as { controlUrl: string; dataUrl: string };
    this.controlUrl = controlUrl;
    this.dataUrl = dataUrl;
    this.token = readFileSync(join(this.viewOfData, 'token'), 'utf8').trim();
  }

  /** A request to a program by its name. */
  fetch(program: string, path = '/', { headers, agent = this.#agent, ...init }: Init = {}): Promise<Reply> {
    return send(this.dataUrl + path, { ...init, agent, headers: { host: `${program}.localhost`, ...headers } });
  }

  /** A request to the control plane, with its token. An object is sent as JSON. */
  control(
    method: string,
    path: string,
    body?: object | string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    return send(this.controlUrl + path, {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string) }),
    });
  }

  /** @throws when the status is not the expected one */
  async deploy(
    program: string,
    source: string,
    { config, type = 'text/javascript', expect, modules, query = '' }: DeployOptions = {},
  ): Promise<Reply> {
    const path = `/v1/programs/${program}${query}`;
    let reply: Reply;
    if (config === undefined && modules === undefined) {
      reply = await this.control('PUT', path, source, { 'content-type': type });
    } else {
      const form = new FormData();
      for (const [name, text] of Object.entries(modules ?? { 'index.js': source }))
        form.append(name, new Blob([text as string]), name);
      if (config !== undefined) form.append('config', typeof config === 'string' ? config : JSON.stringify(config));
      const encoded = new Response(form);
      const bytes = new Uint8Array(await encoded.arrayBuffer());
      reply = await this.control('PUT', path, bytes, { 'content-type': encoded.headers.get('content-type')! });
    }
    const isExpected = expect === undefined ? reply.status === 200 || reply.status === 201 : reply.status === expect;
    if (!isExpected)
      throw new Error(
        `deploy of ${program} must give ${expect ?? 201}: got ${reply.status} ${reply.text}\n${this.log.tail(3)}`,
      );
    return reply;
  }

  /** The value of a metric, summed over all label sets that have these labels; 0 when there is none. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const { text } = await this.control('GET', '/metrics');
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    let sum = 0;
    for (const line of text.split('\n')) {
      const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match?.[1] === name && wanted.every((label) => match[2]?.includes(label))) sum += Number(match[3]);
    }
    return sum;
  }

  async metrics(): Promise<string> {
    return (await this.control('GET', '/metrics')).text;
  }

  /** All processes below the server. */
  pids(): ProcessInfo[] {
    return descendants(this.pid);
  }

  /** The processes that hold guest code. */
  executors(): ProcessInfo[] {
    return this.pids().filter(({ command }) => /\bexecutor(?:\.mjs|\/main\.ts)$/.test(command));
  }

  builders(): ProcessInfo[] {
    return this.pids().filter(({ command }) => /\bbuilder(?:\.mjs|\/main\.ts)$/.test(command));
  }

  /** The process that takes requests for programs. @throws when there is none */
  ingress(): ProcessInfo {
    const found = this.pids().find(({ command }) => command.endsWith('ingress/main.ts'));
    if (found === undefined) throw new Error('there is no ingress');
    return found;
  }

  kill(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL') this.#killed = true;
    this.#child.kill(signal);
  }

  /** Told to stop, it must exit with 0 and leave nothing behind. Does nothing when it has ended already. */
  async stop(): Promise<void> {
    try {
      if (this.#ended !== undefined || this.#killed) return;
      const before = this.pids();
      this.kill('SIGTERM');
      const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
      const { code, signal } = await this.#exited;
      clearTimeout(late);
      if (code !== 0) throw new Error(`the server must exit with 0: got ${code ?? signal}\n${this.log.tail()}`);
      await gone(before);
    } finally {
      this.#agent.destroy();
      if (this.#ownsData) rmSync(this.dataDir, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Waits until all of these processes have ended. @throws naming those that have not, which are then killed */
export async function gone(processes: readonly ProcessInfo[], withinMs = 1_000): Promise<void> {
  const alive = () => processes.filter(({ pid, command }) => processInfo(pid)?.command === command);
  try {
    await until('processes to end', () => alive().length === 0, withinMs);
  } catch {
    const left = alive();
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (left.length > 0)
      throw new Error(
        `processes must be gone within ${withinMs} ms: left are\n${left.map(({ command }) => command).join('\n')}`,
      );
  }
}
