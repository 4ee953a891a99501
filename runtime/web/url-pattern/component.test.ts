import test from 'ava';
import { compileComponent, matchesSpecialScheme } from './component.ts';
import { escapePattern, escapeRegExp, parseParts } from './parts.ts';

const PATH = { delimiter: '/', prefix: '/', ignoreCase: false };
const PLAIN = { delimiter: '', prefix: '', ignoreCase: false };
const same = (text: string) => text;

test('parseParts() gives a group the slash before it', (t) => {
  t.deepEqual(
    parseParts('/a/:b/{c:d}?x', PATH, same).map(({ type, value, modifier, name, prefix }) => [
      type,
      value,
      modifier,
      name,
      prefix,
    ]),
    [
      ['fixed-text', '/a', '', '', ''],
      ['segment-wildcard', '', '', 'b', '/'],
      ['fixed-text', '/', '', '', ''],
      ['segment-wildcard', '', '?', 'd', 'c'],
      ['fixed-text', 'x', '', '', ''],
    ],
  );
});

test('parseParts() encodes text in one piece, and refuses two groups of one name', (t) => {
  const seen: string[] = [];
  parseParts('ab\\:c{d}e:f', PLAIN, (text) => {
    seen.push(text);
    return text;
  });
  t.deepEqual(seen, ['ab:cde', '', '']);
  t.throws(() => parseParts(':a:a', PLAIN, same), { instanceOf: TypeError, message: /two groups named "a"/ });
  t.throws(() => parseParts('{a', PLAIN, same), { message: 'URLPattern: close wanted at index 2 of "{a"' });
});

test('compileComponent() makes expressions in which repeated groups keep their prefix between them', (t) => {
  for (const [pattern, source] of [
    ['/a', '^\\/a$'],
    ['/:a', '^(?:\\/([^\\/]+?))$'],
    ['/:a*', '^(?:\\/((?:[^\\/]+?)(?:\\/(?:[^\\/]+?))*))?$'],
    ['/:a+', '^(?:\\/((?:[^\\/]+?)(?:\\/(?:[^\\/]+?))*))$'],
    ['(x)+', '^((?:x)+)$'],
    ['{ab}?', '^(?:ab)?$'],
    ['*', '^(.*)$'],
  ] as const) {
    t.is(compileComponent(pattern, same, PATH).expression.source, source, pattern);
  }
});

test('compileComponent() writes a pattern that means the same', (t) => {
  for (const [given, normal] of [
    ['{:a}b', '{:a}b'],
    [':a{b}', '{:a}b'],
    ['/{:a}', '/{:a}'],
    ['{a}', 'a'],
    ['(.*)', '*'],
    ['a(.*)', 'a*'],
    ['*(.*)', '*(.*)'],
    [':a(.*)', ':a(.*)'],
    [':a([^\\/]+?)', ':a'],
    ['{/:a-}?', '{/:a-}?'],
    [':a(x){1}', ':a(x)1'],
    ['\\(a\\)', '\\(a\\)'],
  ] as const) {
    const { pattern } = compileComponent(given, same, PATH);
    t.is(pattern, normal, given);
    t.is(
      compileComponent(pattern, same, PATH).expression.source,
      compileComponent(given, same, PATH).expression.source,
    );
  }
});

test('compileComponent() refuses regular expressions that are none', (t) => {
  t.throws(() => compileComponent('([)', same, PLAIN), { instanceOf: TypeError, message: /no regular expression/ });
});

test('matchesSpecialScheme() tries every special scheme', (t) => {
  for (const protocol of ['https', 'http{s}?', '*', '(ws|x)', 'f:x']) {
    t.true(matchesSpecialScheme(compileComponent(protocol, same, PLAIN)), protocol);
  }
  t.false(matchesSpecialScheme(compileComponent('data', same, PLAIN)));
});

test('escapePattern() and escapeRegExp() put a backslash before what has a meaning', (t) => {
  t.is(escapePattern('a+b*:{}()?\\.'), 'a\\+b\\*\\:\\{\\}\\(\\)\\?\\\\.');
  const special = '.+*?^$()[]{}|/\\';
  t.regex(special, new RegExp(`^${escapeRegExp(special)}$`, 'v'));
});
