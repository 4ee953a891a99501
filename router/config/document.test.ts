import test from 'ava';
import { type ConfigDocument, type Problem, parseDocument, showPath } from './document.ts';

function parsed(text: string): ConfigDocument {
  const document = parseDocument(text);
  if (Array.isArray(document)) throw new Error(document[0]?.text);
  return document;
}

function problem(text: string): Problem | undefined {
  const document = parseDocument(text);
  return Array.isArray(document) ? document[0] : undefined;
}

test('parseDocument() takes comments, trailing commas and a byte order mark', (t) => {
  t.deepEqual(parsed('\ufeff{ // one\n "a": [1, 2,], /* two */ "b": {"c": null,},\n}').value, {
    a: [1, 2],
    b: { c: null },
  });
});

test('parseDocument() knows where keys and elements stand', (t) => {
  const document = parsed('{\n  "a": {\r\n    "b": [1,\n      {"c": 2}]\n  }\n}');
  t.deepEqual(document.placeOf(['a']), { line: 2, column: 3 });
  t.deepEqual(document.placeOf(['a', 'b']), { line: 3, column: 5 });
  t.deepEqual(document.placeOf(['a', 'b', 1]), { line: 4, column: 7 });
  t.deepEqual(document.placeOf(['a', 'b', 1, 'c']), { line: 4, column: 8 });
  t.is(document.placeOf(['a', 'x']), undefined);
  t.is(document.placeOf(['a', 'b', 9]), undefined);
});

test('parseDocument() tells what is written, on one line, cut at 60 characters', (t) => {
  const document = parsed(`{"s": "x", "n": 1e400, "o": {"a": [1, /* c */ 2],\n "b": true}, "l": "${'y'.repeat(100)}"}`);
  t.is(document.writtenAt(['s']), '"x"');
  t.is(document.writtenAt(['n']), '1e400');
  t.is(document.writtenAt(['o']), '{"a": [1, 2], "b": true}');
  t.is(document.writtenAt(['l']), `"${'y'.repeat(56)}...`);
  t.is(document.writtenAt(['absent']), undefined);
});

for (const [text, wanted] of [
  ['{"a" 1}', /^The configuration is not JSON \(line 1, column 6\): a colon is expected\.$/],
  ['{"a": 1 "b": 2}', /a comma is expected/],
  ['{a: 1}', /not JSON/],
  ["{'a': 1}", /not JSON/],
  ['{"a": 1', /a closing brace is expected/],
  ['{"a": [1}', /a closing bracket is expected|a comma is expected/],
  ['{"a": "\n"}', /a string does not end/],
  ['{"a": 1} x', /the file should end here|unknown word/],
  ['{"a": /* ', /not JSON/],
  ['{"a": "\\q"}', /unknown escape/],
  ['', /a value is expected/],
  ['[]', /^The configuration must be a JSON object\.$/],
  ['"x"', /must be a JSON object/],
  ['null', /must be a JSON object/],
] as const) {
  test(`parseDocument() refuses ${JSON.stringify(text)}`, (t) => {
    t.regex(problem(text)?.text ?? '', wanted);
    t.is(problem(text)?.line, 1);
  });
}

test('parseDocument() gives line and column of an error on a later line', (t) => {
  t.like(problem('{\n  "a": 1\n  "b": 2\n}'), { line: 3, column: 3 });
});

test('parseDocument() refuses a key that is given twice, which readers of JSON let pass', (t) => {
  t.like(problem('{"a": {"b": 1,\n"b": 2}}'), {
    key: 'a.b',
    text: '"a.b" (line 2) is given twice.',
    line: 2,
    column: 1,
  });
});

test('parseDocument() refuses __proto__ wherever it is', (t) => {
  t.is(
    problem('{"vars": {"x": [{"__proto__": {"a": 1}}]}}')?.text,
    '"vars.x[0].__proto__" (line 1) cannot be used as a key.',
  );
  t.is(({} as Record<string, unknown>)['a'], undefined);
});

test('parseDocument() takes keys that objects inherit for what they are', (t) => {
  t.deepEqual(Object.keys(parsed('{"constructor": 1, "toString": 2, "hasOwnProperty": 3}').value), [
    'constructor',
    'toString',
    'hasOwnProperty',
  ]);
});

test('parseDocument() survives nesting without end', (t) => {
  t.regex(problem('['.repeat(200_000))?.text ?? '', /nested deeper than 64 levels/);
  t.regex(problem('{"a":'.repeat(200_000))?.text ?? '', /nested deeper than 64 levels/);
  t.is(problem(`{"a": ${'['.repeat(63)}${']'.repeat(63)}}`), undefined);
});

test('showPath() writes keys with dots and elements in brackets', (t) => {
  t.is(showPath(['env', 'staging', 'routes', 0, 'pattern']), 'env.staging.routes[0].pattern');
  t.is(showPath([]), '');
  t.is(showPath(['x'.repeat(500)]).length, 120);
});
