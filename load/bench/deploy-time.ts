// How long a deploy takes: from the first byte of the PUT to its 201. The Hono example has npm packages, which
// `tine deploy` bundles on the author's machine; that part is not the server's, so the clock sits in a small relay
// between the two.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { deployWithCli } from '../runner/deploy.ts';
import type { Runner } from '../runner/start.ts';
import { median } from './statistics.ts';

const HONO = new URL('../../examples/hono-api/', import.meta.url).pathname;

/** Deploys the Hono example under `times` names. @returns median of PUT → 201 in milliseconds */
export async function deployTimeMs(runner: Runner, { times }: { times: number }): Promise<number> {
  const timesMs: number[] = [];
  const relay = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const began = performance.now();
    const answer = await fetch(`${runner.controlUrl}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { authorization: `Bearer ${runner.token}`, 'content-type': request.headers['content-type'] ?? '' },
      ...(body.length > 0 && { body }),
    });
    const text = await answer.text();
    if (request.method === 'PUT' && answer.status === 201) timesMs.push(performance.now() - began);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port } = relay.address() as { port: number };
  try {
    const through = { ...runner, controlUrl: `http://127.0.0.1:${port}` };
    for (let i = 0; i < times; i++) await deployWithCli(through, HONO, '--name', `deploy-time-${i}`);
  } finally {
    relay.close();
  }
  if (timesMs.length !== times) throw new Error(`each deploy must be a 201: got ${timesMs.length} of ${times}`);
  return median(timesMs);
}
