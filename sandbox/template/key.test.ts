import test from 'ava';
import { type ConfigParts, configOf, uploadOf } from '../test-program.ts';
import { templateKey, type Upload, versionOf } from './key.ts';

const upload = uploadOf('export default {}');

test('versionOf() is the same for the same upload, and survives JSON', (t) => {
  t.regex(versionOf(upload), /^[0-9a-f]{64}$/);
  t.is(versionOf(uploadOf('export default {}')), versionOf(upload));
  t.is(versionOf(JSON.parse(JSON.stringify(upload)) as Upload), versionOf(upload));
});

test('versionOf() does not know the name of the program', (t) => {
  t.is(versionOf({ ...upload, program: 'other' }), versionOf(upload));
});

const OTHERS: Record<string, Upload> = {
  source: uploadOf('export default { }'),
  path: uploadOf('export default {}', {}, 'main.js'),
  language: { ...upload, language: 'forge' },
  'a further module': { ...upload, modules: [...upload.modules, { path: 'a.js', text: '' }] },
  'the border between path and text': { ...upload, modules: [{ path: 'index.jse', text: 'xport default {}' }] },
  'a limit': { ...upload, config: configOf({ limits: { cpuMs: 49 } }) },
  vars: { ...upload, config: { ...upload.config, vars: { NAME: 'other' } } },
  isolation: { ...upload, config: configOf({ isolation: 'program' } satisfies ConfigParts) },
};

for (const [what, other] of Object.entries(OTHERS)) {
  test(`versionOf() differs by ${what}`, (t) => {
    t.not(versionOf(other), versionOf(upload));
    t.not(templateKey(other, 'bundle'), templateKey(upload, 'bundle'));
  });
}

test('versionOf() differs by the order of modules, as the first one is the entry', (t) => {
  const modules = [
    { path: 'a.js', text: '1' },
    { path: 'b.js', text: '2' },
  ];
  t.not(versionOf({ ...upload, modules }), versionOf({ ...upload, modules: modules.toReversed() }));
});

test('D11 templateKey() differs by bundle, and by what Node and V8 are', (t) => {
  const key = templateKey(upload, 'bundle');
  t.regex(key, /^[0-9a-f]{64}$/);
  t.is(templateKey(upload, 'bundle'), key);
  t.not(templateKey(upload, 'other bundle'), key);
  for (const [target, name] of [
    [process, 'version'],
    [process.versions, 'v8'],
    [process, 'arch'],
  ] as const) {
    const own = Object.getOwnPropertyDescriptor(target, name)!;
    Object.defineProperty(target, name, { ...own, value: 'other' });
    const changed = templateKey(upload, 'bundle');
    Object.defineProperty(target, name, own);
    t.not(changed, key, name);
  }
  t.is(templateKey(upload, 'bundle'), key);
});
