// The text of a configuration (JSON with comments and trailing commas) as a value that knows where each part stands.
// Refuses what JSON readers let pass in silence: keys given twice, `__proto__`, nesting without end.
import {
  createScanner,
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
interface Place {
  line: number;
  column: number;
}

/** Something that is wrong in a configuration. */
export interface Problem extends Partial<Place> {
  key: string;
  /** A whole sentence. */
  text: string;
}

export interface ConfigDocument {
  value: Record<string, unknown>;
  /** Where the key of that path stands; undefined when the document lacks it. */
  placeOf(path: Path): Place | undefined;
  /** What is written there, at most 60 characters; undefined when the document lacks it. */
  writtenAt(path: Path): string | undefined;
}

const DEPTH_MAX = 64;

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'unknown word',
  InvalidNumberFormat: 'malformed number',
  PropertyNameExpected: 'a key in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing brace is expected',
  CloseBracketExpected: 'a closing bracket is expected',
  EndOfFileExpected: 'the file should end here',
  UnexpectedEndOfComment: 'a comment does not end',
  UnexpectedEndOfString: 'a string does not end',
  UnexpectedEndOfNumber: 'a number does not end',
  InvalidUnicode: 'malformed \\u in a string',
  InvalidEscapeCharacter: 'unknown escape in a string',
  InvalidCharacter: 'control character in a string',
};

/** @returns the document, or what keeps it from being one */
export function parseDocument(given: string): ConfigDocument | Problem[] {
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  const lines = lineStarts(text);
  const at = (offset: number): Place => placeAt(lines, offset);
  const tooDeep = findTooDeep(text);
  if (tooDeep !== undefined) {
    return [
      {
        key: '',
        text: `The configuration is nested deeper than ${DEPTH_MAX} levels (line ${at(tooDeep).line}).`,
        ...at(tooDeep),
      },
    ];
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const error = errors[0];
  if (error !== undefined) {
    const place = at(error.offset);
    const what = SYNTAX[printParseErrorCode(error.error)] ?? 'malformed';
    return [
      {
        key: '',
        text: `The configuration is not JSON (line ${place.line}, column ${place.column}): ${what}.`,
        ...place,
      },
    ];
  }
  if (root?.type !== 'object')
    return [{ key: '', text: 'The configuration must be a JSON object.', line: 1, column: 1 }];

  const problems: Problem[] = [];
  const value = valueOf(root, [], (path, node, text) => {
    problems.push({
      key: showPath(path),
      text: `"${showPath(path)}" (line ${at(node.offset).line}) ${text}.`,
      ...at(node.offset),
    });
  });
  if (problems.length > 0) return problems;
  return {
    value: value as Record<string, unknown>,
    placeOf: (path) => {
      const node = findNode(root, path);
      return node && at(keyNode(node).offset);
    },
    writtenAt: (path) => {
      const node = findNode(root, path);
      if (node === undefined) return undefined;
      const written =
        node.children === undefined ? text.slice(node.offset, node.offset + node.length) : compact(node, text);
      return written.length > 60 ? `${written.slice(0, 57)}...` : written;
    },
  };
}

/** `routes[0].pattern`. */
export function showPath(path: Path): string {
  let shown = '';
  for (const part of path) shown += typeof part === 'number' ? `[${part}]` : shown === '' ? part : `.${part}`;
  return shown.length > 120 ? `${shown.slice(0, 117)}...` : shown;
}

function findNode(root: Node, path: Path): Node | undefined {
  return path.length === 0 ? root : findNodeAtLocation(root, [...path]);
}

/** A member is where its key is, an element is where it begins. */
function keyNode(node: Node): Node {
  return node.parent?.type === 'property' ? node.parent : node;
}

/** Arrays and objects on one line, without comments. */
function compact(node: Node, text: string): string {
  if (node.type === 'array') return `[${(node.children ?? []).map((child) => compact(child, text)).join(', ')}]`;
  if (node.type === 'object') return `{${(node.children ?? []).map((child) => compact(child, text)).join(', ')}}`;
  if (node.type === 'property') return (node.children ?? []).map((child) => compact(child, text)).join(': ');
  return text.slice(node.offset, node.offset + node.length);
}

function valueOf(node: Node, path: Path, refuse: (path: Path, node: Node, text: string) => void): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map((child, index) => valueOf(child, [...path, index], refuse));
  if (node.type !== 'object') return node.value;
  const object: Record<string, unknown> = {};
  for (const property of children) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    const here = [...path, name];
    if (name === '__proto__') refuse(here, key, 'cannot be used as a key');
    else if (Object.hasOwn(object, name)) refuse(here, key, 'is given twice');
    else object[name] = valueOf(value, here, refuse);
  }
  return object;
}

/** The parser is recursive: a file of brackets must not be the end of its process. */
function findTooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  // Kinds 1 and 3 open, 2 and 4 close, 17 is the end (a const enum, which type stripping cannot look into).
  for (let kind: number = scanner.scan(); kind !== 17; kind = scanner.scan()) {
    if (kind === 1 || kind === 3) depth += 1;
    else if (kind === 2 || kind === 4) depth -= 1;
    if (depth > DEPTH_MAX) return scanner.getTokenOffset();
  }
  return undefined;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function placeAt(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - starts[low]! + 1 };
}
