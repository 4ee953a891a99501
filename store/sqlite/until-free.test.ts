import test from 'ava';
import { untilFree } from './until-free.ts';

const busy = () => Object.assign(new Error('database is locked'), { errcode: 5 });

test('untilFree() gives what the first free attempt gives', async (t) => {
  let tries = 0;
  const attempt = () => {
    if (++tries < 4) throw busy();
    return tries;
  };
  t.is(await untilFree(attempt, { everyMs: 1, forMs: 10_000 }), 4);
});

test('untilFree() throws any other error at once', async (t) => {
  let tries = 0;
  const attempt = () => {
    tries++;
    throw new Error('disk I/O error');
  };
  await t.throwsAsync(untilFree(attempt, { everyMs: 1, forMs: 10_000 }), { message: 'disk I/O error' });
  t.is(tries, 1);
});

test('untilFree() gives up after forMs with the error of the lock', async (t) => {
  let tries = 0;
  const attempt = () => {
    tries++;
    throw busy();
  };
  await t.throwsAsync(untilFree(attempt, { everyMs: 5, forMs: 50 }), { message: 'database is locked' });
  t.true(tries > 1 && tries <= 11, `${tries} tries`);
});
