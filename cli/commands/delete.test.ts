import test from 'ava';
import { startFake, tine } from '../fake-control.ts';

const A = 'a'.repeat(64);

test('tine delete asks for the name, and does nothing without it', async (t) => {
  const { control, env } = await startFake(t);
  control.seed('shop', [{ [A]: 100 }]);
  const unasked = await tine('/', ['delete', 'shop'], env);
  t.is(unasked.code, 1);
  t.is(unasked.err, 'Deleting "shop" must be confirmed: there is no terminal to ask, so say --yes');
  t.deepEqual(await tine('/', ['delete', 'shop'], env, 'y'), { code: 1, out: '', err: 'Nothing was deleted' });
  t.true(control.programs.has('shop'));
  t.is((await tine('/', ['delete', 'shop'], env, ' shop ')).out, 'shop is deleted');
  t.false(control.programs.has('shop'));
});

test('tine delete --yes does not ask', async (t) => {
  const { control, env } = await startFake(t);
  control.seed('shop', [{ [A]: 100 }]);
  t.deepEqual(JSON.parse((await tine('/', ['delete', 'shop', '--yes', '--json'], env)).out), { deleted: 'shop' });
  t.is(control.programs.size, 0);
});
