import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import test from 'ava';
import { ControlClient } from './client.ts';
import type { CliError } from './failure.ts';
import { problem, startFake } from './fake-control.ts';

async function failure(call: Promise<unknown>): Promise<CliError> {
  try {
    await call;
  } catch (error) {
    return error as CliError;
  }
  throw new Error('it did not fail');
}

test('ControlClient sends its token with every call', async (t) => {
  const { control } = await startFake(t);
  control.seed('a', [{ v1: 100 }]);
  const client = new ControlClient({ url: control.url, token: 'secret' });
  await client.listPrograms();
  await client.getProgram('a');
  await client.listVersions('a');
  await client.trafficHistory('a');
  await client.setTraffic('a', { v1: 100 }, 1);
  await client.deleteProgram('a');
  t.deepEqual(
    control.seen.map(({ method, url }) => `${method} ${url}`),
    [
      'GET /v1/programs',
      'GET /v1/programs/a',
      'GET /v1/programs/a/versions',
      'GET /v1/programs/a/traffic/history',
      'PUT /v1/programs/a/traffic',
      'DELETE /v1/programs/a',
    ],
  );
  t.true(control.seen.every(({ authorization }) => authorization === 'Bearer secret'));
});

test('ControlClient keeps a strange name within its path', async (t) => {
  const { control } = await startFake(t);
  await failure(new ControlClient({ url: control.url, token: 'secret' }).getProgram('../x?y#z'));
  t.is(control.seen[0]?.url, '/v1/programs/..%2Fx%3Fy%23z');
});

test('ControlClient says how to start a server when none answers', async (t) => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  const error = await failure(new ControlClient({ url: `http://127.0.0.1:${port}`, token: 'x' }).listPrograms());
  t.is(error.message, `no tine at http://127.0.0.1:${port}: start one with \`npm start\``);
});

test('ControlClient says where tokens come from when its own is refused', async (t) => {
  const { control } = await startFake(t);
  const wrong = await failure(new ControlClient({ url: control.url, token: 'other' }).listPrograms());
  t.regex(wrong.message, /refuses: the token is not the one of this server \(--token, TINE_TOKEN, or the file "token"/);
  t.false(wrong.message.includes('other'));
  const none = await failure(new ControlClient({ url: control.url, token: undefined }).listPrograms());
  t.regex(none.message, /refuses: no token was found/);
  t.is(control.seen[1]?.authorization, undefined);
});

test('ControlClient gives code, text and details of an error, and the request of a 5xx', async (t) => {
  const { control } = await startFake(t);
  const client = new ControlClient({ url: control.url, token: 'secret' });
  control.next = problem(422, 'compile_error', { text: 'oops', file: 'a.ts', line: 1, column: 2 });
  t.like(await failure(client.listPrograms()), {
    code: 'compile_error',
    message: 'fixed text of compile_error',
    details: { text: 'oops', file: 'a.ts', line: 1, column: 2 },
  });
  control.next = problem(500, 'internal', ['not', 'an', 'object']);
  t.like(await failure(client.listPrograms()), { message: 'fixed text of internal (request r-1)', details: undefined });
});

for (const [title, answer] of [
  ['HTML', { status: 200, body: '<html>' }],
  ['another kind of error', { status: 404, body: { message: 'nope' } }],
  ['null', { status: 500, body: 'null' }],
] as const) {
  test(`ControlClient tells a server that answers ${title} from tine`, async (t) => {
    const { control } = await startFake(t);
    control.next = answer;
    const error = await failure(new ControlClient({ url: control.url, token: 'secret' }).listPrograms());
    t.regex(error.message, new RegExp(`does not answer as tine does \\(status ${answer.status}\\)`));
  });
}

test('ControlClient does not follow redirects, which would carry its token away', async (t) => {
  const { control } = await startFake(t);
  const other = await startFake(t);
  control.next = { status: 307, body: '', headers: { location: `${other.control.url}/v1/programs` } };
  await failure(new ControlClient({ url: control.url, token: 'secret' }).listPrograms());
  t.deepEqual(other.control.seen, []);
});

test('ControlClient.setTraffic() fails when the traffic has changed meanwhile', async (t) => {
  const { control } = await startFake(t);
  control.seed('a', [{ v1: 100 }, { v2: 100 }]);
  const client = new ControlClient({ url: control.url, token: 'secret' });
  t.is((await failure(client.setTraffic('a', { v1: 100 }, 1))).code, 'version_conflict');
  await client.setTraffic('a', { v1: 100 }, 2);
  t.deepEqual(control.programs.get('a')?.traffic, { v1: 100 });
});
