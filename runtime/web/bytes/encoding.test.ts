import test from 'ava';
import { TextDecoder, TextEncoder } from './encoding.ts';

const bytes = (...values: number[]) => new Uint8Array(values);

test('TextEncoder.encode() makes a string of its argument, undefined is none', (t) => {
  const encoder = new TextEncoder();
  t.is(encoder.encoding, 'utf-8');
  t.deepEqual(encoder.encode('é'), bytes(0xc3, 0xa9));
  t.deepEqual(encoder.encode(undefined), bytes());
  t.deepEqual(encoder.encode(12 as unknown as string), bytes(0x31, 0x32));
  t.throws(() => TextEncoder.prototype.encode.call({} as never, 'a'), { instanceOf: TypeError });
});

test('TextEncoder.encodeInto() wants a Uint8Array', (t) => {
  const target = new Uint8Array(3);
  t.deepEqual(new TextEncoder().encodeInto('aéb', target), { read: 2, written: 3 });
  t.deepEqual(target, bytes(0x61, 0xc3, 0xa9));
  for (const other of [new Uint8ClampedArray(3), new ArrayBuffer(3), [0, 0, 0]]) {
    t.throws(() => new TextEncoder().encodeInto('a', other as never), { instanceOf: TypeError });
  }
});

test('new TextDecoder() knows labels in any case and within spaces, and refuses others', (t) => {
  for (const [label, name] of [
    ['UTF8', 'utf-8'],
    [' \tutf-8\n', 'utf-8'],
    ['unicode-1-1-utf-8', 'utf-8'],
    ['latin1', 'windows-1252'],
    ['ISO-8859-8-I', 'iso-8859-8-i'],
    ['Shift-JIS', 'shift_jis'],
    ['unicode', 'utf-16le'],
  ] as const) {
    t.is(new TextDecoder(label).encoding, name);
  }
  for (const label of ['', 'utf', 'replacement', 'iso-2022-kr', 'utf-8\0', '\u00a0utf-8', 'utf-32', 'ut\u212a-8']) {
    t.throws(() => new TextDecoder(label), { instanceOf: RangeError }, label);
  }
});

test('TextDecoder.decode() takes buffers and views, and nothing else', (t) => {
  const decoder = new TextDecoder();
  const all = bytes(0x61, 0x62, 0x63, 0x64);
  t.is(decoder.decode(all.buffer), 'abcd');
  t.is(decoder.decode(all.subarray(1, 3)), 'bc');
  t.is(decoder.decode(new DataView(all.buffer, 2)), 'cd');
  t.is(decoder.decode(new Uint16Array(all.buffer)), 'abcd');
  t.is(decoder.decode(), '');
  for (const other of ['text', [97], null, {}]) {
    t.throws(() => decoder.decode(other as never), { instanceOf: TypeError });
  }
});

test('TextDecoder.decode() joins the pieces of a stream wherever they are cut', (t) => {
  const text = '\ufeffaé日\u{1f308}\ufeff';
  for (const [label, all] of [
    ['utf-8', Buffer.from(text)],
    ['utf-16le', Buffer.from(text, 'utf16le')],
    ['utf-16be', Buffer.from(text, 'utf16le').swap16()],
  ] as const) {
    for (let first = 0; first <= all.length; first++) {
      for (let second = first; second <= all.length; second++) {
        const decoder = new TextDecoder(label, { fatal: true });
        const pieces = [
          decoder.decode(all.subarray(0, first), { stream: true }),
          decoder.decode(all.subarray(first, second), { stream: true }),
          decoder.decode(all.subarray(second)),
        ];
        t.is(pieces.join(''), text.slice(1), `${label} ${first} ${second}`);
      }
    }
  }
});

test('TextDecoder.decode() forgets the stream after the last piece', (t) => {
  const decoder = new TextDecoder();
  t.is(decoder.decode(bytes(0xe2, 0x82), { stream: true }), '');
  t.is(decoder.decode(), '\ufffd');
  t.is(decoder.decode(bytes(0xac)), '\ufffd');
  t.is(decoder.decode(bytes(0xef, 0xbb, 0xbf, 0x61)), 'a');
});

test('TextDecoder.decode() copies what it holds back', (t) => {
  const decoder = new TextDecoder();
  const piece = bytes(0xe2, 0x82);
  decoder.decode(piece, { stream: true });
  piece.fill(0x61);
  t.is(decoder.decode(bytes(0xac)), '€');
});

test('TextDecoder with ignoreBOM keeps the mark, of which only the first goes without it', (t) => {
  const marked = bytes(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf);
  t.is(new TextDecoder('utf-8', { ignoreBOM: true }).decode(marked), '\ufeff\ufeff');
  t.is(new TextDecoder().decode(marked), '\ufeff');
  t.true(new TextDecoder('utf-8', { ignoreBOM: true }).ignoreBOM);
  const decoder = new TextDecoder();
  t.is(decoder.decode(bytes(0xef), { stream: true }) + decoder.decode(bytes(0xbb, 0xbf), { stream: true }), '');
  t.is(decoder.decode(marked.subarray(0, 3)), '\ufeff');
});

test('TextDecoder with fatal throws a TypeError, and works on', (t) => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  t.true(decoder.fatal);
  t.throws(() => decoder.decode(bytes(0xff)), { instanceOf: TypeError });
  t.is(decoder.decode(bytes(0x61)), 'a');
  t.is(decoder.decode(bytes(0xc3), { stream: true }), '');
  t.throws(() => decoder.decode(), { instanceOf: TypeError });
  t.is(decoder.decode(bytes(0x62)), 'b');
});

test('TextDecoder wants its options to be an object', (t) => {
  t.throws(() => new TextDecoder('utf-8', 'fatal' as never), { instanceOf: TypeError });
  t.notThrows(() => new TextDecoder('utf-8', null as never));
});
