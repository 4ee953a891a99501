// What bodies do with forms and with the type of a body: the door to `FormData`, multipart and MIME types. Lazy.
import { utf8Decode } from '../bytes/utf8.ts';
import { NumberPrototypeToString, StringPrototypeSlice, TypeError } from '../primordials.ts';
import { random } from '../random.ts';
import { parseForm as parsePairs } from '../url/search-params.ts';
import { addEntry, FormData } from './form-data.ts';
import type { Bytes } from './host-body.ts';
import { parameterOf, parseMime, serializeMime } from './mime.ts';
import { readMultipart, writeMultipart } from './multipart.ts';

/** A form as the bytes of a body, and their type. */
export const encodeForm = (form: FormData): { bytes: Bytes; type: string } => {
  const boundary = `----tineFormBoundary${digits()}${digits()}`;
  return { bytes: writeMultipart(form, boundary), type: `multipart/form-data; boundary=${boundary}` };
};

const digits = (): string => StringPrototypeSlice(NumberPrototypeToString(random(), 36), 2, 12);

/** `formData()`. @throws TypeError when the type is none of the two of forms, or the bytes are no form */
export const parseForm = (bytes: Bytes, contentType: string | null): FormData => {
  const mime = contentType === null ? undefined : parseMime(contentType);
  if (mime?.essence === 'multipart/form-data') {
    const boundary = parameterOf(mime, 'boundary');
    if (boundary === undefined) throw new TypeError('formData: the content-type has no boundary');
    return readMultipart(bytes, boundary);
  }
  if (mime?.essence !== 'application/x-www-form-urlencoded') {
    throw new TypeError(
      `formData: the content-type must be multipart/form-data or application/x-www-form-urlencoded, got ${contentType ?? 'none'}`,
    );
  }
  const form = new FormData();
  const pairs = parsePairs(utf8Decode(bytes));
  for (let i = 0; i < pairs.length; i += 2) addEntry(form, pairs[i] as string, pairs[i + 1] as string);
  return form;
};

/** The type of a blob made of a body. */
export const serializedType = (contentType: string | null): string => {
  const mime = contentType === null ? undefined : parseMime(contentType);
  return mime === undefined ? '' : serializeMime(mime);
};
