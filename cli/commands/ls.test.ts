import test from 'ava';
import { startFake, tine } from '../fake-control.ts';

const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];

test('tine ls lists programs with what they serve', async (t) => {
  const { control, env } = await startFake(t);
  t.is((await tine('/', ['ls'], env)).out, 'no programs: `tine deploy <file>` makes the first');
  control.seed('shop', [{ [A]: 100 }, { [A]: 90, [B]: 10 }]);
  const { code, out } = await tine('/', ['ls'], env);
  t.is(code, 0);
  t.deepEqual(
    out.split('\n').map((line) => line.split(/ {2,}/)),
    [
      ['PROGRAM', 'SERVES', 'CREATED', 'URL'],
      ['shop', 'aaaaaaaaaaaa 90 %, bbbbbbbbbbbb 10 %', '2026-01-01T00:00:00Z', 'http://shop.localhost:8787/'],
    ],
  );
  t.like((JSON.parse((await tine('/', ['ls', '--json'], env)).out) as { items: unknown[] }).items[0], {
    name: 'shop',
    traffic: { [A]: 90, [B]: 10 },
  });
});
