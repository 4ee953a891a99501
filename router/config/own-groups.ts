// The groups of keys that are tine's own: `limits`, `pool`, `snapshot`. Ranges and defaults of the limits are those of
// the sandbox; those of the others stand here.
import { z } from 'zod';
import { LIMITS } from '#sandbox';
import * as is from './schema-parts.ts';

const limit = (name: keyof typeof LIMITS, description: string) =>
  is.integer(LIMITS[name].min, LIMITS[name].max).optional().meta({ description, default: LIMITS[name].default });

export const limits = is
  .object({
    cpu_ms: limit('cpuMs', 'CPU of the program over all slices of a request'),
    wall_ms: limit('wallMs', 'from the arrival of a request to its last slice, waitUntil included; at least cpu_ms'),
    memory_mb: limit('memoryMb', 'heap of the isolate'),
    init_ms: limit('initMs', 'the top level of the program, when it is deployed'),
    subrequests: limit('subrequests', 'fetch and service calls of one request'),
    body_bytes: limit('bodyBytes', 'body of a request'),
    response_bytes: limit('responseBytes', 'body of a response'),
    log_bytes: limit('logBytes', 'console output of one request; beyond it lines are dropped and counted'),
    pending_ops: limit('pendingOps', 'operations of one request that are open at once'),
    timers: limit('timers', 'timers of one request that are open at once'),
  })
  .check((context) => {
    const { cpu_ms: cpuMs = LIMITS.cpuMs.default, wall_ms: wallMs = LIMITS.wallMs.default } = context.value;
    if (wallMs >= cpuMs) return;
    // Blame what is written: one of the two may be a default.
    const issue =
      context.value.wall_ms === undefined
        ? { path: ['cpu_ms'], message: `at most "limits.wall_ms" (${wallMs})` }
        : { path: ['wall_ms'], message: `at least "limits.cpu_ms" (${cpuMs})` };
    context.issues.push({ code: 'custom', input: context.value, ...issue });
  });

export const POOL = {
  min: { default: 1, min: 0, max: 64 },
  max: { default: 256, min: 1, max: 1_024 },
  concurrency: { min: 1, max: 65_536 },
  queueMax: { default: 256, min: 0, max: 10_000 },
  queueTimeoutMs: { default: 1_000, min: 0, max: 10_000 },
} as const;

const ranged = (range: { min: number; max: number; default?: number }, description: string) =>
  is
    .integer(range.min, range.max)
    .optional()
    .meta(range.default === undefined ? { description } : { description, default: range.default });

export const pool = is
  .object({
    min: ranged(POOL.min, 'contexts kept ready, per executor'),
    max: ranged(POOL.max, 'contexts at once, per executor; at least min'),
    concurrency: ranged(POOL.concurrency, 'how many permits the program may hold (default: half of them)'),
    queue_max: ranged(POOL.queueMax, 'requests that may wait for a permit'),
    queue_timeout_ms: ranged(POOL.queueTimeoutMs, 'how long a request may wait for a permit'),
  })
  .check((context) => {
    const { min = POOL.min.default, max } = context.value;
    // The default is above every `min` that passes.
    if (max === undefined || max >= min) return;
    context.issues.push({
      code: 'custom',
      input: context.value,
      path: ['max'],
      message: `at least "pool.min" (${min})`,
    });
  });

const requestPath = is.matching(/^\/[^\s#\\]*$/, 'a path with an optional query, such as "/users?page=1"');

const warmupRequest = is
  .object({
    method: is.matching(/^[A-Z]+$/, 'a method in upper case').optional(),
    path: requestPath,
    headers: is
      .dictionary(is.matching(/^[^\r\n\0]*$/, 'a string on one line'), 'an object of header names and values')
      .optional(),
    body: is.text().optional(),
  })
  .check((context) => {
    const { method = 'GET', headers = {}, body } = context.value;
    const complain = (path: string[], message: string) =>
      context.issues.push({ code: 'custom', input: context.value, path, message });
    if (body !== undefined && (method === 'GET' || method === 'HEAD'))
      complain(['body'], `absent where the method is ${method}`);
    if (['CONNECT', 'TRACE', 'TRACK'].includes(method)) complain(['method'], 'a method that fetch allows');
    for (const name of Object.keys(headers)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) complain(['headers', name], 'under a name that is a header name');
    }
  });

export const snapshot = is.object({
  mode: is
    .oneOf(['auto', 'off', 'require'])
    .optional()
    .meta({ default: 'auto', description: 'require: no fallback to no-snapshot mode' }),
  warmup: is
    .list(z.union([requestPath, warmupRequest], { error: 'a path or an object with "path"' }), 'an array of requests')
    .max(32, { error: 'an array of at most 32 requests' })
    .optional()
    .meta({
      default: [],
      description: 'requests sent through the handler before the snapshot; their effects are part of the template',
    }),
  entropy: is
    .oneOf(['warn', 'error'])
    .optional()
    .meta({ default: 'warn', description: 'clock or random source drawn at top level' }),
});
