import test from 'ava';
import type { z } from 'zod';
import * as is from './schema-parts.ts';

function complaints(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
}

for (const [title, schema, good, bad, wanted] of [
  ['integer()', is.integer(1, 3), [1, 2, 3], [0, 4, 1.5, '1', null, undefined, Number.NaN], 'an integer from 1 to 3'],
  ['share()', is.share(), [0, 0.5, 1], [-0.1, 1.1, '0.5', Number.POSITIVE_INFINITY], 'a number from 0 to 1'],
  ['text()', is.text(), ['', 'x'], [1, null], 'a string'],
  ['filled()', is.filled(), ['x'], ['', 1], 'a string that is not empty'],
  ['flag()', is.flag(), [true, false], ['true', 0], 'true or false'],
  ['oneOf()', is.oneOf(['a', 'b']), ['a', 'b'], ['c', 1], '"a" or "b"'],
  ['list()', is.list(is.text(), 'words'), [[], ['x']], ['x', {}], 'words'],
  ['dictionary()', is.dictionary(is.text(), 'pairs'), [{}, { a: 'b' }], ['x', []], 'pairs'],
  ['object()', is.object({ a: is.text().optional() }), [{}, { a: 'x' }], ['x', [], null], 'an object'],
  ['anything()', is.anything(), [null, 1, 'x', [{ a: [true] }]], [undefined, () => 1], 'Invalid input'],
  ['bindingName()', is.bindingName(), ['KV', '_x', '$1'], ['1x', 'a-b', ''], 'a JavaScript identifier'],
] as [string, z.ZodType, unknown[], unknown[], string][]) {
  test(`${title} complains with the words that follow "must be"`, (t) => {
    for (const value of good) t.deepEqual(complaints(schema, value), [], String(value));
    for (const value of bad) t.is(complaints(schema, value)[0], wanted, String(value));
  });
}

test('object() names its keys when it meets another', (t) => {
  const schema = is.object({ one: is.text().optional(), two: is.text().optional() });
  t.deepEqual(complaints(schema, { three: 1 }), [`${is.KNOWN_KEYS}one two`]);
});
