import test from 'ava';
import { ChaCha } from './chacha.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('ChaCha.fill() gives the key stream of RFC 8439 (appendix A.1, vectors 1 and 2)', (t) => {
  const bytes = new Uint8Array(128);
  new ChaCha(new Uint32Array(8)).fill(bytes);
  t.is(
    hex(bytes.subarray(0, 64)),
    '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
  );
  t.is(
    hex(bytes.subarray(64)),
    '9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f',
  );
});

test('ChaCha.fill() does not depend on how the stream is cut', (t) => {
  const key = Uint32Array.from({ length: 8 }, (_, i) => i * 0x01010101);
  const whole = new Uint8Array(200);
  new ChaCha(key).fill(whole);
  const pieces = new ChaCha(key);
  let text = '';
  for (const length of [1, 0, 62, 1, 7, 100, 29]) {
    const piece = new Uint8Array(length);
    pieces.fill(piece);
    text += hex(piece);
  }
  t.is(text, hex(whole));
});
