import test from 'ava';
import { File } from '../bytes/blob.ts';
import { FormData } from './form-data.ts';
import { readMultipart, writeMultipart } from './multipart.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (of: Uint8Array) => new TextDecoder().decode(of);
const read = (body: string) => readMultipart(bytes(body), 'B');
const part = (head: string, body: string) => `--B\r\n${head}\r\n\r\n${body}\r\n`;
const field = (name: string, body: string) => part(`Content-Disposition: form-data; name="${name}"`, body);

test('writeMultipart() writes fields and files as browsers do', (t) => {
  const form = new FormData();
  form.append('a', 'x\ny\r\nz\r');
  form.append('q"\r\n', new File(['data'], 'f"\n.txt', { type: 'text/plain' }));
  form.append('é', new File([], '名'));
  t.is(
    text(writeMultipart(form, 'B')),
    '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\ny\r\nz\r\n\r\n' +
      '--B\r\nContent-Disposition: form-data; name="q%22%0D%0A"; filename="f%22%0A.txt"\r\nContent-Type: text/plain\r\n\r\ndata\r\n' +
      '--B\r\nContent-Disposition: form-data; name="é"; filename="名"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n' +
      '--B--\r\n',
  );
  t.is(text(writeMultipart(new FormData(), 'B')), '--B--\r\n');
});

test('readMultipart() gives back what writeMultipart() wrote', async (t) => {
  const binary = Uint8Array.from({ length: 1024 }, (_, i) => i % 256);
  const form = new FormData();
  form.append('é"', '名\r\n\ud83d\ude00');
  form.append('', '');
  form.append('file', new File([binary], 'a"b.bin', { type: 'x/y' }));
  form.append('tricky', '\r\n--b\r\n--\r\n');
  const back = readMultipart(writeMultipart(form, 'B'), 'B');
  t.deepEqual([...back.keys()], ['é"', '', 'file', 'tricky']);
  t.is(back.get('é"'), '名\r\n\ud83d\ude00');
  t.is(back.get(''), '');
  t.is(back.get('tricky'), '\r\n--b\r\n--\r\n');
  const file = back.get('file') as File;
  t.deepEqual([file.name, file.type], ['a"b.bin', 'x/y']);
  t.deepEqual(await file.bytes(), binary);
});

test('readMultipart() takes what is allowed: a preamble, an epilogue, padding, unquoted names, other fields', (t) => {
  t.is(read(`preamble\r\n${field('a', '1')}--B--`).get('a'), '1');
  t.is(read(`${field('a', '1')}--B--\r\nepilogue`).get('a'), '1');
  t.is(read(`--B \t\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--`).get('a'), '1');
  t.is(read(`${part('content-disposition:form-data;name=a', '1')}--B--`).get('a'), '1');
  t.is(read(`${part('X-Y: z\r\nCONTENT-DISPOSITION:  Form-Data ; NAME = "a"', '1')}--B--`).get('a'), '1');
  t.is(read(`${field('a', '\ufeff1')}--B--`).get('a'), '\ufeff1');
  t.deepEqual([...read('--B--')], []);
  const file = read(`${part('Content-Disposition: form-data; name="f"; filename=""', 'x')}--B--`).get('f') as File;
  t.deepEqual([file.name, file.type], ['', 'text/plain']);
});

test('readMultipart() is not misled by a name inside a value of the disposition', (t) => {
  const form = read(`${part('Content-Disposition: form-data; filename="; name=x"; name="a"', '1')}--B--`);
  t.deepEqual([...form.keys()], ['a']);
  t.is((form.get('a') as File).name, '; name=x');
});

test('readMultipart() refuses what is no form, naming the place', (t) => {
  const bad: Record<string, string> = {
    'no boundary': 'abc',
    'nothing at all': '',
    'another boundary': '--C\r\n',
    'no line end after a boundary': '--Bx',
    'a boundary and nothing': '--B',
    'no end of the head': '--B\r\nContent-Disposition: form-data; name="a"\r\n',
    'no end of the part': '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    'no last boundary': field('a', '1'),
    'no disposition': `${part('Content-Type: text/plain', '1')}--B--`,
    'another disposition': `${part('Content-Disposition: attachment; name="a"', '1')}--B--`,
    'no name': `${part('Content-Disposition: form-data; filename="a"', '1')}--B--`,
  };
  for (const [what, body] of Object.entries(bad)) {
    t.throws(() => read(body), { instanceOf: TypeError, message: /^formData: .* \(near byte \d+\)$/ }, what);
  }
});
