// Test only: a control plane in memory, which answers as design.md §7 says, and a folder to run commands in. Knows no
// templates: what is uploaded is kept, and shown to the test.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Traffic } from './client.ts';
import type { Io } from './io.ts';
import { main } from './main.ts';

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

interface Stored {
  versions: { version: string; createdAt: number; sourceBytes: number; language: string }[];
  traffic: Traffic;
  revision: number;
  history: { revision: number; traffic: Traffic; at: number }[];
}

export class FakeControl {
  readonly programs = new Map<string, Stored>();
  readonly uploads: { path: string; parts: Record<string, string> }[] = [];
  readonly seen: { method: string; url: string; authorization: string | undefined }[] = [];
  /** Answers in place of the next one. */
  next: Answer | undefined;
  token = 'secret';
  readonly #server: Server;
  #url = '';
  #clock = Date.UTC(2026, 0, 1);

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body, headers }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return this.#url;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** A program with a history of states of its traffic; versions are a hash of their letter. */
  seed(name: string, states: readonly Traffic[]): void {
    const stored: Stored = { versions: [], traffic: {}, revision: 0, history: [] };
    this.programs.set(name, stored);
    for (const traffic of states) {
      for (const version of Object.keys(traffic)) {
        if (!stored.versions.some((one) => one.version === version)) {
          stored.versions.unshift({ version, createdAt: this.#tick(), sourceBytes: 1_234, language: 'javascript' });
        }
      }
      this.#setTraffic(stored, traffic);
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '' } = request;
    this.seen.push({ method, url, authorization: request.headers.authorization });
    const body = await bytesOf(request);
    if (this.next !== undefined) {
      const answer = this.next;
      this.next = undefined;
      return answer;
    }
    if (request.headers.authorization !== `Bearer ${this.token}`) return problem(401, 'unauthorized');
    const [, , , name, what, which] = new URL(url, this.url).pathname.split('/');
    if (name === undefined)
      return { status: 200, body: { items: [...this.programs].map(([key, one]) => this.#show(key, one)) } };
    if (method === 'PUT' && what === undefined) return this.#deploy(name, url, request, body);
    const stored = this.programs.get(name);
    if (stored === undefined) return problem(404, 'not_found');
    if (method === 'DELETE') return { status: this.programs.delete(name) ? 200 : 404, body: {} };
    if (what === undefined) return { status: 200, body: this.#show(name, stored) };
    if (what === 'versions') {
      return {
        status: 200,
        body: { items: stored.versions.map((one) => ({ ...one, percent: stored.traffic[one.version] ?? 0 })) },
      };
    }
    if (which === 'history') return { status: 200, body: { items: stored.history } };
    if (request.headers['if-match'] !== `"${stored.revision}"`) return problem(409, 'version_conflict');
    this.#setTraffic(stored, JSON.parse(body.toString()) as Traffic);
    return { status: 200, body: this.#show(name, stored) };
  }

  async #deploy(name: string, url: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData();
    const parts: Record<string, string> = {};
    for (const [key, value] of form) parts[key] = typeof value === 'string' ? value : await value.text();
    this.uploads.push({ path: url, parts });
    const version = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
    const known = this.programs.get(name)?.versions.some((one) => one.version === version) === true;
    if (!known) this.seed(name, [{ [version]: 100 }]);
    const template = {
      id: 't',
      mode: 'snapshot',
      snapshotBytes: 412_345,
      buildMs: 180.4,
      initMs: 2.5,
      contextUs: 240.2,
    };
    return {
      status: known ? 200 : 201,
      body: { program: name, version, url: `http://${name}.localhost:8787/`, template, warnings: [] },
    };
  }

  #setTraffic(stored: Stored, traffic: Traffic): void {
    stored.traffic = traffic;
    stored.revision += 1;
    stored.history.push({ revision: stored.revision, traffic, at: this.#tick() });
  }

  #show(name: string, { traffic, revision }: Stored): unknown {
    return { name, traffic, revision, createdAt: Date.UTC(2026, 0, 1), url: `http://${name}.localhost:8787/` };
  }

  #tick(): number {
    this.#clock += 1_000;
    return this.#clock;
  }
}

export function problem(status: number, code: string, details?: unknown): Answer {
  return { status, body: { error: { code, message: `fixed text of ${code}`, requestId: 'r-1', details } } };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A folder with these files, gone after the test. */
export function makeFolder(t: ExecutionContext, files: Record<string, string> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'tine-cli-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs a command in this process. */
export async function tine(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
  answer?: string,
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    env,
    cwd,
    ask: answer === undefined ? undefined : async () => answer,
  };
  const code = await main(args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A server, and what commands need to find it. */
export async function startFake(t: ExecutionContext): Promise<{ control: FakeControl; env: Record<string, string> }> {
  const control = new FakeControl();
  await control.listen();
  t.teardown(() => control.close());
  return { control, env: { TINE_CONTROL_URL: control.url, TINE_TOKEN: control.token } };
}
