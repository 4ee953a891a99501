import test from 'ava';
import { startFake, tine } from '../fake-control.ts';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

test('tine rollback goes back state by state, then says that there is none', async (t) => {
  const { control, env } = await startFake(t);
  control.seed('shop', [{ [A]: 100 }, { [B]: 100 }, { [B]: 90, [C]: 10 }]);
  const run = async (): Promise<string> => {
    const { out, err } = await tine('/', ['rollback', 'shop'], env);
    return out || err;
  };
  t.is(await run(), 'shop serves bbbbbbbbbbbb (before: bbbbbbbbbbbb 90 %, cccccccccccc 10 %)');
  t.is(await run(), 'shop serves aaaaaaaaaaaa (before: bbbbbbbbbbbb)');
  t.is(await run(), '"shop" has no version before: `tine versions shop` lists them');
  t.deepEqual(control.programs.get('shop')?.traffic, { [A]: 100 });
});

test('tine rollback goes to a version by its first digits', async (t) => {
  const { control, env } = await startFake(t);
  control.seed('shop', [{ [A]: 100 }, { [B]: 100 }, { [C]: 100 }]);
  const { out } = await tine('/', ['rollback', 'shop', 'aaaaaaaaaaaa', '--json'], env);
  t.deepEqual(JSON.parse(out), { program: 'shop', from: { [C]: 100 }, to: { [A]: 100 } });
  t.deepEqual(control.programs.get('shop')?.traffic, { [A]: 100 });
});
