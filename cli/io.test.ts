import test from 'ava';
import { plain, processIo } from './io.ts';

for (const [title, text, left] of [
  ['colours', '\x1b[31mred\x1b[0m', 'red'],
  ['a title of the window', '\x1b]0;pwned\x07x', 'x'],
  ['a link', '\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\', 'click'],
  ['the clipboard', '\x1b]52;c;cm0gLXJm\x07', ''],
  ['a cursor that moves up', 'a\x1b[2Ab', 'ab'],
  ['eight-bit controls', '\x9b31mx\x85', '31mx'],
  ['a backspace, a carriage return, a bell', 'a\b\r\x07b', 'ab'],
  ['nothing else', 'ä\n\t→ 100 %', 'ä\n\t→ 100 %'],
] as const) {
  test(`plain() takes out ${title}`, (t) => t.is(plain(text), left));
}

test('plain() is quick with an escape that never ends', (t) => {
  t.is(plain(`\x1b]${'x'.repeat(1_000_000)}`), '');
});

test('processIo() has nobody to ask without a terminal', (t) => {
  t.is(processIo().ask, undefined);
});
