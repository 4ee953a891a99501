// `docs/config.schema.json`, for editors: made from the schema that validates, so that the two cannot differ. Run as a
// program it writes the file: `npx node router/config/schema-file.ts`.
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configFile } from './program-config.ts';

/** Relative to the folder of the package. */
export const SCHEMA_FILE = 'docs/config.schema.json';

export function schemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(configFile, { io: 'input', target: 'draft-07' });
  const head = {
    $schema,
    title: 'wrangler-like.config.json',
    description: 'Configuration of a program of tine',
    allowComments: true,
    allowTrailingCommas: true,
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2).replace(/^(.*)\[\n([^[\]{}]*)\n *\](,?)$/gm, onOneLine)}\n`;
}

/** As the formatter of the repository has it: arrays of words stand on one line where they fit. */
function onOneLine(whole: string, before: string, items: string, after: string): string {
  const line = `${before}[${items.trim().replace(/\n */g, ' ')}]${after}`;
  return line.length <= 120 ? line : whole;
}

if (import.meta.main) writeFileSync(new URL(`../../${SCHEMA_FILE}`, import.meta.url), schemaText());
