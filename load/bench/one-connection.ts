// Latency as one client sees it: one kept-alive connection, one request after the other, over a bare socket, as an
// HTTP client library would be a good part of what is measured.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { percentile } from './statistics.ts';

export interface Latency {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** @throws Error when an answer is not 200 */
export async function oneConnection(url: string, host: string, { requests }: { requests: number }): Promise<Latency> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const timesMs: number[] = [];
  for (let i = 0; i < requests; i++) {
    const began = performance.now();
    await exchange(socket, request);
    timesMs.push(performance.now() - began);
  }
  socket.destroy();
  // The first ones meet cold code on our side as well.
  const settled = timesMs.slice(Math.floor(requests / 10));
  return { p50Ms: percentile(settled, 0.5), p99Ms: percentile(settled, 0.99), maxMs: Math.max(...settled) };
}

/** Writes a request and reads one answer, which must have a Content-Length. */
export async function exchange(socket: Socket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (done: () => void) => {
      socket.off('data', onData).off('error', onEnd).off('close', onEnd);
      done();
    };
    const onEnd = () => settle(() => reject(new Error(`the connection ended in the middle of an answer: ${text}`)));
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1]);
      if (text.length < headEnd + 4 + length) return;
      const ok = text.startsWith('HTTP/1.1 200');
      settle(() => (ok ? resolve(text) : reject(new Error(`the answer must be 200: got ${text}`))));
    };
    socket.on('data', onData).on('error', onEnd).on('close', onEnd);
    socket.write(request);
  });
}
