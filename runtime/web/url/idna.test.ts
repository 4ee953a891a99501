import test from 'ava';
import { domainToAscii } from './idna.ts';
import { fold } from './idna-fold.ts';
import { punycodeDecode, punycodeEncode } from './punycode.ts';

test('domainToAscii() maps, composes and encodes', (t) => {
  t.is(domainToAscii('Bücher.Example'), 'xn--bcher-kva.example');
  t.is(domainToAscii('bu\u0308cher.example'), 'xn--bcher-kva.example');
  t.is(domainToAscii('日本。jp'), 'xn--wgv71a.jp');
  t.is(domainToAscii('faß.de'), 'xn--fa-hia.de');
  t.is(domainToAscii('a\u00adb'), 'ab');
  t.is(domainToAscii('①②.⒌'), null);
  t.is(domainToAscii('㎏.com'), 'kg.com');
});

test('domainToAscii() refuses encoded names that decode to nothing new', (t) => {
  for (const name of ['xn--', 'xn--a', 'xn--abc-', 'xn--zca\u00e4', 'xn--ASCII-', 'xn--a-ecp.\u00e4.xn--']) {
    t.is(domainToAscii(name), null, name);
  }
  // the Punycode of capital A umlaut, which is not in the form that mapping gives
  t.is(domainToAscii(`xn--${punycodeEncode('Ä')}`), null);
});

test('domainToAscii() refuses marks at the start, unassigned code points and lone surrogates', (t) => {
  for (const name of ['\u0301a', 'a\u0378', 'a\ud800', '\ue000', 'a\ufffd', '\u2028b']) {
    t.is(domainToAscii(name), null, JSON.stringify(name));
  }
});

test('domainToAscii() lets joiners stand where the script needs them only', (t) => {
  t.not(domainToAscii('\u0915\u094d\u200d\u0937'), null);
  t.not(domainToAscii('\u0628\u200c\u0628'), null);
  t.not(domainToAscii('\u0628\u064b\u200c\u064b\u0628'), null);
  t.is(domainToAscii('a\u200cb'), null);
  t.is(domainToAscii('\u0628\u200d\u0628'), null);
  t.is(domainToAscii('\u200c\u0628'), null);
  t.is(domainToAscii('\u0627\u200c\u0628'), null, 'alef joins to the right only');
});

test('domainToAscii() holds right-to-left names to the bidi rule', (t) => {
  t.not(domainToAscii('\u05d0\u05d1.com'), null);
  t.not(domainToAscii('\u05d01'), null);
  t.is(domainToAscii('1\u05d0'), null);
  t.is(domainToAscii('\u05d0a'), null);
  t.is(domainToAscii('a.1.\u05d0'), null, 'a label that begins with a digit, in a name that is bidi by another');
  t.is(domainToAscii('\u0661\u0628'), null);
  t.is(domainToAscii('\u06281\u0661'), null, 'digits of both kinds');
});

test('fold() leaves valid characters and gives the mapping of others', (t) => {
  for (const same of ['a', 'ß', 'ς', 'ı', 'Ꭰ', 'é', '日']) t.is(fold(same), same);
  for (const [from, to] of [
    ['A', 'a'],
    ['ẞ', 'ß'],
    ['ꭰ', 'Ꭰ'],
    ['ᏸ', 'Ᏸ'],
    ['ﬁ', 'fi'],
    ['。', '.'],
    ['ᾳ', 'αι'],
    ['İ', 'i\u0307'],
  ] as const) {
    t.is(fold(from), to);
  }
});

test('punycodeEncode() and punycodeDecode() agree on the samples of RFC 3492', (t) => {
  for (const [text, code] of [
    ['ليهمابتكلموشعربي؟', 'egbpdaj6bu4bxfgehfvwxn'],
    ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
    ['Pročprostěnemluvíčesky', 'Proprostnemluvesky-uyb24dma41a'],
    ['3年B組金八先生', '3B-ww4c5e180e575a65lsy2b'],
    ['-> $1.00 <-', '-> $1.00 <--'],
    ['\u{1f308}', 'og8h'],
  ] as const) {
    t.is(punycodeEncode(text), code);
    t.is(punycodeDecode(code), text);
  }
  t.is(punycodeEncode('a\ud800'), null);
  for (const bad of ['a!b-x_', '99999999', 'zz', '\u00e4']) t.is(punycodeDecode(bad), null, bad);
});
