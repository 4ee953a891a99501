// MIME types as the MIME Sniffing standard parses and writes them. Lazy.
import {
  ArrayPrototypePush,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';

export interface MimeType {
  /** `type/subtype` in lower case. */
  essence: string;
  /** Names in lower case and values in turn, the first of each name. */
  parameters: string[];
}

/** Undefined when the text is no MIME type. */
export const parseMime = (text: string): MimeType | undefined => {
  const input = trimmed(text);
  const semicolon = StringPrototypeIndexOf(input, ';');
  const essence = RegExpPrototypeExec(
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t\n\r ]*$/,
    semicolon < 0 ? input : StringPrototypeSlice(input, 0, semicolon),
  );
  if (essence === null) return undefined;
  const mime: MimeType = { essence: StringPrototypeToLowerCase(essence[1] as string), parameters: [] };
  let at = semicolon < 0 ? input.length : semicolon;
  while (at < input.length) at = parameter(input, at + 1, mime.parameters);
  return mime;
};

/** Undefined when there is no such parameter; `name` in lower case. */
export const parameterOf = ({ parameters }: MimeType, name: string): string | undefined => {
  for (let i = 0; i < parameters.length; i += 2) if (parameters[i] === name) return parameters[i + 1];
  return undefined;
};

export const serializeMime = ({ essence, parameters }: MimeType): string => {
  let text = essence;
  for (let i = 0; i < parameters.length; i += 2) {
    const value = parameters[i + 1] as string;
    text += `;${parameters[i]}=${RegExpPrototypeExec(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, value) === null ? quoted(value) : value}`;
  }
  return text;
};

const trimmed = (text: string): string => {
  const start = (RegExpPrototypeExec(/^[\t\n\r ]*/, text) as RegExpExecArray)[0].length;
  const end = (RegExpPrototypeExec(/[\t\n\r ]*$/, text) as RegExpExecArray).index;
  return end > start ? StringPrototypeSlice(text, start, end) : '';
};

/** Reads one parameter that begins at `start`; gives where its semicolon is, or the length. */
const parameter = (input: string, start: number, into: string[]): number => {
  const stop = firstOf(input, start, ';', '=');
  if (stop === input.length || input[stop] === ';') return stop;
  const name = StringPrototypeToLowerCase(trimmedStart(StringPrototypeSlice(input, start, stop)));
  let at = stop + 1;
  let value: string;
  if (input[at] === '"') {
    const string = quotedString(input, at);
    value = string.value;
    at = firstOf(input, string.end, ';', ';');
  } else {
    at = firstOf(input, at, ';', ';');
    value = trimmed(`x${StringPrototypeSlice(input, stop + 1, at)}`);
    value = StringPrototypeSlice(value, 1);
    if (value === '') return at;
  }
  if (
    RegExpPrototypeExec(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, name) === null ||
    RegExpPrototypeExec(/^[\t -~\x80-\xff]*$/, value) === null
  )
    return at;
  if (parameterOf({ essence: '', parameters: into }, name) === undefined) ArrayPrototypePush(into, name, value);
  return at;
};

const trimmedStart = (text: string): string =>
  StringPrototypeSlice(text, (RegExpPrototypeExec(/^[\t\n\r ]*/, text) as RegExpExecArray)[0].length);

const firstOf = (input: string, from: number, a: string, b: string): number => {
  let at = from;
  while (at < input.length && input[at] !== a && input[at] !== b) at += 1;
  return at;
};

/** From the opening quote on. */
const quotedString = (input: string, start: number): { value: string; end: number } => {
  let value = '';
  let at = start + 1;
  for (; at < input.length && input[at] !== '"'; at++) {
    if (input[at] === '\\' && at + 1 < input.length) at += 1;
    value += input[at];
  }
  return { value, end: at < input.length ? at + 1 : at };
};

const quoted = (value: string): string => {
  let text = '"';
  for (let i = 0; i < value.length; i++) text += value[i] === '"' || value[i] === '\\' ? `\\${value[i]}` : value[i];
  return `${text}"`;
};
