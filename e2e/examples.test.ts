// The programs of `examples/`, as `tine serve --examples` deploys them: each answers, and the greeting names them all.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { start } from './start.ts';

const EXAMPLES = fileURLToPath(new URL('../examples', import.meta.url));

test('tine serve --examples deploys every example, and each of them answers', async (t) => {
  t.timeout(60_000);
  const names = readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  t.true(names.length >= 3);
  await using tine = await start({ args: ['--examples'] });
  await tine.log.until(
    'the last example',
    () => names.every((name) => tine.log.words.some((word) => word.includes(`//${name}.localhost`))),
    30_000,
  );
  for (const name of names) {
    t.true(
      tine.log.words.some((word) => word.includes(`curl http://${name}.localhost:${tine.dataPort}/`)),
      name,
    );
    const reply = await tine.fetch(name);
    t.true(reply.status < 400, `${name}: ${reply.status} ${reply.text.slice(0, 200)}`);
    t.true(reply.text.length > 0, name);
    t.is(reply.code, undefined, name);
  }
  const text = tine.log.words.join('\n');
  t.regex(text, /Control API +http/);
  t.false(text.includes(tine.token), 'the greeting says where the token is, not what it is');
});
