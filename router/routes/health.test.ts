import test from 'ava';
import { serve } from './harness.fixture.ts';
import { healthRoutes } from './health.ts';

const HEALTHY = { health: async () => ({ status: 'ok', layer2: { missing: [] } }), isReady: () => true };

test('GET /healthz says what is known of this server, also while it is not ready', async (t) => {
  const ask = await serve(t, healthRoutes, { ...HEALTHY, isReady: () => false });
  const { status, headers, json } = await ask('/healthz');
  t.is(status, 200);
  t.regex(String(headers['content-type']), /^application\/json/);
  t.deepEqual(json, { status: 'ok', layer2: { missing: [] } });
});

test('GET /healthz asks anew each time', async (t) => {
  let asked = 0;
  const health = async () => {
    asked += 1;
    return { status: asked === 1 ? 'ok' : 'degraded' };
  };
  const ask = await serve(t, healthRoutes, { ...HEALTHY, health });
  t.is((await ask('/healthz')).json.status, 'ok');
  t.is((await ask('/healthz')).json.status, 'degraded');
});

test('GET /healthz that cannot be answered is an error, and no empty 200', async (t) => {
  const health = async () => {
    throw new Error('the ingress is gone');
  };
  const ask = await serve(t, healthRoutes, { ...HEALTHY, health });
  t.is((await ask('/healthz')).status, 500);
});

test('GET /readyz follows isReady(): 200, then 503 draining, then 200 again', async (t) => {
  let ready = true;
  const ask = await serve(t, healthRoutes, { ...HEALTHY, isReady: () => ready });
  t.deepEqual((await ask('/readyz')).json, { status: 'ready' });
  ready = false;
  const refused = await ask('/readyz');
  t.is(refused.status, 503);
  t.is(refused.json.code, 'draining');
  ready = true;
  t.is((await ask('/readyz')).status, 200);
});

test('GET /readyz is not answered by health(), which may wait for an ingress that starts', async (t) => {
  const ask = await serve(t, healthRoutes, { ...HEALTHY, health: async () => t.fail() as never });
  t.is((await ask('/readyz')).status, 200);
});

test('HEAD has the status and no body, for probes that ask so', async (t) => {
  const ask = await serve(t, healthRoutes, HEALTHY);
  for (const path of ['/healthz', '/readyz']) {
    const { status, text } = await ask(path, { method: 'HEAD' });
    t.is(status, 200, path);
    t.is(text, '', path);
  }
});
