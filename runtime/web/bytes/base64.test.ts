import { randomBytes } from 'node:crypto';
import test from 'ava';
import expected from '../wpt/base64.expected.json' with { type: 'json' };
import table from '../wpt/base64.json' with { type: 'json' };
import { differs, runTable } from '../wpt/table.ts';
import { atob, base64Decode, base64Encode, btoa } from './base64.ts';

test('atob() passes base64.json', (t) => {
  const cases = (table as [string, number[] | null][]).map(([input, output]) => ({
    name: JSON.stringify(input),
    run: () => {
      let found: number[] | null = null;
      try {
        found = Array.from(atob(input), (character) => character.charCodeAt(0));
      } catch (error) {
        const problem = differs('name', (error as Error).name, 'InvalidCharacterError');
        if (problem !== undefined) return problem;
      }
      return differs('result', found, output);
    },
  }));
  runTable(t, cases, expected);
});

test('base64Encode() and base64Decode() agree with Node for every length up to 100 and around a chunk', (t) => {
  const lengths = [...Array(100).keys(), 24_575, 24_576, 24_577, 24_578, 100_000];
  for (const length of lengths) {
    const bytes = new Uint8Array(randomBytes(length));
    const text = Buffer.from(bytes).toString('base64');
    t.is(base64Encode(bytes), text, `length ${length}`);
    t.deepEqual(base64Decode(text), bytes, `length ${length}`);
    t.deepEqual(base64Decode(text.replace(/=+$/, '')), bytes, `length ${length} without padding`);
  }
});

test('base64Encode() reads only the bytes of a view', (t) => {
  t.is(base64Encode(new Uint8Array([1, 2, 3, 4, 5, 6]).subarray(1, 4)), 'AgME');
});

test('base64Decode() ignores ASCII whitespace in long texts', (t) => {
  const bytes = new Uint8Array(randomBytes(3000));
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,76}/g)!;
  t.deepEqual(base64Decode(lines.join('\r\n')), bytes);
});

test('btoa() takes characters up to U+00FF and refuses others', (t) => {
  const all = String.fromCharCode(...Array(256).keys());
  t.is(btoa(all), Buffer.from(all, 'latin1').toString('base64'));
  t.is(atob(btoa(all)), all);
  t.is(btoa(undefined as unknown as string), 'dW5kZWZpbmVk');
  const error = t.throws(() => btoa('\u0100'), { any: true }) as unknown as Error;
  t.is(error.name, 'InvalidCharacterError');
});

test('atob() and btoa() want an argument', (t) => {
  t.throws(() => (atob as () => string)(), { instanceOf: TypeError });
  t.throws(() => (btoa as () => string)(), { instanceOf: TypeError });
});
