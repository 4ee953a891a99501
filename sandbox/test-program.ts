// Programs, configurations and templates for the tests of this folder. Templates are made in the process of the test,
// under the flags of an executor, as V8 takes a snapshot only where its flags are those of the maker. Programs are
// written as the compiler would print them, so that few tests pay for the compiler. No part of the product.
import { setFlagsFromString } from 'node:v8';
import { CALL, type EnterHead, languages, type Setup } from '#runtime';
import { makeScriptTemplate, makeSnapshotTemplate } from './builder/make.ts';
import { tryTemplate } from './builder/try.ts';
import { V8_FLAGS } from './executor/confine.ts';
import type { HostArgument } from './executor/slice.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { ProgramConfig } from './program.ts';
import type { Upload } from './template/key.ts';
import type { Template } from './template/template.ts';

for (const flag of V8_FLAGS) if (flag !== '--no-node-snapshot') setFlagsFromString(flag);

export interface ConfigParts {
  name?: string;
  limits?: Partial<Limits>;
  isolation?: ProgramConfig['isolation'];
  snapshot?: Partial<ProgramConfig['snapshot']>;
}

export function configOf({ name = 'test', limits, isolation = 'request', snapshot }: ConfigParts = {}): ProgramConfig {
  return {
    name,
    namespace: name,
    limits: { ...defaultLimits(), ...limits },
    isolation,
    pool: { min: 1, max: 16, concurrency: undefined, queueMax: 10, queueTimeoutMs: 1_000 },
    snapshot: { mode: 'auto', warmup: [], entropy: 'warn', ...snapshot },
    vars: { NAME: 'value' },
    routes: [],
    compile: {},
    compatibilityDate: undefined,
  };
}

/** An upload of one JavaScript module. */
export function uploadOf(text: string, config: ConfigParts = {}, path = 'index.js'): Upload {
  const resolved = configOf(config);
  return { program: resolved.name, language: 'javascript', modules: [{ path, text }], config: resolved };
}

/** What the compiler would print of `top` followed by `export default { fetch(request, env, ctx) { body } }`. */
export function program(body: string, top = ''): string {
  return `"use strict"; const tine_program = (() => { ${top}
    return { default: { async fetch(request, env, ctx) { ${body} } } }; })();`;
}

export interface TemplateParts extends ConfigParts {
  mode?: Template['mode'];
}

/** The template of a program that is compiled already: see `program`. */
export async function templateOf(
  compiled: string,
  { mode = 'snapshot', ...config }: TemplateParts = {},
): Promise<Template> {
  const input = { bundle: await languages.javascript.bundle(), program: compiled, map: '{}', config: configOf(config) };
  const template = mode === 'snapshot' ? makeSnapshotTemplate(input) : makeScriptTemplate(input);
  tryTemplate(template);
  return template;
}

export const SETUP: string = JSON.stringify({
  vars: { NAME: 'value' },
  limits: { pendingOps: 100, timers: 100, subrequests: 50, logBytes: 65_536, responseBytes: 1_000_000 },
} satisfies Setup);

export function headOf(more: Partial<EnterHead> = {}): string {
  const head: EnterHead = {
    kind: 'fetch',
    now: 1_700_000_000_000,
    seed: '0123456789abcdef'.repeat(6),
    requestId: 'r-1',
    method: 'GET',
    url: 'http://test.localhost/',
    headers: [],
    body: 'none',
    ...more,
  };
  return JSON.stringify(head);
}

/** Arguments of the host function for a request. */
export function enterWith(run: number, more: Partial<EnterHead> = {}): HostArgument[] {
  return [CALL.enter, run, headOf(more), SETUP, undefined];
}
