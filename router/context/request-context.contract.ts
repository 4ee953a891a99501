// What every engine of the request context has to keep. Run by the test of each engine.
import { EventEmitter } from 'node:events';
import type { TestFn } from 'ava';
import type { RequestContext } from './request-context.ts';

export function requestContextContract(test: TestFn, engine: string, context: RequestContext): void {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  test(`${engine}: get() gives undefined outside of a request, and set() throws`, (t) => {
    t.is(context.get('requestId'), undefined);
    t.throws(() => context.set('requestId', 'x'), { message: /outside of a request/ });
  });

  test(`${engine}: run() keeps the values of requests that run at the same time apart`, async (t) => {
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        context.run(async () => {
          context.set('requestId', `r${n}`);
          await turn();
          await new Promise((resolve) => setTimeout(resolve, n % 5));
          await Promise.resolve();
          return context.get('requestId');
        }),
      ),
    );
    t.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, n) => `r${n}`),
    );
  });

  test(`${engine}: run() gives back what its function gives, and lets its error through`, (t) => {
    t.is(
      context.run(() => 7),
      7,
    );
    t.throws(
      () =>
        context.run(() => {
          throw new RangeError('mine');
        }),
      { message: 'mine' },
    );
    t.is(context.get('requestId'), undefined);
  });

  test(`${engine}: a nested run() starts empty and leaves the outer one alone`, (t) => {
    context.run(() => {
      context.set('requestId', 'outer');
      context.run(() => context.set('program', 'inner'));
      t.is(context.get('requestId'), 'outer');
      t.is(context.get('program'), undefined);
    });
  });

  test(`${engine}: bind() carries the context to whoever calls the function`, (t) => {
    const read = context.run(() => {
      context.set('program', 'bound');
      return context.bind(() => context.get('program'));
    });
    t.is(read(), 'bound');
  });

  test(`${engine}: bindEmitter() gives listeners the context in which they were added`, async (t) => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    context.run(() => {
      context.set('requestId', 'listener');
      context.bindEmitter(emitter);
      emitter.on('event', () => seen.push(context.get('requestId')));
    });
    await turn();
    emitter.emit('event');
    t.deepEqual(seen, ['listener']);
  });
}
