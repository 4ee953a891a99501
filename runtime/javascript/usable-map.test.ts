import test from 'ava';
import { isUsableMap } from './usable-map.ts';

const map = (fields: object) =>
  JSON.stringify({ version: 3, sources: ['a.ts'], names: ['n'], mappings: 'AAAAA', ...fields });

for (const [what, json] of [
  ['a name', map({})],
  ['no name', map({ names: [], mappings: 'AAAA' })],
  ['nothing in it', map({ sources: [], names: [], mappings: '' })],
  ['contents, some of them missing', map({ sources: ['a', 'b'], sourcesContent: ['1', null] })],
  ['a source without a path', map({ sources: [null] })],
  ['no list of names', JSON.stringify({ version: 3, sources: ['a'], mappings: 'AAAA' })],
] as const) {
  test(`isUsableMap() takes a map with ${what}`, (t) => {
    t.true(isUsableMap(json));
  });
}

for (const [what, json] of [
  ['no JSON', 'nonsense'],
  ['null', 'null'],
  ['an empty object', '{}'],
  ['without mappings', '{"version":3,"sources":[],"names":[]}'],
  ['made of sections', '{"version":3,"sections":[]}'],
  ['with a source that is not there', map({ mappings: 'ACAA' })],
  ['with a name that is not there', map({ mappings: 'AAAAC' })],
  ['with a negative source', map({ mappings: 'ADAA' })],
  ['with a negative line', map({ mappings: 'AADA' })],
  ['with a negative column', map({ mappings: 'AAAD' })],
  ['with a path that is a number', map({ sources: [5] })],
  ['with a path that would begin a new line', map({ sources: ['a\nb'] })],
  ['with contents that are a number', map({ sourcesContent: [5] })],
] as const) {
  test(`isUsableMap() refuses one ${what}`, (t) => {
    t.false(isUsableMap(json));
  });
}
