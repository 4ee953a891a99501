import test from 'ava';
import { parseHost, parseOpaqueHost } from './host.ts';

test('parseHost() reads IPv4 addresses in every form', (t) => {
  for (const [text, wanted] of [
    ['127.0.0.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['0177.0.0.01', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['1.2.3.4.', '1.2.3.4'],
    ['0x', '0.0.0.0'],
    ['%31%32%37.1', '127.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['4294967296', null],
    ['256.1', null],
    ['1.2.3.256', null],
    ['1.2.3.4.5', null],
    ['1..2', null],
    ['08', null],
    ['0xg', '0xg'],
    ['1.2.3.4..', '1.2.3.4..'],
    ['a.1b', 'a.1b'],
    ['a.09', null],
  ] as const) {
    t.is(parseHost(text), wanted, text);
  }
});

test('parseHost() reads IPv6 addresses and shortens the first longest run of zeros', (t) => {
  for (const [text, wanted] of [
    ['[::1]', '[::1]'],
    ['[1:0:0:2:0:0:0:3]', '[1:0:0:2::3]'],
    ['[1:0:0:2:3:0:0:4]', '[1::2:3:0:0:4]'],
    ['[0:1:0:1:0:1:0:1]', '[0:1:0:1:0:1:0:1]'],
    ['[ABCD::]', '[abcd::]'],
    ['[::ffff:1.2.3.4]', '[::ffff:102:304]'],
    ['[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7:0]'],
    ['[::]', '[::]'],
    ['[1:2:3:4:5:6:7:8:9]', null],
    ['[1:2]', null],
    ['[1::2::3]', null],
    ['[1:2:3:4:5:6:7:]', null],
    [`[${'0:'.repeat(7)}1.2.3.4]`, null],
    ['[::1.2.3]', null],
    ['[::1.2.3.256]', null],
    ['[::01.2.3.4]', null],
    ['[:1]', null],
    ['[12345::]', null],
    ['[::g]', null],
    ['[::1', null],
    ['[]', null],
  ] as const) {
    t.is(parseHost(text), wanted, text);
  }
});

test('parseHost() refuses what no domain may hold', (t) => {
  for (const text of ['', 'a b', 'a%', 'a%00b', 'a%2fb', 'a<b', 'a|b', 'a^b', '%ff', 'a\x7f', '%', '\u00ad']) {
    t.is(parseHost(text), null, JSON.stringify(text));
  }
  t.is(parseHost("A_b~!$&'()*+,;=.C"), "a_b~!$&'()*+,;=.c");
});

test('parseOpaqueHost() keeps letters as they are and encodes what is not ASCII', (t) => {
  t.is(parseOpaqueHost('ExÄmple%20'), 'Ex%C3%84mple%20');
  t.is(parseOpaqueHost('1.2.3'), '1.2.3');
  t.is(parseOpaqueHost('[::1]'), '[::1]');
  t.is(parseOpaqueHost(''), '');
  t.is(parseOpaqueHost('a b'), null);
  t.is(parseOpaqueHost('a\0'), null);
});
