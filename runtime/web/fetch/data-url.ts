// `data:` URLs as answers of `fetch`: pure, no op. Lazy.
import { base64Decode } from '../bytes/base64.ts';
import { latin1Decode, utf8Encode } from '../bytes/utf8.ts';
import {
  NumberParseInt,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  subarray,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { bytesBody } from './body-extract.ts';
import type { Bytes } from './host-body.ts';
import { parseMime, serializeMime } from './mime.ts';
import { makeResponse, type Response } from './response.ts';

const PERCENT = 0x25;

/** @throws TypeError when the URL has no comma or its base64 is damaged */
export const dataResponse = (url: string, method: string): Response => {
  const hash = StringPrototypeIndexOf(url, '#');
  const text = hash < 0 ? url : StringPrototypeSlice(url, 0, hash);
  const comma = StringPrototypeIndexOf(text, ',');
  if (comma < 0) throw new TypeError(`fetch: "${url}" is not a valid data: URL`);
  let type = trimmed(StringPrototypeSlice(text, 5, comma));
  let bytes = percentDecoded(StringPrototypeSlice(text, comma + 1));
  const base64 = RegExpPrototypeExec(/;[ ]*base64$/i, type);
  if (base64 !== null) {
    bytes = decoded64(bytes, url);
    type = StringPrototypeSlice(type, 0, base64.index);
  }
  if (StringPrototypeStartsWith(type, ';')) type = `text/plain${type}`;
  const mime = parseMime(type);
  return makeResponse({
    type: 'basic',
    status: 200,
    statusText: 'OK',
    url: text,
    redirected: false,
    list: ['content-type', mime === undefined ? 'text/plain;charset=US-ASCII' : serializeMime(mime)],
    headers: undefined,
    guard: 'immutable',
    body: method === 'HEAD' ? undefined : bytesBody(bytes),
  });
};

const decoded64 = (bytes: Bytes, url: string): Bytes => {
  const decoded = base64Decode(latin1Decode(bytes));
  if (decoded === null) throw new TypeError(`fetch: the base64 of "${url}" is damaged`);
  return decoded;
};

const trimmed = (text: string): string =>
  (RegExpPrototypeExec(/^[ ]*(.*?)[ ]*$/, text) as RegExpExecArray)[1] as string;

const percentDecoded = (text: string): Bytes => {
  const bytes = utf8Encode(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === PERCENT ? StringPrototypeSlice(text, i + 1, i + 3) : '';
    const coded = RegExpPrototypeExec(/^[0-9a-fA-F]{2}$/, hex) !== null;
    bytes[length] = coded ? NumberParseInt(hex, 16) : (bytes[i] as number);
    length += 1;
    if (coded) i += 2;
  }
  return new Uint8Array(subarray(bytes, 0, length));
};
