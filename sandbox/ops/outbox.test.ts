import test from 'ava';
import { BOUNDS } from '../limits.ts';
import { ProtocolError, parseOutbox, splitBytes } from './outbox.ts';

const bytes = (length: number) => new Uint8Array(length);
const parse = (value: unknown, length?: number) =>
  parseOutbox(
    typeof value === 'string' ? value : JSON.stringify(value),
    length === undefined ? undefined : bytes(length),
  );

const answer = (more: object = {}) => ({ status: 200, statusText: '', headers: [], body: { kind: 'none' }, ...more });
const fetchArg = (more: object = {}) => ({
  method: 'GET',
  url: 'http://a.test/',
  headers: ['a', 'b'],
  redirect: 'follow',
  body: 'none',
  ...more,
});
const op = (name: string, arg: unknown, more: object = {}) => ({ ops: [{ id: 1, op: name, arg, ...more }] });

const GOOD: [title: string, outbox: unknown, bytes?: number][] = [
  ['nothing at all', {}],
  ['an answer without a body', { answer: answer() }],
  ['an answer with text', { answer: answer({ body: { kind: 'text', text: 'hello' } }) }],
  ['an answer with bytes', { answer: answer({ body: { kind: 'bytes', length: 3 } }) }, 3],
  ['an answer with an empty body of bytes', { answer: answer({ body: { kind: 'bytes', length: 0 } }) }],
  ['an answer with a stream', { answer: answer({ body: { kind: 'stream' } }) }],
  ['an answer with a pipe', { answer: answer({ body: { kind: 'pipe', from: 0 } }) }],
  ['a status that no HTTP answer may have, which is the guest’s fault', { answer: answer({ status: 0 }) }],
  ['an error', { thrown: { name: 'Error', message: 'no', stack: 'at' } }],
  ['an error with a code', { thrown: { name: 'Error', message: 'no', stack: '', code: 'too_many_operations' } }],
  ['a timer', op('timer', { ms: 1.5 })],
  ['a fetch', op('fetch', fetchArg())],
  ['a fetch with bytes', op('fetch', fetchArg({ body: 'bytes' }), { bytes: 7 }), 7],
  ['a fetch with a pipe', op('fetch', fetchArg({ body: 'pipe', from: 0 }))],
  ['a read', op('read', { from: 0 })],
  ['a discard', op('discard', { from: 12 })],
  ['a write', op('write', {}, { bytes: 5 }), 5],
  ['a last write', op('write', { end: true }, { bytes: 0 }), 0],
  ['a failed write', op('write', { error: 'no' })],
  ['a send', op('send', { to: 1 }, { bytes: 5 }), 5],
  ['cancelled ops', { cancel: [1, 2, Number.MAX_SAFE_INTEGER] }],
  ['lines and how many were dropped', { log: [{ level: 'warn', text: 'x' }], dropped: 4 }],
  [
    'everything at once',
    {
      answer: answer({ body: { kind: 'bytes', length: 2 } }),
      ops: [
        { id: 1, op: 'write', arg: {}, bytes: 3 },
        { id: 2, op: 'timer', arg: { ms: 0 } },
        { id: 3, op: 'send', arg: { to: 9 }, bytes: 4 },
      ],
      cancel: [7],
      log: [],
    },
    9,
  ],
];

for (const [title, value, length] of GOOD) {
  test(`parseOutbox() takes ${title}`, (t) => t.deepEqual(parse(value, length) as unknown, value));
}

const BAD: [title: string, outbox: unknown, bytes?: number][] = [
  ['what is no JSON', '{"answer":'],
  ['an empty text', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '5'],
  ['an unknown key', { more: 1 }],
  ['the key __proto__', '{"__proto__":{"answer":1}}'],
  ['the key __proto__ in an answer', `{"answer":${JSON.stringify(answer()).slice(0, -1)},"__proto__":{}}}`],
  ['the key __proto__ in an arg', '{"ops":[{"id":1,"op":"timer","arg":{"ms":1,"__proto__":{}}}]}'],
  ['an arg that has its keys from __proto__', '{"ops":[{"id":1,"op":"timer","arg":{"__proto__":{"ms":1}}}]}'],
  ['the key constructor', '{"constructor":{}}'],
  ['answer and error', { answer: answer(), thrown: { name: '', message: '', stack: '' } }],
  ['an answer without a status', { answer: { ...answer(), status: undefined } }],
  ['a status as text', { answer: answer({ status: '200' }) }],
  ['a status with a fraction', { answer: answer({ status: 200.5 }) }],
  ['a status above 999', { answer: answer({ status: 1000 }) }],
  ['a negative status', { answer: answer({ status: -1 }) }],
  ['headers as an object', { answer: answer({ headers: { a: 'b' } }) }],
  ['headers that are no text', { answer: answer({ headers: ['a', 1] }) }],
  ['headers of odd number', { answer: answer({ headers: ['a'] }) }],
  ['an unknown kind of body', { answer: answer({ body: { kind: 'file' } }) }],
  ['a body without a kind', { answer: answer({ body: {} }) }],
  ['a body with the key of another kind', { answer: answer({ body: { kind: 'none', text: '' } }) }],
  ['a body of negative length', { answer: answer({ body: { kind: 'bytes', length: -1 } }) }],
  ['a pipe from a negative id', { answer: answer({ body: { kind: 'pipe', from: -1 } }) }],
  ['an error without a stack', { thrown: { name: '', message: '' } }],
  ['an error with another code', { thrown: { name: '', message: '', stack: '', code: 'cpu_limit' } }],
  ['ops that are no list', { ops: {} }],
  ['an op without an id', { ops: [{ op: 'timer', arg: { ms: 1 } }] }],
  ['an op with id 0', { ops: [{ id: 0, op: 'timer', arg: { ms: 1 } }] }],
  ['an op with half an id', { ops: [{ id: 1.5, op: 'timer', arg: { ms: 1 } }] }],
  ['an op with an id beyond what is exact', '{"ops":[{"id":9007199254740993,"op":"timer","arg":{"ms":1}}]}'],
  ['an op with an id as text', { ops: [{ id: '1', op: 'timer', arg: { ms: 1 } }] }],
  ['an unknown op', op('exec', {})],
  ['an op named __proto__', op('__proto__', {})],
  ['an op without an arg', { ops: [{ id: 1, op: 'timer' }] }],
  ['an op with an unknown key', op('timer', { ms: 1 }, { more: 1 })],
  ['a timer with a negative time', op('timer', { ms: -1 })],
  ['a timer without a time', op('timer', {})],
  ['a timer with no number', op('timer', { ms: null })],
  ['a timer with the arg of another op', op('timer', { from: 1 })],
  ['a timer with bytes', op('timer', { ms: 1 }, { bytes: 1 }), 1],
  ['a read with bytes', op('read', { from: 0 }, { bytes: 1 }), 1],
  ['a read from a negative id', op('read', { from: -1 })],
  ['a fetch without a URL', op('fetch', { ...fetchArg(), url: undefined })],
  ['a fetch with odd headers', op('fetch', fetchArg({ headers: ['a'] }))],
  ['a fetch with an unknown mode of redirects', op('fetch', fetchArg({ redirect: 'maybe' }))],
  ['a fetch with bytes it did not announce', op('fetch', fetchArg(), { bytes: 1 }), 1],
  ['a fetch with a pipe from nowhere', op('fetch', fetchArg({ body: 'pipe' }))],
  ['a fetch from somewhere without a pipe', op('fetch', fetchArg({ from: 1 }))],
  ['a write whose end is false', op('write', { end: false })],
  ['a send to the request', op('send', { to: 0 })],
  ['a negative number of bytes', op('write', {}, { bytes: -1 })],
  ['fewer bytes than announced', op('write', {}, { bytes: 5 }), 4],
  ['more bytes than announced', op('write', {}, { bytes: 5 }), 6],
  ['bytes that nobody announced', {}, 1],
  ['no bytes where some were announced', { answer: answer({ body: { kind: 'bytes', length: 1 } }) }],
  ['a cancelled op 0', { cancel: [0] }],
  ['a line with an unknown level', { log: [{ level: 'fatal', text: '' }] }],
  ['a line without text', { log: [{ level: 'log' }] }],
  ['a negative number of dropped lines', { dropped: -1 }],
];

for (const [title, value, length] of BAD) {
  test(`parseOutbox() refuses ${title}`, (t) => {
    t.throws(() => parse(value, length), { instanceOf: ProtocolError });
  });
}

test('parseOutbox() refuses a text or bytes beyond their bounds before it reads them', (t) => {
  const long = ' '.repeat(BOUNDS.outboxChars + 1);
  t.throws(() => parse(long), { message: `outbox must be <= 8000000 characters: got ${long.length}` });
  t.throws(() => parse('x', BOUNDS.outboxBytes + 1), { message: /bytes: got 4000001/ });
});

test('parseOutbox() says where the fault is, and quotes nothing of the guest', (t) => {
  t.throws(() => parse(op('timer', { ms: 'secret' })), { message: 'outbox/ops/0/arg/ms must be number' });
  t.throws(() => parse({ secret: 1 }), { message: 'outbox must NOT have additional properties' });
  t.throws(() => parse('secret'), { message: 'outbox must be JSON: got something else' });
});

test('parseOutbox() leaves the prototype of objects alone', (t) => {
  t.throws(() => parse('{"__proto__":{"polluted":1}}'));
  t.is(({} as { polluted?: number }).polluted, undefined);
});

test('splitBytes() cuts the bytes of the answer from those of the ops', (t) => {
  const outbox = parse(
    { answer: answer({ body: { kind: 'bytes', length: 2 } }), ops: [{ id: 1, op: 'write', arg: {}, bytes: 3 }] },
    5,
  );
  const cut = splitBytes(outbox, Uint8Array.of(1, 2, 3, 4, 5));
  t.deepEqual(
    [[...cut.answer], [...cut.ops]],
    [
      [1, 2],
      [3, 4, 5],
    ],
  );
  const none = splitBytes({}, undefined);
  t.deepEqual([none.answer.length, none.ops.length], [0, 0]);
});

test('parseOutbox() costs a few microseconds for hello world', (t) => {
  const text = JSON.stringify({
    answer: answer({
      headers: ['content-type', 'text/plain;charset=UTF-8'],
      body: { kind: 'text', text: 'Hello world' },
    }),
  });
  const runs = 20_000;
  for (let n = 0; n < runs; n += 1) parseOutbox(text, undefined);
  const before = process.threadCpuUsage();
  for (let n = 0; n < runs; n += 1) parseOutbox(text, undefined);
  const { user, system } = process.threadCpuUsage(before);
  const each = (user + system) / runs;
  t.log(`${each.toFixed(2)} µs of CPU`);
  // The bound is far above what it takes, and far below what an interpreted check would.
  t.true(each < 10, `${each} µs`);
});
