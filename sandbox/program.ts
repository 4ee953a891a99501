// What the wall needs to know of a program: the part of its resolved configuration that says how it is built and run.
// Read from `wrangler-like.config.json` by `router/config`, kept with the version as JSON.
import type { CompileOptions } from '#runtime';
import type { Limits } from './limits.ts';

export interface WarmupRequest {
  method: string;
  /** Path and query: `/users?page=1`. */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface ProgramConfig {
  name: string;
  /** Trust group: programs of different namespaces never share an executor. */
  namespace: string;
  limits: Limits;
  isolation: 'request' | 'program';
  pool: {
    /** Contexts kept ready, per executor. */
    min: number;
    /** Contexts at once, per executor, over all isolates of the program. */
    max: number;
    /** Cap of this program on permits; undefined: half of them. */
    concurrency: number | undefined;
    queueMax: number;
    queueTimeoutMs: number;
  };
  snapshot: {
    mode: 'auto' | 'off' | 'require';
    warmup: readonly WarmupRequest[];
    entropy: 'warn' | 'error';
  };
  vars: Readonly<Record<string, unknown>>;
  /** `host/path*`, `*.host/…`, as written. A custom domain is `host/*`. */
  routes: readonly string[];
  compile: Omit<CompileOptions, 'resolveFrom'>;
  compatibilityDate: string | undefined;
}
