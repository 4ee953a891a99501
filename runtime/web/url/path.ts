// Paths of the URL parser: segments, dots, and the drive letters of files.

import {
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';
import { percentEncode } from './percent.ts';
import { isSpecial, type UrlRecord } from './record.ts';

/** Where the first slash is, or the length. A backslash is one when the scheme is special. */
export function slashIn(url: UrlRecord, text: string): number {
  const slash = StringPrototypeIndexOf(text, '/');
  const end = slash < 0 ? text.length : slash;
  const backslash = isSpecial(url) ? StringPrototypeIndexOf(text, '\\') : -1;
  return backslash < 0 || backslash > end ? end : backslash;
}

/** "Path start state": what follows an authority. */
export function startPath(url: UrlRecord, text: string): void {
  if (text !== '' && slashIn(url, text) === 0) appendPath(url, StringPrototypeSlice(text, 1));
  else if (text !== '' || isSpecial(url)) appendPath(url, text);
}

/** "Path state": `text` is one segment or more, without the slash before it. */
export function appendPath(url: UrlRecord, text: string): void {
  const path = percentEncode(text, 'path');
  // neither segments of dots nor slashes of another kind, nor drives
  const isPlain =
    url.scheme !== 'file' &&
    path[0] !== '.' &&
    StringPrototypeIndexOf(path, '/.') < 0 &&
    StringPrototypeIndexOf(path, '%2e') < 0 &&
    StringPrototypeIndexOf(path, '%2E') < 0 &&
    StringPrototypeIndexOf(path, '\\') < 0;
  if (isPlain) {
    url.path += `/${path}`;
    return;
  }
  for (let rest = path; ; ) {
    const end = slashIn(url, rest);
    const segment = StringPrototypeSlice(rest, 0, end);
    const isLast = end === rest.length;
    const dots = RegExpPrototypeExec(/^(?:\.|%2e)(\.|%2e)?$/i, segment);
    if (dots === null) {
      const isDrive = url.scheme === 'file' && url.path === '' && RegExpPrototypeExec(/^[a-z][:|]$/i, segment) !== null;
      url.path += isDrive ? `/${segment[0]}:` : `/${segment}`;
    } else {
      if (dots[1] !== undefined) shorten(url);
      if (isLast) url.path += '/';
    }
    if (isLast) return;
    rest = StringPrototypeSlice(rest, end + 1);
  }
}

/** Drops the last segment; a lone drive letter of a file stays. */
export function shorten(url: UrlRecord): void {
  if (url.scheme === 'file' && RegExpPrototypeExec(/^\/[a-z]:$/i, url.path) !== null) return;
  const slash = StringPrototypeLastIndexOf(url.path, '/');
  if (slash >= 0) url.path = StringPrototypeSlice(url.path, 0, slash);
}
