import test from 'ava';
import {
  latin1Decode,
  utf8Decode,
  utf8DecodeWithoutBom,
  utf8Encode,
  utf8EncodeInto,
  utf8Length,
  utf8Prefix,
} from './utf8.ts';

const SAMPLES = [
  '',
  'plain ASCII',
  'é',
  'Grüße, 日本 \u{1f308}',
  '\u{1f308}'.repeat(5000),
  `${'a'.repeat(16_383)}é${'b'.repeat(20_000)}日`,
  '\0\x7f\x80\u07ff\u0800\uffff\u{10000}\u{10ffff}',
];

test('utf8Encode() gives what Node gives, and U+FFFD for lone surrogates', (t) => {
  for (const text of [...SAMPLES, '\ud800', 'a\udc00b', '\ud800\ud800\udc00', 'x\ud83d']) {
    const wanted = new Uint8Array(Buffer.from(text, 'utf8'));
    t.deepEqual(utf8Encode(text), wanted);
    t.is(utf8Length(text), wanted.length);
  }
});

test('utf8Encode() works when a guest has replaced charCodeAt', (t) => {
  const { charCodeAt } = String.prototype;
  let calls = 0;
  String.prototype.charCodeAt = () => {
    calls++;
    return 0;
  };
  let bytes: Uint8Array;
  try {
    bytes = utf8Encode('aé');
  } finally {
    String.prototype.charCodeAt = charCodeAt;
  }
  t.deepEqual([...bytes], [0x61, 0xc3, 0xa9]);
  t.is(calls, 0);
});

test('utf8EncodeInto() writes whole characters only', (t) => {
  for (const [text, room, read, written] of [
    ['abc', 2, 2, 2],
    ['aé', 2, 1, 1],
    ['aé', 3, 2, 3],
    ['日', 2, 0, 0],
    ['a\u{1f308}b', 4, 1, 1],
    ['a\u{1f308}b', 5, 3, 5],
    ['\ud800', 3, 1, 3],
    ['', 3, 0, 0],
  ] as const) {
    const target = new Uint8Array(room);
    t.deepEqual(utf8EncodeInto(text, target), { read, written }, text);
    t.is(new TextDecoder().decode(target.subarray(0, written)), text.slice(0, read).toWellFormed());
  }
});

test('utf8Decode() reads back what was encoded, across chunks', (t) => {
  for (const text of SAMPLES) t.is(utf8Decode(new Uint8Array(Buffer.from(text))), text);
});

test('utf8Decode() drops one byte order mark, utf8DecodeWithoutBom() none', (t) => {
  const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61]);
  t.is(utf8Decode(bytes), '\ufeffa');
  t.is(utf8DecodeWithoutBom(bytes), '\ufeff\ufeffa');
  t.is(utf8Decode(bytes.subarray(0, 3)), '');
});

test('utf8Decode() replaces what is not UTF-8 as Node does, for all sequences of interesting bytes', (t) => {
  const interesting = [
    0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xf5, 0xff,
  ];
  const native = new TextDecoder('utf-8', { ignoreBOM: true });
  const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const wrong: number[][] = [];
  const check = (...bytes: number[]) => {
    const array = new Uint8Array(bytes);
    if (utf8DecodeWithoutBom(array) !== native.decode(array)) wrong.push(bytes);
    let fails = false;
    let ours = false;
    try {
      strict.decode(array);
    } catch {
      fails = true;
    }
    try {
      utf8DecodeWithoutBom(array, 'throw');
    } catch {
      ours = true;
    }
    if (fails !== ours) wrong.push(bytes);
  };
  for (const a of interesting) {
    for (const b of interesting) {
      check(a, b);
      for (const c of interesting) check(a, b, c, 0x41);
    }
  }
  for (const c of interesting) for (const d of interesting) for (const e of interesting) check(0xf0, 0x9f, c, d, e);
  t.deepEqual(wrong, []);
});

test('utf8DecodeWithoutBom() throws a TypeError when malformed bytes are to throw', (t) => {
  t.throws(() => utf8DecodeWithoutBom(new Uint8Array([0xff]), 'throw'), { instanceOf: TypeError });
});

test('utf8DecodeWithoutBom() finds no seams: a chunk ends before a character, also in malformed bytes', (t) => {
  const native = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const tail of [
    [0xf0, 0x9f, 0x8c, 0x88],
    [0x80, 0x80, 0x80, 0x80, 0x80],
    [0xe2, 0x82, 0xe2, 0x82, 0xac],
  ]) {
    for (let start = 16_376; start <= 16_386; start++) {
      const bytes = new Uint8Array(16_400).fill(0x61);
      bytes.set(tail, start);
      t.is(utf8DecodeWithoutBom(bytes), native.decode(bytes), `${tail} at ${start}`);
    }
  }
});

test('latin1Decode() gives a character per byte', (t) => {
  const bytes = new Uint8Array(20_000).map((_, index) => index);
  t.is(latin1Decode(bytes), Buffer.from(bytes).toString('latin1'));
});

test('utf8Prefix() tells how much of a character is there', (t) => {
  t.is(utf8Prefix(new Uint8Array([0x61]), 0), 1);
  t.is(utf8Prefix(new Uint8Array([0xe2, 0x82]), 0), 2);
  t.is(utf8Prefix(new Uint8Array([0xe2, 0x82, 0xac]), 0), 3);
  t.is(utf8Prefix(new Uint8Array([0xe0, 0x80]), 0), 1);
  t.is(utf8Prefix(new Uint8Array([0x80]), 0), 0);
});
