// The control API as the commands use it: typed answers, and errors that say what to do. One request per call; no
// retries, as a deploy that is sent again by hand gives the same version.
import type { Details } from '#sandbox';
import type { Connection } from './connection.ts';
import { CliError } from './failure.ts';

export type Traffic = Readonly<Record<string, number>>;

export interface Program {
  name: string;
  traffic: Traffic;
  revision: number;
  createdAt: number | string;
  url?: string;
}

export interface Version {
  version: string;
  createdAt: number | string;
  percent: number;
  sourceBytes: number;
  language: string;
}

export interface TrafficChange {
  revision: number;
  traffic: Traffic;
  at: number | string;
}

export interface Deployed {
  program: string;
  version: string;
  url: string;
  template: {
    id: string;
    mode: 'snapshot' | 'script';
    snapshotBytes: number;
    buildMs: number;
    initMs: number;
    contextUs: number;
  };
  warnings: { code: string; text: string; key?: string; file?: string; line?: number; column?: number }[];
}

interface Items<Item> {
  items: Item[];
}

interface Call {
  method: 'GET' | 'PUT' | 'DELETE';
  path: string;
  headers?: Record<string, string>;
  body?: FormData | string;
}

/** All methods throw `CliError`. */
export class ControlClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async listPrograms(): Promise<Program[]> {
    return ((await this.#json({ method: 'GET', path: '/v1/programs' })) as Items<Program>).items;
  }

  async getProgram(name: string): Promise<Program> {
    return (await this.#json({ method: 'GET', path: programPath(name) })) as Program;
  }

  async listVersions(name: string): Promise<Version[]> {
    return ((await this.#json({ method: 'GET', path: `${programPath(name)}/versions` })) as Items<Version>).items;
  }

  async trafficHistory(name: string): Promise<TrafficChange[]> {
    return ((await this.#json({ method: 'GET', path: `${programPath(name)}/traffic/history` })) as Items<TrafficChange>)
      .items;
  }

  /** Refused with `version_conflict` when the traffic has changed since `revision`. */
  async setTraffic(name: string, traffic: Traffic, revision: number): Promise<void> {
    const headers = { 'content-type': 'application/json', 'if-match': `"${revision}"` };
    await this.#json({ method: 'PUT', path: `${programPath(name)}/traffic`, headers, body: JSON.stringify(traffic) });
  }

  async deploy(
    name: string,
    upload: FormData,
    { promote }: { promote: 'now' | 'later' },
  ): Promise<Deployed & { isNew: boolean }> {
    const query = promote === 'later' ? '?promote=false' : '';
    const response = await this.#send({ method: 'PUT', path: programPath(name) + query, body: upload });
    return { ...((await this.#read(response)) as Deployed), isNew: response.status === 201 };
  }

  async deleteProgram(name: string): Promise<void> {
    await this.#json({ method: 'DELETE', path: programPath(name) });
  }

  async #json(call: Call): Promise<unknown> {
    return this.#read(await this.#send(call));
  }

  async #send({ method, path, headers, body }: Call): Promise<Response> {
    const { url, token } = this.#connection;
    const all = {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    };
    try {
      // Redirects would carry the token elsewhere.
      return await fetch(url + path, { method, headers: all, redirect: 'error', ...(body !== undefined && { body }) });
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #read(response: Response): Promise<unknown> {
    const text = await response.text().catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    const value = parse(text);
    if (response.ok && (value !== undefined || text === '')) return value;
    throw this.#refusal(response, value);
  }

  #unreachable(error: unknown): CliError {
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    const { url } = this.#connection;
    if (cause?.code === 'ECONNREFUSED' || cause?.code === 'ENOTFOUND') {
      return new CliError(`no tine at ${url}: start one with \`npm start\``, { cause: error });
    }
    return new CliError(`Cannot talk to ${url}: ${cause?.message || (error as Error).message}`, { cause: error });
  }

  #refusal(response: Response, value: unknown): CliError {
    const { url, token } = this.#connection;
    const error = (
      value as { error?: { code?: unknown; message?: unknown; requestId?: unknown; details?: unknown } } | undefined
    )?.error;
    if (typeof error?.code !== 'string') {
      return new CliError(
        `${url} does not answer as tine does (status ${response.status}): is this the control plane?`,
      );
    }
    if (error.code === 'unauthorized') {
      const what = token === undefined ? 'no token was found' : 'the token is not the one of this server';
      return new CliError(`${url} refuses: ${what} (--token, TINE_TOKEN, or the file "token" in the data folder)`, {
        code: error.code,
      });
    }
    const details = isObject(error.details) ? (error.details as Details) : undefined;
    const id = response.status >= 500 && typeof error.requestId === 'string' ? ` (request ${error.requestId})` : '';
    return new CliError(`${error.message ?? error.code}${id}`, { code: error.code, details });
  }
}

function programPath(name: string): string {
  return `/v1/programs/${encodeURIComponent(name)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
