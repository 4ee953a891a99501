import { EventEmitter } from 'node:events';
import test from 'ava';
import { TineError } from '#sandbox';
import { Channel, type ChannelEnd } from './channel.ts';

class End extends EventEmitter {
  other: End | undefined;
  failsWith: Error | undefined;

  send(message: unknown, callback?: (error: Error | null) => void): boolean {
    setImmediate(() => {
      if (this.failsWith === undefined) this.other?.emit('message', structuredClone(message));
      callback?.(this.failsWith ?? null);
    });
    return true;
  }
}

function pair(handlers: Record<string, (argument: never) => unknown> = {}) {
  const [a, b] = [new End(), new End()];
  a.other = b;
  b.other = a;
  new Channel(b as unknown as ChannelEnd, handlers);
  return { asking: new Channel(a as unknown as ChannelEnd, {}), a };
}

test('ask() gives what the handler of the other side gives, each answer to its question', async (t) => {
  const { asking } = pair({
    double: (n: number) => n * 2,
    nothing: () => undefined,
    later: async (n: number) => `later ${n}`,
  });
  const answers = await Promise.all([
    asking.ask('double', 4),
    asking.ask('later', 1),
    asking.ask('double', 5),
    asking.ask('nothing'),
  ]);
  t.deepEqual(answers, [8, 'later 1', 10, undefined]);
});

test('ask() throws what the handler throws, with code and details', async (t) => {
  const details = { text: 'why', line: 3 };
  const { asking } = pair({
    ours: () => {
      throw new TineError('not_found', 'there is none', { details });
    },
    strange: () => {
      throw new TypeError('odd');
    },
  });
  t.like(await t.throwsAsync(asking.ask('ours')), { code: 'not_found', message: 'there is none', details });
  t.like(await t.throwsAsync(asking.ask('strange')), { code: 'internal', message: 'odd' });
  t.like(await t.throwsAsync(asking.ask('unknown')), { code: 'internal' });
});

test('ask() throws when the other side goes away before it has answered, and from then on at once', async (t) => {
  const { asking, a } = pair({ never: () => new Promise(() => {}) });
  const asked = [asking.ask('never'), asking.ask('never')];
  a.emit('disconnect');
  a.emit('disconnect');
  for (const each of asked) await t.throwsAsync(each, { message: /has ended/ });
  await t.throwsAsync(asking.ask('never'), { message: /has ended/ });
});

test('ask() throws when it cannot be sent', async (t) => {
  const { asking, a } = pair();
  a.failsWith = new Error('EPIPE');
  await t.throwsAsync(asking.ask('x'), { message: /has ended/ });
});

test('an answer that nobody waits for is ignored', async (t) => {
  const { asking, a } = pair({ echo: (value: string) => value });
  a.emit('message', { kind: 'answer', id: 99, value: 1 });
  t.is(await asking.ask('echo', 'x'), 'x');
});
