import test from 'ava';
import { decodeTemplate, encodeTemplate, headOf, type Template } from './template.ts';

const template: Template = {
  mode: 'snapshot',
  hostName: 'tine_0123',
  memoryMb: 128,
  initMs: 1_000,
  snapshot: Uint8Array.from({ length: 300 }, (_, i) => i % 256),
  scripts: [],
  map: '{"version":3,"file":"ä€😀"}',
  figures: { snapshotBytes: 300, buildMs: 1, initMs: 2, contextUs: 3, contextBytes: 4 },
  warnings: [{ code: 'entropy_at_init', text: 'ü', line: 3 }],
};

const scripted: Template = {
  ...template,
  mode: 'script',
  snapshot: undefined,
  scripts: [
    { code: 'const ä = "😀";', filename: 'bundle.js', cachedData: Uint8Array.from([1, 2, 3]) },
    { code: '', filename: 'program.js' },
    { code: 'x()', filename: 'adopt.js', cachedData: Uint8Array.from([9]) },
  ],
};

/** With plain arrays, as the sections of a decoded template are views of Buffers. */
const plain = ({ snapshot, scripts, ...rest }: Template) => ({
  ...rest,
  snapshot: snapshot && [...snapshot],
  scripts: scripts.map(({ cachedData, ...script }) => ({ ...script, cachedData: cachedData && [...cachedData] })),
});

for (const [title, given] of [
  ['snapshot', template],
  ['script', scripted],
] as const) {
  test(`decodeTemplate() gives what encodeTemplate() took, mode ${title}`, (t) => {
    t.deepEqual(plain(decodeTemplate(encodeTemplate(given))), plain(given));
  });

  test(`decodeTemplate() reads from the middle of other bytes, mode ${title}`, (t) => {
    const bytes = encodeTemplate(given);
    const among = Buffer.concat([Buffer.alloc(7, 255), bytes, Buffer.alloc(5, 255)]).subarray(7, 7 + bytes.length);
    t.deepEqual(plain(decodeTemplate(among)), plain(given));
  });

  test(`headOf() gives everything but the sections, mode ${title}`, (t) => {
    const { snapshot: _s, scripts: _c, map: _m, ...head } = given;
    t.deepEqual(headOf(encodeTemplate(given)), head);
  });
}

test('decodeTemplate() throws for what is no template', (t) => {
  for (const bytes of [[], [1], [255, 255, 255, 255, 1], [2, 0, 0, 0, 1, 2]])
    t.throws(() => decodeTemplate(Uint8Array.from(bytes)));
});
