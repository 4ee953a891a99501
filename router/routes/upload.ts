// Reads an upload: one source file, or a multipart form with one part per module and a `config` part. What comes out
// is text that was checked to be UTF-8, and a configuration that was checked against the schema.
import type { IncomingMessage } from 'node:http';
import { BOUNDS, TineError, type Upload } from '#sandbox';
import { resolveProgramConfig } from '../config/resolve.ts';
import type { Ceilings } from '../config/settings.ts';
import { HTTP } from '../limits.ts';
import { readBody } from './read-body.ts';

interface Module {
  path: string;
  text: string;
}

export interface ReadUpload {
  upload: Upload;
  warnings: { code: string; text: string }[];
}

/** Media type of a single source file → the name it gets. */
const SINGLE: Readonly<Record<string, string>> = {
  'text/javascript': 'index.js',
  'application/javascript': 'index.js',
  'text/typescript': 'index.ts',
  'application/typescript': 'index.ts',
  'text/tsx': 'index.tsx',
  'text/jsx': 'index.jsx',
};
const CONFIG_PART = 'config';
const MODULES_MAX = 2_000;
const PATH = /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\0\\]{1,512}$/;

/** @throws TineError `unsupported_type`, `body_too_large`, `bad_request`, `compile_error`, `invalid_config` */
export async function readUpload(request: IncomingMessage, name: string, ceilings: Ceilings): Promise<ReadUpload> {
  const contentType = request.headers['content-type'] ?? '';
  const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase();
  const single = SINGLE[mediaType];
  if (single === undefined && mediaType !== 'multipart/form-data') {
    const text = `content-type must be multipart/form-data or one of ${Object.keys(SINGLE).join(', ')}: got ${mediaType || 'none'}`;
    throw new TineError('unsupported_type', text, { details: { text } });
  }
  const body = await readBody(request, HTTP.uploadBytesMax);
  const { modules, configText } =
    single === undefined
      ? await readForm(body, contentType)
      : { modules: [{ path: single, text: utf8(body, single) }], configText: '{}' };
  const bytes = modules.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > BOUNDS.sourceBytes) {
    const text = `the modules must be <= ${BOUNDS.sourceBytes} bytes together: got ${bytes}`;
    throw new TineError('body_too_large', text, { details: { text } });
  }
  const { config, main, warnings } = resolveProgramConfig(configText, { file: CONFIG_PART, given: { name }, ceilings });
  return { upload: { program: name, language: 'javascript', modules: entryFirst(modules, main), config }, warnings };
}

async function readForm(body: Buffer, contentType: string): Promise<{ modules: Module[]; configText: string }> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw badRequest('the multipart form is malformed');
  }
  const modules: Module[] = [];
  let configText = '{}';
  for (const [path, value] of form) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
    if (path === CONFIG_PART) configText = utf8(bytes, path, 'invalid_config');
    else modules.push({ path: checkedPath(path, modules), text: utf8(bytes, path) });
  }
  if (modules.length === 0) throw badRequest('the form must have a part for each module: got none');
  if (modules.length > MODULES_MAX)
    throw badRequest(`the form must have <= ${MODULES_MAX} modules: got ${modules.length}`);
  return { modules, configText };
}

function checkedPath(path: string, before: readonly Module[]): string {
  if (!PATH.test(path))
    throw badRequest(
      `the name of a part must be a relative path of a module: got ${JSON.stringify(path.slice(0, 100))}`,
    );
  if (before.some((module) => module.path === path))
    throw badRequest(`each module must be given once: got ${JSON.stringify(path)} twice`);
  return path;
}

/** The entry is what `main` names, else the first part. */
function entryFirst(modules: Module[], main: string | undefined): Module[] {
  if (main === undefined || modules.length === 1) return modules;
  const wanted = main.replace(/^\.\//, '');
  const entry = modules.find(({ path }) => path === wanted);
  if (entry === undefined) {
    const text = `"main" must name one of the modules: got "${main}"; there is ${modules.map(({ path }) => `"${path}"`).join(', ')}`;
    throw new TineError('invalid_config', text, { details: { text, key: 'main' } });
  }
  return [entry, ...modules.filter((module) => module !== entry)];
}

function utf8(bytes: Uint8Array, file: string, code: 'compile_error' | 'invalid_config' = 'compile_error'): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // a byte order mark is taken off
  } catch {
    const line = lineOfBadByte(bytes);
    const text = `the source must be UTF-8: line ${line} has bytes that are not`;
    throw new TineError(code, text, { details: { text, file, line, column: 1 } });
  }
}

/** The first line that cannot be decoded, from 1. */
function lineOfBadByte(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    const piece = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(piece);
    } catch {
      return line;
    }
    if (end < 0) break;
    start = end + 1;
  }
  return line;
}

function badRequest(text: string): TineError {
  return new TineError('bad_request', text, { details: { text } });
}
