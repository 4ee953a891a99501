import test from 'ava';
import { makeRun } from './test-run.ts';
import { failure } from './test-server.ts';
import { write } from './write.ts';

const own = { id: 1, signal: new AbortController().signal };

function setUp(options: { responseBytes?: number; room?: () => Promise<void> } = {}) {
  const said: string[] = [];
  const run = makeRun({
    limits: { responseBytes: options.responseBytes ?? 1_000 },
    sink: {
      write: async (chunk) => {
        said.push(`write ${Buffer.from(chunk)}`);
        await options.room?.();
      },
      end: async () => void said.push('end'),
      fail: (reason) => void said.push(`fail: ${reason}`),
    },
  });
  const op = (arg: { end?: true; error?: string }, text = '') => write.perform(arg, run, Buffer.from(text), own);
  return { run, said, op };
}

test('write hands chunks over in their order, then ends the answer', async (t) => {
  const { op, said } = setUp();
  t.deepEqual(await op({}, 'one'), { value: null });
  await Promise.all([op({}, 'two'), op({}, 'three')]);
  await op({ end: true }, 'four');
  t.deepEqual(said, ['write one', 'write two', 'write three', 'write four', 'end']);
});

test('write without bytes writes nothing', async (t) => {
  const { op, said } = setUp();
  await op({});
  await op({ end: true });
  t.deepEqual(said, ['end']);
});

test('write ends only when there is room again', async (t) => {
  const room = Promise.withResolvers<void>();
  const { op } = setUp({ room: () => room.promise });
  let ended = false;
  const done = op({}, 'one').then(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  t.false(ended);
  room.resolve();
  await done;
});

test('write cuts an answer beyond the limit, over all its chunks: responseBytes', async (t) => {
  const { op, said, run } = setUp({ responseBytes: 10 });
  await op({}, '12345');
  await op({}, '67890');
  t.is(await failure(op({}, '1')), 'RangeError: limit reached: 10 bytes per response');
  t.deepEqual(said, ['write 12345', 'write 67890', 'fail: the body of the answer is larger than allowed']);
  t.is(run.warnings[0]?.code, 'response_too_large');
});

test('write counts each run for itself', async (t) => {
  const [a, b] = [setUp({ responseBytes: 10 }), setUp({ responseBytes: 10 })];
  await a.op({}, '1234567890');
  await b.op({}, '1234567890');
  t.deepEqual([a.run.warnings, b.run.warnings], [[], []]);
});

test('write passes on that the guest’s stream failed, without its text', async (t) => {
  const { op, said } = setUp();
  t.deepEqual(await op({ error: 'secret' }, 'rest'), { value: null });
  t.deepEqual(said, ['fail: the body of the answer failed']);
});

test('write tells the guest that the client has gone', async (t) => {
  const { op } = setUp({ room: () => Promise.reject(new Error('10.0.0.7 went away')) });
  t.is(await failure(op({}, 'x')), 'TypeError: the client no longer takes the body of the answer');
});
