import test from 'ava';
import { parameterOf, parseMime, serializeMime } from './mime.ts';

const round = (text: string) => {
  const mime = parseMime(text);
  return mime && serializeMime(mime);
};

test('parseMime() and serializeMime() give the normal form', (t) => {
  const cases: Record<string, string> = {
    'text/html': 'text/html',
    ' \t\r\nTEXT/HTML\n ': 'text/html',
    'text/html;charset=UTF-8': 'text/html;charset=UTF-8',
    'text/html ; Charset=utf-8': 'text/html;charset=utf-8',
    'text/html;charset="utf-8"': 'text/html;charset=utf-8',
    'text/html;charset="a b"': 'text/html;charset="a b"',
    'text/html;a="b\\"c"': 'text/html;a="b\\"c"',
    'text/html;charset=a;charset=b': 'text/html;charset=a',
    'text/html;;;a=b': 'text/html;a=b',
    'text/html;a': 'text/html',
    'text/html;a=': 'text/html',
    'text/html;a=""': 'text/html;a=""',
    'text/html;a="x"y;b=c': 'text/html;a=x;b=c',
    'text/html;a="x': 'text/html;a=x',
    'text/html;a= b ': 'text/html;a=" b"',
    'text/html;é=b;c=d': 'text/html;c=d',
    'text/html;a=\x01;c=d': 'text/html;c=d',
  };
  for (const [text, wanted] of Object.entries(cases)) t.is(round(text), wanted, JSON.stringify(text));
});

test('parseMime() refuses what has no type and subtype', (t) => {
  for (const text of ['', 'text', 'text/', '/html', 'te xt/html', 'text/ht ml', 'text/html/x', 'é/x', 'text /html']) {
    t.is(parseMime(text), undefined, text);
  }
});

test('parameterOf() finds by name in lower case', (t) => {
  const mime = parseMime('multipart/form-data; Boundary="a b"')!;
  t.is(parameterOf(mime, 'boundary'), 'a b');
  t.is(parameterOf(mime, 'charset'), undefined);
});
