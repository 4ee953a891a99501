import { mock } from 'node:test';
import test, { type ExecutionContext } from 'ava';
import { codeOf } from './errors.ts';
import { type Permit, Permits } from './permits.ts';

const request = (program = 'a', more: object = {}) => ({
  program,
  concurrencyMax: 100,
  queueMax: 100,
  queueTimeoutMs: 1_000,
  ...more,
});

/** The timers of this file move by hand. */
function givenClock(t: ExecutionContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  return (ms: number) => mock.timers.tick(ms);
}

const release = (permit: Permit | Promise<Permit>) => (permit as Permit)[Symbol.dispose]();
const code = async (promise: Promise<unknown> | Permit) =>
  Promise.resolve(promise).then(
    () => 'granted',
    (error) => codeOf(error),
  );

test('Permits refuses a number that is not a positive integer', (t) => {
  for (const permitsMax of [0, -1, 1.5, Number.NaN]) t.throws(() => new Permits({ permitsMax }), { any: true });
  t.throws(() => new Permits({ permitsMax: 1 }).enter(request('a', { concurrencyMax: 0 })), { instanceOf: RangeError });
});

test('Permits.enter() gives a permit without a promise while one is free', (t) => {
  const permits = new Permits({ permitsMax: 2 });
  const first = permits.enter(request());
  t.false(first instanceof Promise);
  t.is(permits.inUse, 1);
  t.is(permits.inUseBy('a'), 1);
  t.is((first as Permit).program, 'a');
  release(first);
  t.is(permits.inUse, 0);
  t.is(permits.inUseBy('a'), 0);
});

test('Permits.enter() waits when none is free, and goes first come first served within a program', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  const holder = permits.enter(request());
  const order: number[] = [];
  const waits = [1, 2, 3].map(async (n) => {
    const permit = await permits.enter(request());
    order.push(n);
    release(permit);
  });
  t.is(permits.queued, 3);
  release(holder);
  await Promise.all(waits);
  t.deepEqual(order, [1, 2, 3]);
  t.is(permits.queued, 0);
  t.is(permits.inUse, 0);
});

test('Permits.enter() refuses at once when the queue is full', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  const holder = permits.enter(request());
  const waiting = permits.enter(request('a', { queueMax: 1 }));
  const error = t.throws(() => permits.enter(request('a', { queueMax: 1 })));
  t.is(codeOf(error), 'overloaded');
  t.is(permits.queued, 1);
  release(holder);
  release(await waiting);
});

test('Permits.enter() refuses at once when nobody may wait, by number or by time', (t) => {
  const permits = new Permits({ permitsMax: 1 });
  using _ = permits.enter(request()) as Permit;
  t.is(codeOf(t.throws(() => permits.enter(request('a', { queueMax: 0 })))), 'overloaded');
  t.is(codeOf(t.throws(() => permits.enter(request('a', { queueTimeoutMs: 0 })))), 'overloaded');
  t.is(codeOf(t.throws(() => permits.enter(request('b', { queueMax: 0 })))), 'overloaded');
  t.is(permits.queued, 0);
});

test('Permits.enter() counts the queue of each program for itself', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  const holder = permits.enter(request());
  const a = permits.enter(request('a', { queueMax: 1 }));
  const b = permits.enter(request('b', { queueMax: 1 }));
  t.is(permits.queued, 2);
  release(holder);
  release(await a);
  release(await b);
});

test.serial('Permits.enter() gives up after queueTimeoutMs, and not before', async (t) => {
  const tick = givenClock(t);
  const permits = new Permits({ permitsMax: 1 });
  const holder = permits.enter(request());
  const ended = code(permits.enter(request('a', { queueTimeoutMs: 50 })));
  tick(49);
  t.is(permits.queued, 1);
  tick(1);
  t.is(permits.queued, 0);
  t.is(await ended, 'overloaded');
  release(holder);
  t.is(permits.inUse, 0);
});

test.serial('Permits.enter() leaves no timer behind when the permit came in time', async (t) => {
  const tick = givenClock(t);
  const refused: string[] = [];
  const observer = { admitted() {}, refused: (program: string) => refused.push(program) };
  const permits = new Permits({ permitsMax: 1, observer });
  const holder = permits.enter(request());
  const waiting = permits.enter(request('a', { queueTimeoutMs: 50 }));
  release(holder);
  const permit = await waiting;
  tick(1_000);
  t.deepEqual(refused, []);
  t.is(permits.inUse, 1);
  release(permit);
});

test('Permits.enter() is ended by its signal, before and during the wait', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  const holder = permits.enter(request());
  const gone = t.throws(() => permits.enter(request('a', { signal: AbortSignal.abort() })));
  t.is(codeOf(gone), 'cancelled');
  const client = new AbortController();
  const ended = code(permits.enter(request('a', { signal: client.signal })));
  const other = permits.enter(request('a'));
  client.abort();
  t.is(await ended, 'cancelled');
  t.is(permits.queued, 1);
  release(holder);
  release(await other);
  t.is(permits.inUse, 0);
});

test('Permits.enter() does not look at the signal of those who need not wait', (t) => {
  const permits = new Permits({ permitsMax: 1 });
  const lazy = {
    ...request(),
    get signal(): AbortSignal {
      return t.fail() as never;
    },
  };
  release(permits.enter(lazy));
  t.pass();
});

test('Permits.enter() does not take back a permit that was given before the signal', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  const client = new AbortController();
  const holder = permits.enter(request());
  const waiting = permits.enter(request('a', { signal: client.signal }));
  release(holder);
  client.abort();
  const permit = await waiting;
  t.is(permits.inUse, 1);
  t.is(permits.queued, 0);
  release(permit);
  t.is(permits.inUse, 0);
});

test('Permits.enter() keeps a program below its cap while permits are free', async (t) => {
  const permits = new Permits({ permitsMax: 10 });
  const held = [1, 2].map(() => permits.enter(request('a', { concurrencyMax: 2 })));
  const third = permits.enter(request('a', { concurrencyMax: 2 }));
  t.true(third instanceof Promise);
  t.false(permits.enter(request('b')) instanceof Promise);
  release(held[0] as Permit);
  release(await third);
  t.is(permits.inUseBy('a'), 1);
});

test('Permits.enter() lets those who wait in when the cap of their program is raised', async (t) => {
  const permits = new Permits({ permitsMax: 10 });
  void permits.enter(request('a', { concurrencyMax: 1 }));
  const second = permits.enter(request('a', { concurrencyMax: 1 }));
  const third = permits.enter(request('a', { concurrencyMax: 3 }));
  t.false(third instanceof Promise);
  t.is((await second).program, 'a');
  t.is(permits.inUseBy('a'), 3);
  t.is(permits.queued, 0);
});

test('Permits hand-out takes turns among programs, however many of one wait', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  let holder = permits.enter(request('a')) as Permit;
  const order: string[] = [];
  const enter = async (program: string) => {
    const permit = await permits.enter(request(program));
    order.push(program);
    holder = permit;
  };
  const waits = [...'aaaaaa', ...'bb', 'c'].map(enter);
  for (let n = 1; n <= waits.length; n += 1) {
    release(holder);
    await new Promise(setImmediate);
    t.is(order.length, n);
  }
  await Promise.all(waits);
  t.is(order.join(''), 'abcabaaaa');
  release(holder);
});

test('Permit[Symbol.dispose]() throws when it is called a second time, and frees nothing', (t) => {
  const permits = new Permits({ permitsMax: 2 });
  const first = permits.enter(request());
  const second = permits.enter(request());
  release(first);
  t.throws(() => release(first), { message: /once/ });
  t.is(permits.inUse, 1);
  release(second);
});

test('Permits.drain() resolves when the last permit is back', async (t) => {
  const permits = new Permits({ permitsMax: 1 });
  await permits.drain();
  const holder = permits.enter(request());
  const waiting = permits.enter(request());
  let drained = false;
  const drain = permits.drain().then(() => {
    drained = true;
  });
  release(holder);
  const second = await waiting;
  t.false(drained);
  release(second);
  await drain;
  t.true(drained);
});

test('Permits tell their observer who came in after which wait, and who did not', async (t) => {
  const seen: string[] = [];
  const permits = new Permits({
    permitsMax: 1,
    observer: {
      admitted: (program, queuedMs) => seen.push(`${program} ${queuedMs === 0 ? 'at once' : 'later'}`),
      refused: (program, reason) => seen.push(`${program} ${reason}`),
    },
  });
  const holder = permits.enter(request('a'));
  const waiting = permits.enter(request('b'));
  t.throws(() => permits.enter(request('c', { queueMax: 0 })));
  t.is(await code(permits.enter(request('d', { queueTimeoutMs: 1 }))), 'overloaded');
  release(holder);
  release(await waiting);
  t.deepEqual(seen, ['a at once', 'c queue_full', 'd queue_timeout', 'b later']);
});

// A random history against a model that is as plain as can be: arrays, and a search for whose turn it is.

interface ModelLine {
  cap: number;
  inUse: number;
  waiting: number[];
}

class Model {
  readonly max: number;
  readonly lines = new Map<string, ModelLine>();
  turns: string[] = [];
  granted: number[] = [];
  constructor(max: number) {
    this.max = max;
  }
  line(program: string, cap = 1): ModelLine {
    const line = this.lines.get(program) ?? { cap, inUse: 0, waiting: [] };
    this.lines.set(program, line);
    return line;
  }
  get inUse() {
    return [...this.lines.values()].reduce((sum, line) => sum + line.inUse, 0);
  }
  enter(id: number, program: string, cap: number, queueMax: number): 'granted' | 'queued' | 'refused' {
    const line = this.line(program, cap);
    line.cap = cap;
    this.handOut();
    if (this.inUse < this.max && line.inUse < cap) {
      line.inUse += 1;
      return 'granted';
    }
    if (line.waiting.length >= queueMax) return 'refused';
    line.waiting.push(id);
    if (!this.turns.includes(program)) this.turns.push(program);
    return 'queued';
  }
  leave(id: number, program: string): void {
    const line = this.line(program);
    line.waiting = line.waiting.filter((other) => other !== id);
    if (line.waiting.length === 0) this.turns = this.turns.filter((other) => other !== program);
  }
  giveBack(program: string): void {
    this.line(program).inUse -= 1;
    this.handOut();
  }
  handOut(): void {
    while (this.inUse < this.max) {
      const program = this.turns.find((name) => this.line(name).inUse < this.line(name).cap);
      if (program === undefined) return;
      const line = this.line(program);
      this.turns = this.turns.filter((other) => other !== program);
      this.granted.push(line.waiting.shift()!);
      line.inUse += 1;
      if (line.waiting.length > 0) this.turns.push(program);
    }
  }
}

/** A small generator, so that a failing history can be run again from its seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

for (let seed = 1; seed <= 20; seed += 1) {
  test(`Permits behave as the model does in a random history (seed ${seed})`, async (t) => {
    const next = random(seed);
    const max = 1 + next(6);
    const permits = new Permits({ permitsMax: max });
    const model = new Model(max);
    const held = new Map<number, Permit>();
    const waiting = new Map<number, { program: string; abort: AbortController; ended: Promise<string> }>();
    for (let id = 0; id < 300; id += 1) {
      const what = next(10);
      if (what < 5) {
        const program = 'abcd'[next(4)]!;
        const abort = new AbortController();
        const concurrencyMax = 1 + next(4);
        const queueMax = next(5);
        const want = model.enter(id, program, concurrencyMax, queueMax);
        try {
          const got = permits.enter({
            program,
            concurrencyMax,
            queueMax,
            queueTimeoutMs: 60_000,
            signal: abort.signal,
          });
          if (got instanceof Promise) {
            const ended = got.then((permit) => {
              held.set(id, permit);
              waiting.delete(id);
              return 'granted';
            }, codeOf);
            waiting.set(id, { program, abort, ended });
          } else held.set(id, got);
          t.is(got instanceof Promise ? 'queued' : 'granted', want);
        } catch (error) {
          t.is(codeOf(error), 'overloaded');
          t.is(want, 'refused');
        }
      } else if (what < 9 && held.size > 0) {
        const [key, permit] = [...held][next(held.size)]!;
        held.delete(key);
        model.giveBack(permit.program);
        release(permit);
      } else if (waiting.size > 0) {
        const [key, { program, abort, ended }] = [...waiting][next(waiting.size)]!;
        waiting.delete(key);
        model.leave(key, program);
        abort.abort();
        t.is(await ended, 'cancelled');
      }
      for (const key of model.granted.splice(0)) t.is(await waiting.get(key)?.ended, 'granted', `grant of ${key}`);
      t.is(permits.inUse, model.inUse);
      t.is(permits.queued, waiting.size);
      for (const program of 'abcd') t.is(permits.inUseBy(program), model.line(program).inUse);
    }
    for (const { abort } of waiting.values()) abort.abort();
    for (const permit of held.values()) release(permit);
    await permits.drain();
    t.is(permits.inUse, 0);
    t.is(permits.queued, 0);
  });
}
