import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import test from 'ava';
import { resolveProgramConfig } from './resolve.ts';
import { SCHEMA_FILE, schemaText } from './schema-file.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

test('docs/config.schema.json is up to date (npx node router/config/schema-file.ts writes it)', (t) => {
  t.true(read(SCHEMA_FILE) === schemaText());
});

test('the JSON Schema takes and refuses what the resolver takes and refuses', (t) => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(schemaText()));
  for (const [value, good] of [
    [{ name: 'a', limits: { cpu_ms: 50 }, vars: { A: { b: [null] } } }, true],
    [{ name: 'a', routes: ['a.b/*', { pattern: 'c.d', custom_domain: true }], env: { e: { pool: { min: 0 } } } }, true],
    [{ name: 'a', limits: { cpu_ms: '50' } }, false],
    [{ name: 'a', limits: { cpu_ms: 0 } }, false],
    [{ name: 'A' }, false],
    [{ name: 'a', triggerz: {} }, false],
    [{ name: 'a', durable_objects: {} }, false],
    [{ name: 'a', env: { e: { dev: {} } } }, false],
    [{ name: 'a', snapshot: { warmup: ['x'] } }, false],
  ] as const) {
    const text = JSON.stringify(value);
    t.is(validate(value), good, text);
    const resolve = (): unknown => resolveProgramConfig(text, { file: 'x' });
    if (good) t.notThrows(resolve, text);
    else t.throws(resolve, { code: 'invalid_config' }, text);
  }
});

test('the configuration of this repository is valid, in each of its environments', (t) => {
  const text = read('wrangler-like.config.json');
  for (const env of [undefined, ...Object.keys((JSON.parse(text) as { env: object }).env)]) {
    const { main, warnings } = resolveProgramConfig(text, { file: 'wrangler-like.config.json', env, strict: true });
    t.deepEqual(warnings, []);
    t.truthy(read(main ?? ''));
  }
});
