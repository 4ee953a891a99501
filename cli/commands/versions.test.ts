import test from 'ava';
import { startFake, tine } from '../fake-control.ts';

const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];

test('tine versions lists them with their share', async (t) => {
  const { control, env } = await startFake(t);
  control.seed('shop', [{ [A]: 100 }, { [B]: 100 }]);
  const { out } = await tine('/', ['versions', 'shop'], env);
  t.deepEqual(
    out.split('\n').map((line) => line.split(/ {2,}/)[0]),
    ['VERSION', 'bbbbbbbbbbbb', 'aaaaaaaaaaaa'],
  );
  t.regex(out, /bbbbbbbbbbbb {2}2026-01-01T\S+ {2}100 % {4}1\.2 KB {2}javascript/);
  const { items } = JSON.parse((await tine('/', ['versions', 'shop', '--json'], env)).out) as {
    items: { version: string; percent: number }[];
  };
  t.deepEqual(
    items.map(({ version, percent }) => [version, percent]),
    [
      [B, 100],
      [A, 0],
    ],
  );
});

test('commands about a program that does not exist fail with the text of the server', async (t) => {
  const { env } = await startFake(t);
  for (const args of [
    ['versions', 'x'],
    ['rollback', 'x'],
    ['promote', 'x', 'abcd'],
    ['delete', 'x', '--yes'],
  ]) {
    t.deepEqual(await tine('/', args, env), { code: 1, out: '', err: 'fixed text of not_found' }, args.join(' '));
  }
});
