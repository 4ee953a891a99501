// The client of one request: sends what the guest answers. Framing is ours: hop-by-hop headers and lengths of the guest
// are dropped, a status or header that cannot be sent is a `bad_response`, and a body that breaks off cuts the
// connection, so that nobody takes a part for the whole.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Answer } from '#runtime';
import { BOUNDS, type Client, type Finished, TineError } from '#sandbox';

/** Never taken from a guest: framing, hop-by-hop, and names that are tine's own. */
const DROPPED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
  'x-tine-error',
  'x-tine-cost',
  'x-tine-hops',
]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const ABOVE_ASCII = /[\x80-\xff]/;
const NO_BODY = new Set([204, 205, 304]);

export interface ClientOptions {
  requestId: string;
  responseBytesMax: number;
  /** Headers that depend on how the run went so far: `Server-Timing`, a cookie. Names and values in turn. */
  extraHeaders?: ((soFar: Finished) => string[]) | undefined;
  /** `tine dev` only: HTML that is added to every page. */
  overlay?: string | undefined;
  /** The connection is not to be used again: the server is shutting down. */
  isLast?: (() => boolean) | undefined;
}

export class HttpClient implements Client {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: ClientOptions;
  #sent = 0;
  #failed = false;
  #showsOverlay = false;
  #onGone: (() => void) | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, options: ClientOptions) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    response.on('close', () => {
      // A connection that was cut here is not a client that has left.
      if (!response.writableFinished && !this.#failed) this.#onGone?.();
    });
    response.on('error', () => {}); // `close` follows
  }

  /** Bytes of the body so far. */
  get sentBytes(): number {
    return this.#sent;
  }

  onGone(callback: () => void): void {
    this.#onGone = callback;
    if (this.#response.destroyed) callback();
  }

  answer({ status, statusText, headers, body }: Answer, bytes: Uint8Array | undefined, soFar: Finished): void {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new TineError('bad_response', `status must be an integer from 200 to 599: got ${status}`);
    }
    const flat = this.#checked(headers);
    if (this.#options.isLast?.()) this.#response.shouldKeepAlive = false;
    flat.push('x-request-id', this.#options.requestId);
    const { extraHeaders } = this.#options;
    if (extraHeaders !== undefined) flat.push(...extraHeaders(soFar));
    const whole =
      body.kind === 'text' ? body.text : body.kind === 'bytes' ? bytes : body.kind === 'none' ? '' : undefined;
    this.#showsOverlay = this.#options.overlay !== undefined && isPage(flat);
    if (whole !== undefined) this.#sendWhole(status, statusText, flat, whole);
    else this.#response.writeHead(status, reason(status, statusText), flat);
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failed || this.#response.destroyed) throw new Error('the client has gone');
    this.#count(chunk.length);
    if (this.#response.write(chunk)) return;
    await drained(this.#response);
  }

  async end(): Promise<void> {
    if (!this.#failed) this.#response.end(this.#showsOverlay ? this.#options.overlay : undefined);
  }

  fail(_reason: string): void {
    if (this.#failed || this.#response.writableEnded) return;
    if (this.#response.destroyed) return void this.#onGone?.(); // it was the client, whose `close` is on its way
    this.#failed = true;
    this.#request.socket.destroy();
  }

  #sendWhole(status: number, statusText: string, flat: string[], whole: string | Uint8Array): void {
    const page = this.#showsOverlay ? Buffer.concat([Buffer.from(whole), Buffer.from(this.#options.overlay!)]) : whole;
    const length = typeof page === 'string' ? Buffer.byteLength(page) : page.byteLength;
    this.#count(length);
    const isHead = this.#request.method === 'HEAD';
    // To HEAD, an answer without a body says nothing about the length that GET would have.
    if (status === 205) flat.push('content-length', '0');
    else if (!NO_BODY.has(status) && !(isHead && length === 0)) flat.push('content-length', String(length));
    this.#response.writeHead(status, reason(status, statusText), flat);
    if (NO_BODY.has(status) || isHead) this.#response.end();
    // Node writes head and text as one string, in UTF-8: a head with bytes above 127 has to go out by itself.
    else
      this.#response.end(typeof page === 'string' && this.#isAboveAscii(statusText, flat) ? Buffer.from(page) : page);
  }

  #isAboveAscii(statusText: string, flat: readonly string[]): boolean {
    return ABOVE_ASCII.test(statusText) || flat.some((text) => ABOVE_ASCII.test(text));
  }

  #count(more: number): void {
    this.#sent += more;
    const { responseBytesMax } = this.#options;
    if (this.#sent > responseBytesMax) {
      throw new TineError('bad_response', `response_bytes must be <= ${responseBytesMax}: got at least ${this.#sent}`);
    }
  }

  #checked(headers: readonly string[]): string[] {
    const flat: string[] = [];
    let bytes = 0;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i]!;
      const value = headers[i + 1]!;
      if (!TOKEN.test(name))
        throw new TineError('bad_response', `header name must be a token: got ${JSON.stringify(name.slice(0, 80))}`);
      if (!VALUE.test(value))
        throw new TineError('bad_response', `value of header "${name}" has a character that cannot be sent`);
      if (DROPPED.has(name.toLowerCase())) {
        continue;
      }
      bytes += name.length + value.length;
      flat.push(name, value);
    }
    if (flat.length > BOUNDS.responseHeaders * 2 || bytes > BOUNDS.responseHeaderBytes) {
      throw new TineError(
        'bad_response',
        `headers must be <= ${BOUNDS.responseHeaders} and <= ${BOUNDS.responseHeaderBytes} bytes: got ${flat.length / 2} and ${bytes}`,
      );
    }
    return flat;
  }
}

/** None given: Node's own text for the status. */
function reason(status: number, statusText: string): string {
  return statusText !== '' && VALUE.test(statusText) ? statusText : (STATUS_CODES[status] ?? '');
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', closed);
      resolve();
    };
    const closed = () => {
      response.off('drain', done);
      reject(new Error('the client has gone'));
    };
    response.once('drain', done);
    response.once('close', closed);
  });
}

/** HTML that can be appended to. */
function isPage(flat: readonly string[]): boolean {
  const find = (wanted: string) => flat.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === wanted);
  const type = find('content-type');
  return type >= 0 && flat[type + 1]!.startsWith('text/html') && find('content-encoding') < 0;
}
