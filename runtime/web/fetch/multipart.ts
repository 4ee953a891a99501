// `multipart/form-data` in both directions (RFC 7578 as the Fetch and HTML standards use it). The reader searches with
// native string functions in a text of one character per byte, and never holds more than what it was given. Lazy.
import { blobBytes, blobType, fileOver } from '../bytes/blob.ts';
import { latin1Decode, utf8DecodeWithoutBom, utf8Encode } from '../bytes/utf8.ts';
import {
  ArrayPrototypePush,
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  subarray,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { addEntry, FormData, type FormDataEntry, formEntries } from './form-data.ts';
import type { Bytes } from './host-body.ts';

const PARAMETER = /;[\t ]*([^=;"]+?)[\t ]*=[\t ]*(?:"([^"]*)"|([^;"]*))/g;

/** The entries of a form as one body. */
export const writeMultipart = (form: FormData, boundary: string): Bytes => {
  const parts: Bytes[] = [];
  const entries = formEntries(form);
  for (let i = 0; i < entries.length; i++) writeEntry(entries[i] as FormDataEntry, boundary, parts);
  ArrayPrototypePush(parts, utf8Encode(`--${boundary}--\r\n`));
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += TypedArrayPrototypeGetLength(parts[i]);
  const all = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    TypedArrayPrototypeSet(all, parts[i] as Bytes, at);
    at += TypedArrayPrototypeGetLength(parts[i]);
  }
  return all;
};

const writeEntry = (entry: FormDataEntry, boundary: string, parts: Bytes[]): void => {
  const name = entry[0];
  const value = entry[1];
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrlf(name))}"`;
  if (typeof value === 'string') {
    ArrayPrototypePush(parts, utf8Encode(`${head}\r\n\r\n${withCrlf(value)}\r\n`));
    return;
  }
  const type = blobType(value) || 'application/octet-stream';
  ArrayPrototypePush(
    parts,
    utf8Encode(`${head}; filename="${escaped(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`),
    blobBytes(value),
    utf8Encode('\r\n'),
  );
};

/** Every line ending as CR LF. */
const withCrlf = (text: string): string => {
  if (StringPrototypeIndexOf(text, '\r') < 0 && StringPrototypeIndexOf(text, '\n') < 0) return text;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === '\r') {
      out += '\r\n';
      if (text[i + 1] === '\n') i += 1;
    } else out += character === '\n' ? '\r\n' : character;
  }
  return out;
};

const escaped = (text: string): string => {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    out += character === '"' ? '%22' : character === '\r' ? '%0D' : character === '\n' ? '%0A' : character;
  }
  return out;
};

/** @throws TypeError that says what is missing and where */
export const readMultipart = (bytes: Bytes, boundary: string): FormData => {
  const text = latin1Decode(bytes);
  const delimiter = `--${boundary}`;
  const form = new FormData();
  let at = start(text, delimiter);
  for (;;) {
    if (StringPrototypeStartsWith(text, '--', at)) return form;
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (!StringPrototypeStartsWith(text, '\r\n', at)) throw malformed('no line end after a boundary', at);
    // An empty head is the line end of the boundary and the empty line.
    const headEnd = StringPrototypeIndexOf(text, '\r\n\r\n', at);
    if (headEnd < 0) throw malformed('a part without the end of its head', at);
    const end = StringPrototypeIndexOf(text, `\r\n${delimiter}`, headEnd + 2);
    if (end < 0) throw malformed('a part without an end', at);
    const body = headEnd + 4 <= end ? subarray(bytes, headEnd + 4, end) : new Uint8Array(0);
    readPart(StringPrototypeSlice(text, at + 2, headEnd), body, form, at);
    at = end + 2 + delimiter.length;
  }
};

/** Behind the first boundary. */
const start = (text: string, delimiter: string): number => {
  if (StringPrototypeStartsWith(text, delimiter)) return delimiter.length;
  const at = StringPrototypeIndexOf(text, `\r\n${delimiter}`);
  if (at < 0) throw malformed('no boundary', 0);
  return at + 2 + delimiter.length;
};

const readPart = (head: string, body: Bytes, form: FormData, at: number): void => {
  const disposition = field(head, 'content-disposition');
  if (disposition === undefined || !StringPrototypeStartsWith(StringPrototypeToLowerCase(disposition), 'form-data')) {
    throw malformed('a part without "content-disposition: form-data"', at);
  }
  const name = dispositionParameter(disposition, 'name');
  if (name === undefined) throw malformed('a part without a name', at);
  const filename = dispositionParameter(disposition, 'filename');
  if (filename === undefined) addEntry(form, name, utf8DecodeWithoutBom(body));
  else addEntry(form, name, fileOver(new Uint8Array(body), filename, field(head, 'content-type') ?? 'text/plain'));
};

/** The value of a header field of a part, without the space around it. */
const field = (head: string, name: string): string | undefined => {
  for (let at = 0; at < head.length; ) {
    const lineEnd = StringPrototypeIndexOf(head, '\r\n', at);
    const end = lineEnd < 0 ? head.length : lineEnd;
    const colon = StringPrototypeIndexOf(head, ':', at);
    if (colon >= 0 && colon < end && StringPrototypeToLowerCase(StringPrototypeSlice(head, at, colon)) === name) {
      const value = RegExpPrototypeExec(/^[\t ]*(.*?)[\t ]*$/s, StringPrototypeSlice(head, colon + 1, end));
      return (value as RegExpExecArray)[1];
    }
    at = end + 2;
  }
  return undefined;
};

/** A parameter of the disposition, as UTF-8, with the three escapes of browsers undone. */
const dispositionParameter = (disposition: string, name: string): string | undefined => {
  PARAMETER.lastIndex = 0;
  for (;;) {
    const found = RegExpPrototypeExec(PARAMETER, disposition);
    if (found === null) return undefined;
    if (StringPrototypeToLowerCase(found[1] as string) !== name) continue;
    return utf8DecodeWithoutBom(bytesOfLatin1(unescaped(found[2] ?? (found[3] as string))));
  }
};

const unescaped = (text: string): string => {
  if (StringPrototypeIndexOf(text, '%') < 0) return text;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const code = text[i] === '%' ? StringPrototypeToLowerCase(StringPrototypeSlice(text, i + 1, i + 3)) : '';
    const plain = code === '22' ? '"' : code === '0d' ? '\r' : code === '0a' ? '\n' : undefined;
    out += plain ?? text[i];
    if (plain !== undefined) i += 2;
  }
  return out;
};

const bytesOfLatin1 = (text: string): Bytes => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = StringPrototypeCharCodeAt(text, i);
  return bytes;
};

const malformed = (what: string, at: number): TypeError => new TypeError(`formData: ${what} (near byte ${at})`);
