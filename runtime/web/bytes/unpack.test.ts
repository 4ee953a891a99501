import test from 'ava';
import { pack, zigzag } from '../../tables/pack.ts';
import { DIGITS, FINAL, unpack, unzigzag } from './unpack.ts';

function readAll(text: string): number[] {
  const read = unpack(text);
  const numbers: number[] = [];
  for (let number = read(); number !== undefined; number = read()) numbers.push(number);
  return numbers;
}

test('unpack() reads back what pack() has written', (t) => {
  const numbers = [0, 1, FINAL - 1, FINAL, FINAL + 1, 2115, 2116, 2117, 65_535, 0x10ffff, 2 ** 40, 0];
  t.deepEqual(readAll(pack(numbers)), numbers);
  const many = Array.from({ length: 5000 }, (_, index) => index * 7);
  t.deepEqual(readAll(pack(many)), many);
  t.deepEqual(readAll(''), []);
});

test('pack() takes one character for small numbers and refuses what is no natural number', (t) => {
  t.is(pack([0, FINAL - 1]).length, 2);
  for (const bad of [-1, 1.5, Number.NaN]) t.throws(() => pack([bad]), { instanceOf: RangeError });
});

test('DIGITS need no escapes in a literal', (t) => {
  t.is(new Set(DIGITS).size, DIGITS.length);
  t.notRegex(DIGITS, /['"\\$]|[^ -~]/);
});

test('unzigzag() undoes zigzag()', (t) => {
  for (let number = -300; number <= 300; number++) t.is(unzigzag(zigzag(number)), number);
  t.deepEqual([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
});
