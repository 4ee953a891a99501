import test from 'ava';
import { type Field, isRowSha256, rowSha256 } from './check.ts';

test('rowSha256() differs for rows whose texts run together', (t) => {
  const rows: [string, ...Field[]][] = [
    ['t', 'ab', 'c'],
    ['t', 'a', 'bc'],
    ['t', 'abc'],
    ['t', 'abc', ''],
    ['ta', 'b', 'c'],
    ['t', '1'],
    ['t', 1],
    ['t', Buffer.from('1')],
    ['t', null],
    ['t', 'null'],
    ['t', 's2:ab'],
    ['t'],
  ];
  t.is(new Set(rows.map(([table, ...fields]) => rowSha256(table, ...fields).toString('hex'))).size, rows.length);
});

test('rowSha256() of a row never changes: databases depend on it', (t) => {
  const hash = rowSha256('programs', 'a', 1, Buffer.from([1, 2]), null).toString('hex');
  t.is(hash, 'c33d1482f90fd367c8e357e68972df7076c4d50ea0cb81bb942946e63e26108c');
});

test('isRowSha256() is true for the hash of the row, and for nothing else', (t) => {
  const hash = rowSha256('t', 'a', 1);
  t.true(isRowSha256(hash, 't', 'a', 1));
  t.true(isRowSha256(Uint8Array.from(hash), 't', 'a', 1));
  t.false(isRowSha256(hash, 't', 'a', 2));
  for (const other of [hash.subarray(1), hash.toString('hex'), null, undefined, 1])
    t.false(isRowSha256(other, 't', 'a', 1));
});
