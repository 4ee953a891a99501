// The entry points of the processes that hold guest code, as paths: whoever starts a server makes scripts of them.
import { fileURLToPath } from 'node:url';

export const PROCESS_ENTRIES = {
  executor: fileURLToPath(new URL('./executor/main.ts', import.meta.url)),
  builder: fileURLToPath(new URL('./builder/main.ts', import.meta.url)),
} as const;
