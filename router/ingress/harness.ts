// For the tests of the HTTP edge: a real server on a free port, and bytes over a socket, as no HTTP client would send
// them.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

/** Listens until the test is over. @returns the port */
export async function listen(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** One connection, and what came over it so far. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(t: ExecutionContext, port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => {
      this.text += chunk;
      this.#look();
    });
    const ended = () => {
      this.closed = true;
      this.#look();
    };
    this.socket.on('end', ended);
    this.socket.on('close', ended);
    this.socket.on('error', ended);
    t.teardown(() => this.socket.destroy());
  }

  send(bytes: string): void {
    this.socket.write(Buffer.from(bytes, 'latin1'));
  }

  /** @throws when `fits` has not become true within 3 s */
  until(what: string, fits: (text: string) => boolean): Promise<string> {
    return this.#until(what, () => fits(this.text));
  }

  /** All that came, when the other side has closed. */
  end(): Promise<string> {
    return this.#until('the connection to be closed', () => this.closed);
  }

  #until(what: string, isSo: () => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(this.text);
      };
      const timer = setTimeout(
        () => reject(new Error(`waited in vain for ${what}; got ${JSON.stringify(this.text)}`)),
        3_000,
      );
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** Status lines in what came. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
