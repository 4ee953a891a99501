import test from 'ava';
import { startFake, tine } from '../fake-control.ts';

const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];

test('tine promote gives all requests, or a share', async (t) => {
  const { control, env } = await startFake(t);
  control.seed('shop', [{ [A]: 100 }, { [B]: 100 }]);
  t.is(
    (await tine('/', ['promote', 'shop', 'aaaaaaaaaaaa', '--percent', '25'], env)).out,
    'shop serves bbbbbbbbbbbb 75 %, aaaaaaaaaaaa 25 % (before: bbbbbbbbbbbb)',
  );
  t.deepEqual(control.programs.get('shop')?.traffic, { [B]: 75, [A]: 25 });
  await tine('/', ['promote', 'shop', 'aaaa'], env);
  t.deepEqual(control.programs.get('shop')?.traffic, { [A]: 100 });
  t.regex((await tine('/', ['promote', 'shop', 'ffff'], env)).err, /^"shop" has no version ffff/);
});
