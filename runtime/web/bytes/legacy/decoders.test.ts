import test from 'ava';
import { TextDecoder as Decoder } from '../encoding.ts';
import { encodingOf } from './decoders.ts';
import { LABELS } from './labels.ts';

const decode = (label: string, bytes: number[], fatal = false) =>
  new Decoder(label, { fatal }).decode(new Uint8Array(bytes));

const EACH = LABELS.map((labels) => labels.split(' ')[0]!);

test('encodingOf() knows every label as Node knows it', (t) => {
  let count = 0;
  for (const label of LABELS.flatMap((labels) => labels.split(' '))) {
    let wanted: string | undefined;
    try {
      wanted = new TextDecoder(label).encoding;
    } catch {
      // Node has no replacement either, but lacks x-user-defined in some builds
    }
    count++;
    if (wanted !== undefined) t.is(encodingOf(label), wanted, label);
    else if (label !== 'x-user-defined') t.throws(() => encodingOf(label), { instanceOf: RangeError }, label);
  }
  t.is(count, 228);
  t.is(EACH.length, 40);
});

test('single-byte encodings decode ASCII as it is, and their upper half as Node does', (t) => {
  const ascii = Array.from({ length: 128 }, (_, code) => code);
  const upper = ascii.map((code) => code + 128);
  for (const label of EACH.filter((name) => /^(iso-8859|windows|koi8|ibm|mac|x-mac)/.test(name))) {
    t.is(decode(label, ascii), String.fromCharCode(...ascii), label);
    t.is(decode(label, upper), new TextDecoder(label).decode(new Uint8Array(upper)), label);
  }
  t.is(decode('windows-1252', [0x80, 0x81, 0xe4]), '€\u0081ä');
  t.is(decode('x-user-defined', [0x41, 0x80, 0xff]), 'A\uf780\uf7ff');
});

test('single-byte encodings replace holes, or throw', (t) => {
  t.is(decode('windows-1253', [0x41, 0xaa]), 'A\ufffd');
  t.throws(() => decode('windows-1253', [0x41, 0xaa], true), { instanceOf: TypeError });
  const long = Array.from({ length: 20_000 }, () => 0xe4);
  t.is(decode('latin1', long), 'ä'.repeat(20_000));
});

test('gb18030 and gbk decode all pairs and ranges as Node does', (t) => {
  for (const label of ['gbk', 'gb18030']) {
    for (let lead = 0x80; lead < 0x100; lead++) {
      const row: number[] = [];
      for (let trail = 0; trail < 0x100; trail++) row.push(lead, trail, 0x0a);
      t.is(decode(label, row), new TextDecoder(label).decode(new Uint8Array(row)), `${label} ${lead}`);
    }
  }
  t.is(decode('gb18030', [0x81, 0x30, 0x81, 0x30]), '\u0080');
  t.is(decode('gb18030', [0x90, 0x30, 0x81, 0x30]), '\u{10000}');
  t.is(decode('gb18030', [0xe3, 0x32, 0x9a, 0x35]), '\u{10ffff}');
  t.is(decode('gb18030', [0xe3, 0x32, 0x9a, 0x36]), '\ufffd');
  t.is(decode('gb18030', [0x81, 0x35, 0xf4, 0x37]), '\ue7c7');
  t.is(decode('gb18030', [0x81, 0x30, 0x81, 0x41]), `\ufffd0${decode('gb18030', [0x81, 0x41])}`);
  t.is(decode('gb18030', [0x81, 0x30, 0x81]), '\ufffd');
});

// texts and their bytes, as other software writes them
const SAMPLES: [label: string, text: string, hex: string][] = [
  ['gbk', '中文€', 'd6d0cec480'],
  ['big5', '中文', 'a4a4a4e5'],
  ['big5', 'Ê̄Ê̌ê̄ê̌', '8862886488a388a5'],
  ['big5', '\u{20547}', 'fa40'],
  ['euc-jp', '日本語ｱ丂', 'c6fccbdcb8ec8eb18fb0a1'],
  ['shift_jis', '日本語ｱ\\\ue000', '93fa967b8ceab15cf040'],
  ['iso-2022-jp', '日本語¥‾ｱ', '1b2442467c4b5c386c1b284a5c7e1b284931'],
  ['euc-kr', '한국어갂', 'c7d1b1b9beee8141'],
];

test('the multi-byte encodings decode their samples, however they are cut', (t) => {
  for (const [label, text, hex] of SAMPLES) {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    t.is(new Decoder(label, { fatal: true }).decode(bytes), text, label);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = new Decoder(label);
      const first = decoder.decode(bytes.subarray(0, cut), { stream: true });
      t.is(first + decoder.decode(bytes.subarray(cut)), text, `${label} cut at ${cut}`);
    }
  }
});

test('a lead byte before ASCII is one mistake, and the ASCII is kept', (t) => {
  for (const label of ['gbk', 'big5', 'euc-jp', 'shift_jis', 'euc-kr']) {
    t.is(decode(label, [0x81, 0x0a, 0x41]), '\ufffd\nA', label);
    t.is(decode(label, [0x41, 0xe0]), 'A\ufffd', label);
    t.throws(() => decode(label, [0xff], true), { instanceOf: TypeError }, label);
  }
});

test('iso-2022-jp reports escape sequences that are none, or that change nothing', (t) => {
  const label = 'iso-2022-jp';
  t.is(decode(label, [0x1b, 0x24]), '\ufffd$');
  t.is(decode(label, [0x1b, 0x28, 0x41]), '\ufffd(A');
  t.is(decode(label, [0x1b]), '\ufffd');
  t.is(decode(label, [0x1b, 0x28, 0x42, 0x1b, 0x28, 0x42, 0x41]), '\ufffdA');
  t.is(decode(label, [0x1b, 0x24, 0x42, 0x30]), '\ufffd');
  t.is(decode(label, [0x0e, 0x41, 0x80]), '\ufffdA\ufffd');
  t.is(decode(label, [0x1b, 0x24, 0x42, 0x30, 0x1b, 0x28, 0x42, 0x41]), '\ufffdA');
});

test('utf-16 takes a lone half of a pair, and half a unit, as mistakes', (t) => {
  t.is(decode('utf-16le', [0x41, 0x00, 0x3d, 0xd8]), 'A\ufffd');
  t.is(decode('utf-16le', [0x3d, 0xd8, 0x41]), '\ufffd');
  t.is(decode('utf-16be', [0xd8, 0x3d, 0x00, 0x41]), '\ufffdA');
  t.is(decode('utf-16be', [0xdf, 0x08]), '\ufffd');
  t.is(decode('utf-16le', [0x41]), '\ufffd');
  t.throws(() => decode('utf-16le', [0x41], true), { instanceOf: TypeError });
  t.throws(() => decode('utf-16le', [0x3d, 0xd8, 0x41, 0x00], true), { instanceOf: TypeError });
  t.is(
    decode(
      'utf-16be',
      Array.from({ length: 40_001 }, (_, i) => (i % 2 ? 0x61 : 0)),
    ),
    `${'a'.repeat(20_000)}\ufffd`,
  );
});
