// ls, versions, promote, rollback and delete, against a control plane in memory.
import test from 'ava';
import { startFake, tine } from '../fake-control.ts';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

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
