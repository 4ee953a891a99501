// The control plane against those who should not speak to it: U01, U04, U05, U07, and the form of its errors.
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { send } from '../http.ts';
import { start } from '../start.ts';
import { guest, isProblem, share } from './share.ts';

const SOURCE = "export default { fetch: () => new Response('old') }";

const test = share((tine) => tine.deploy('owned', SOURCE));

test.serial(
  'a request without the token, with another one, or with the token in its query is 401 unauthorized (U01)',
  async (t) => {
    const { tine, neighbour } = t.context;
    const url = `${tine.controlUrl}/v1/programs`;
    isProblem(t, await send(url), 'unauthorized');
    isProblem(t, await send(url, { headers: { authorization: `Bearer ${tine.token}x` } }), 'unauthorized');
    isProblem(t, await send(url, { headers: { authorization: `Basic ${tine.token}` } }), 'unauthorized');
    isProblem(t, await send(`${url}?token=${tine.token}`), 'unauthorized');
    t.is((await tine.control('GET', '/v1/programs')).status, 200);
    t.false(JSON.stringify(tine.log.lines).includes(tine.token));
    await neighbour();
  },
);

test.serial('a foreign Host is 421 wrong_host, however it is written (U04)', async (t) => {
  const { tine, neighbour } = t.context;
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    '169.254.169.254',
    '127.0.0.1.evil.example',
    '[::2]',
  ]) {
    isProblem(t, await tine.control('GET', '/v1/programs', undefined, { host }), 'wrong_host');
  }
  t.is((await tine.control('GET', '/v1/programs', undefined, { host: 'localhost' })).status, 200);
  await neighbour();
});

test.serial('a request of a page of another site is 403 forbidden_origin (U04)', async (t) => {
  const { tine, neighbour } = t.context;
  for (const origin of ['https://evil.example', 'null', 'http://localhost:1', 'http://127.0.0.1']) {
    isProblem(t, await tine.control('DELETE', '/v1/programs/owned', undefined, { origin }), 'forbidden_origin');
  }
  t.is((await tine.fetch('owned')).text, 'old');
  await neighbour();
});

test.serial('an unknown path is 404 not_found, a known one by another method 405 method_not_allowed', async (t) => {
  const { tine } = t.context;
  isProblem(t, await tine.control('GET', '/v1/nothing'), 'not_found');
  isProblem(t, await tine.control('POST', '/v1/programs/owned'), 'method_not_allowed');
});

test.serial('details are for what its owner got wrong: init_threw, entropy_at_init, unsupported_type', async (t) => {
  const { tine } = t.context;
  const threw = await tine.deploy('owned', 'null.x', { expect: 422 });
  isProblem(t, threw, 'init_threw');
  t.is(threw.json.error.details.line, 1);
  const config = { name: 'owned', snapshot: { entropy: 'error' } };
  const entropy = await tine.deploy(
    'owned',
    'export const at = Date.now();\nexport default { fetch: () => new Response(String(at)) }',
    { config, expect: 422 },
  );
  isProblem(t, entropy, 'entropy_at_init');
  t.is(entropy.json.error.details.line, 1);
  const type = await tine.deploy('owned', SOURCE, { type: 'text/html', expect: 415 });
  isProblem(t, type, 'unsupported_type');
  t.regex(type.json.error.details.text, /content-type must be .* got text\/html/);
});

test.serial('what fails at the data plane has no details, and nothing of the guest in it', async (t) => {
  const { tine } = t.context;
  await tine.deploy('throwing', guest('throws.js'));
  const reply = await tine.fetch('throwing', '/error');
  isProblem(t, reply, 'threw');
  t.deepEqual(Object.keys(reply.json.error), ['code', 'message', 'requestId']);
});

test.serial('wrong tokens in a row are 429 rate_limited, the right one still passes (U05)', async (t) => {
  const { tine, neighbour } = t.context;
  const guess = (i: number) => send(`${tine.controlUrl}/v1/programs`, { headers: { authorization: `Bearer ${i}` } });
  const replies = await Promise.all(Array.from({ length: 60 }, (_, i) => guess(i)));
  const limited = replies.filter(({ code }) => code === 'rate_limited');
  t.true(limited.length >= 30, `${limited.length} of 60`);
  isProblem(t, limited[0]!, 'rate_limited');
  t.is((await tine.control('GET', '/v1/programs')).status, 200);
  await neighbour();
});

test.serial('a token file that others can read is mended at start, and that is said (U07)', async (t) => {
  const { tine } = t.context;
  const file = join(tine.dataDir, 'token');
  t.is(statSync(file).mode & 0o777, 0o600);
  const first = await start({ dataDir: join(tine.dataDir, 'second') });
  await first.stop();
  const readable = join(first.dataDir, 'token');
  chmodSync(readable, 0o644);
  await using second = await start({ dataDir: first.dataDir });
  t.is(statSync(readable).mode & 0o777, 0o600);
  t.is(second.log.lines.filter(({ msg }) => msg.includes(readable)).length, 1);
});
