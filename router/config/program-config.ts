// The schema of `wrangler-like.config.json`, of the configuration part of an upload, and of `docs/config.schema.json`.
// It says which keys exist, of which type, and how environments inherit them. What tine answers to the keys that it
// does not do is in `answers.ts`; how a file becomes a `ProgramConfig` is in `resolve.ts`.
import { z } from 'zod';
import { limits, pool, snapshot } from './own-groups.ts';
import { isPattern, PATTERN_WANTED } from './route-pattern.ts';
import * as is from './schema-parts.ts';

const IDENTIFIER_PATH = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/;

const routeObject = is
  .object({
    pattern: is.filled(PATTERN_WANTED),
    custom_domain: is.flag().optional(),
    enabled: is.flag().optional(),
    zone_id: is.text().optional(),
    zone_name: is.text().optional(),
    previews_enabled: is.flag().optional(),
  })
  .check((context) => {
    const { pattern, custom_domain: whole = false } = context.value;
    if (isPattern(pattern, whole ? 'host' : 'route')) return;
    const message = whole ? 'a host name without a path, as "custom_domain" is true' : PATTERN_WANTED;
    context.issues.push({ code: 'custom', input: pattern, path: ['pattern'], message });
  });

const route = z.union(
  [is.text(PATTERN_WANTED).refine((pattern) => isPattern(pattern, 'route'), { error: PATTERN_WANTED }), routeObject],
  {
    error: `a string or an object with "pattern"`,
  },
);

const binding = { binding: is.bindingName() };

const rate = is.share().optional();
const destinations = is.list(is.text(), 'an array of strings').optional();
const observability = is
  .object({
    enabled: is.flag().optional(),
    head_sampling_rate: rate,
    logs: is
      .object({
        enabled: is.flag().optional(),
        head_sampling_rate: rate,
        invocation_logs: is.flag().optional(),
        persist: is.flag().optional(),
        destinations,
      })
      .optional(),
    traces: is
      .object({ enabled: is.flag().optional(), head_sampling_rate: rate, persist: is.flag().optional(), destinations })
      .optional(),
  })
  .check((context) => {
    const { enabled, logs, traces } = context.value;
    if ([enabled, logs?.enabled, traces?.enabled].some((one) => one !== undefined)) return;
    const message = 'an object with "enabled", "logs.enabled" or "traces.enabled"';
    context.issues.push({ code: 'custom', input: context.value, path: [], message });
  });

const rule = is.object({
  type: is.oneOf(['ESModule', 'CommonJS', 'Text', 'Data', 'CompiledWasm', 'PythonModule', 'PythonRequirement']),
  globs: is.list(is.filled(), 'an array of globs'),
  fallthrough: is.flag().optional(),
});

/** `env.E.key ?? top.key ?? default`, the whole value. */
const inheritable = {
  name: is.programName().optional().meta({ description: 'name of the program' }),
  main: is
    .matching(/^(?![/\\]|[A-Za-z]:)[^\0\\]+$/, 'a relative path with "/"')
    .optional()
    .meta({ description: 'entry module, relative to this file' }),
  compatibility_date: is
    .matching(/^\d{4}-\d{2}-\d{2}$/, 'a date such as "2026-11-20"')
    .refine(isDate, { error: 'a date such as "2026-11-20"' })
    .optional(),
  compatibility_flags: is.list(is.text(), 'an array of strings').optional(),
  route: route.optional(),
  routes: is.list(route, 'an array of routes').optional(),
  triggers: is.object({ crons: is.list(cron(), 'an array of strings').optional() }).optional(),
  limits: limits.optional(),
  observability: observability.optional(),
  rules: is.list(rule, 'an array of rules').optional(),
  minify: is.flag().optional().meta({ default: false }),
  keep_names: is.flag().optional().meta({ default: true }),
  jsx_factory: is
    .matching(IDENTIFIER_PATH, 'a name such as "React.createElement"')
    .optional()
    .meta({ default: 'React.createElement' }),
  jsx_fragment: is
    .matching(IDENTIFIER_PATH, 'a name such as "React.Fragment"')
    .optional()
    .meta({ default: 'React.Fragment' }),
  upload_source_maps: is.flag().optional(),
  account_id: is.text().optional(),
  workers_dev: is.flag().optional(),
  preview_urls: is.flag().optional(),
  placement: is.dictionary(is.anything(), 'an object').optional(),
  logpush: is.flag().optional(),
  first_party_worker: is.flag().optional(),
  no_bundle: is.flag().optional(),
  isolation: is
    .oneOf(['request', 'program'])
    .optional()
    .meta({ default: 'request', description: 'request: a fresh context for each request' }),
  pool: pool.optional(),
  snapshot: snapshot.optional(),
  record: is
    .object({
      failures: is.flag().optional(),
      bodies: is.flag().optional(),
      sample: is.share().optional(),
      max_bytes: is.integer(1_024, 67_108_864).optional(),
      keep: is.integer(1, 100_000).optional(),
    })
    .optional(),
  namespace: is.programName().optional().meta({ default: 'default', description: 'trust group' }),
};

/** Only `env.E.key ?? default`. */
const notInheritable = {
  vars: is
    .dictionary(is.anything(), 'an object')
    .optional()
    .meta({ description: 'what the program finds in env; no secrets' }),
  define: is.dictionary(is.text(), 'an object of strings').optional(),
  secrets: is.object({ required: is.list(is.filled(), 'an array of names').optional() }).optional(),
  kv_namespaces: is
    .list(
      is.object({
        ...binding,
        id: is.filled().optional(),
        preview_id: is.filled().optional(),
        remote: is.flag().optional(),
      }),
      'an array of namespaces',
    )
    .optional(),
  services: is
    .list(
      is.object({
        ...binding,
        service: is.programName(),
        entrypoint: is.filled().optional(),
        props: is.anything().optional(),
        remote: is.flag().optional(),
      }),
      'an array of services',
    )
    .optional(),
  ratelimits: is
    .list(
      is.object({
        name: is.bindingName(),
        namespace_id: is.filled(),
        simple: is.object({
          limit: is.integer(1, 1_000_000_000),
          period: z.union([z.literal(10), z.literal(60)], { error: '10 or 60' }),
        }),
      }),
      'an array of rate limits',
    )
    .optional(),
  version_metadata: is.object(binding).optional(),
};

/** At the top level only. */
const topOnly = {
  $schema: is.text().optional(),
  alias: is.dictionary(is.text(), 'an object of strings').optional(),
  dev: is
    .object({
      ip: is.filled().optional(),
      port: is.integer(0, 65_535).optional(),
      inspector_ip: is.filled().optional(),
      inspector_port: is.integer(0, 65_535).optional(),
      local_protocol: is.oneOf(['http', 'https']).optional(),
      upstream_protocol: is.oneOf(['http', 'https']).optional(),
      host: is.filled().optional(),
      generate_types: is.flag().optional(),
      enable_containers: is.flag().optional(),
      container_engine: is.anything().optional(),
    })
    .optional(),
  keep_vars: is.flag().optional(),
  send_metrics: is.flag().optional(),
  dependencies_instrumentation: is.dictionary(is.anything(), 'an object').optional(),
};

const section = is.object({ ...inheritable, ...notInheritable });

export const configFile = is.object({
  ...topOnly,
  ...inheritable,
  ...notInheritable,
  env: z
    .record(z.string(), section, { error: 'an object of environments' })
    .optional()
    .meta({ description: 'environments, by name' }),
});

export type ConfigSection = z.infer<typeof section>;
export type ConfigFile = z.infer<typeof configFile>;

export const INHERITABLE = Object.keys(inheritable) as (keyof typeof inheritable)[];
export const NOT_INHERITABLE = Object.keys(notInheritable) as (keyof typeof notInheritable)[];
export const TOP_ONLY: readonly string[] = [...Object.keys(topOnly), 'env'];

/** The nested keys of tine's own groups: people write `cpu_ms` at the top. */
export const NESTED_KEYS: readonly string[] = Object.entries({ limits, pool, snapshot }).flatMap(([group, { shape }]) =>
  Object.keys(shape).map((key) => `${group}.${key}`),
);

function cron() {
  return is.matching(/^\s*\S+(\s+\S+){4}\s*$/, 'a cron expression of five fields');
}

/** A day that the calendar has. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
