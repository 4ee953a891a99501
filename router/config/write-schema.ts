// Writes `docs/config.schema.json`. To be run after a change of the schema: `npx node router/config/write-schema.ts`.
import { writeFileSync } from 'node:fs';
import { SCHEMA_FILE, schemaText } from './schema-file.ts';

writeFileSync(new URL(`../../${SCHEMA_FILE}`, import.meta.url), schemaText());
