import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findConfig, readConfig } from './read-config.ts';

function folder(t: ExecutionContext, files: Record<string, string | Uint8Array>): string {
  const root = mkdtempSync(join(tmpdir(), 'tine-config-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'a/b'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return root;
}

test('findConfig() walks up to the first file', (t) => {
  const root = folder(t, { 'wrangler-like.config.json': '{"at":"root"}', 'a/wrangler.jsonc': '{"at":"a"}' });
  t.is(findConfig(join(root, 'a/b'))?.path, join(root, 'a/wrangler.jsonc'));
  t.is(findConfig(root)?.text, '{"at":"root"}');
  t.is(findConfig(root)?.folder, root);
});

test('findConfig() prefers our name, then .json, then .jsonc', (t) => {
  const all = { 'wrangler.toml': '', 'wrangler.jsonc': '3', 'wrangler.json': '2', 'wrangler-like.config.json': '1' };
  t.is(findConfig(folder(t, all))?.text, '1');
  t.is(findConfig(folder(t, { 'wrangler.jsonc': '3', 'wrangler.json': '2' }))?.text, '2');
  t.is(findConfig(folder(t, { 'wrangler.jsonc': '3', 'wrangler.toml': '' }))?.text, '3');
});

test('findConfig() refuses a wrangler.toml and says what to do', (t) => {
  const root = folder(t, { 'wrangler.toml': 'name = "a"' });
  t.throws(() => findConfig(root), {
    message: 'wrangler.toml is not read; save it as wrangler.jsonc',
    code: 'invalid_config',
  });
  t.throws(() => readConfig(join(root, 'wrangler.toml')), {
    message: 'wrangler.toml is not read; save it as wrangler.jsonc',
  });
});

test('readConfig() refuses what it cannot read, with the reason', (t) => {
  const root = folder(t, { 'latin.json': Uint8Array.of(0x7b, 0xe9, 0x7d) });
  t.throws(() => readConfig(join(root, 'none.json')), {
    message: /^Cannot read .*none\.json: ENOENT$/,
    code: 'invalid_config',
  });
  t.throws(() => readConfig(join(root, 'latin.json')), { message: /^Cannot read .*latin\.json: it must be UTF-8$/ });
});
