import test from 'ava';
import type { Io } from './io.ts';
import { printJson, printTable, printWarning, showBytes, showTime, showTraffic } from './print.ts';

function recorder(): Io & { outLines: string[]; errLines: string[] } {
  const outLines: string[] = [];
  const errLines: string[] = [];
  return {
    outLines,
    errLines,
    out: (line) => void outLines.push(line),
    err: (line) => void errLines.push(line),
    env: {},
    cwd: '/',
    ask: undefined,
  };
}

test('printTable() makes columns as wide as their widest cell', (t) => {
  const io = recorder();
  printTable(
    io,
    ['A', 'LONG'],
    [
      ['wide cell', 'x'],
      ['y', ''],
    ],
  );
  t.deepEqual(io.outLines, ['A          LONG', 'wide cell  x', 'y']);
});

test('printTable() and printWarning() print nothing that steers a terminal', (t) => {
  const io = recorder();
  printTable(io, ['A'], [['\x1b[31mx']]);
  printWarning(io, { text: '\x1b]0;t\x07careful', file: 'a.ts\x1b[2J', line: 3, column: 4 });
  t.deepEqual(io.outLines, ['A', 'x']);
  t.deepEqual(io.errLines, ['warning: careful (a.ts:3:4)']);
});

test('printWarning() without a place has none', (t) => {
  const io = recorder();
  printWarning(io, { text: 'careful' });
  t.deepEqual(io.errLines, ['warning: careful']);
});

test('printJson() prints one document', (t) => {
  const io = recorder();
  printJson(io, { a: [1] });
  t.deepEqual(JSON.parse(io.outLines.join('\n')), { a: [1] });
});

test('showTraffic() names versions by twelve digits, the largest share first', (t) => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  t.is(showTraffic({ [a]: 100 }), 'aaaaaaaaaaaa');
  t.is(showTraffic({ [a]: 10, [b]: 90 }), 'bbbbbbbbbbbb 90 %, aaaaaaaaaaaa 10 %');
  t.is(showTraffic({ [a]: 0 }), 'none');
  t.is(showTraffic({}), 'none');
});

test('showBytes() and showTime() are short', (t) => {
  t.deepEqual([0, 999, 1_000, 412_345, 10_000_000].map(showBytes), ['0 B', '999 B', '1.0 KB', '412.3 KB', '10.0 MB']);
  t.is(showTime(Date.UTC(2026, 10, 20, 1, 2, 3, 456)), '2026-11-20T01:02:03Z');
  t.is(showTime('2026-11-20T01:02:03.000Z'), '2026-11-20T01:02:03Z');
  t.is(showTime('soon'), 'soon');
});
