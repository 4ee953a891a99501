// What tine answers to keys of wrangler that it does not do: refused, with what is missing and the nearest thing that
// exists; put off, refused only where they ask for something; or without effect here, which is a warning.
// Keys are paths as in the file, `[]` for any element.

const OWN_BUILD = 'run your own build first and point "main" at its output.';
const HOSTED = 'it is a setting of the hosted service';
const NO_BUCKETS =
  'tine stores no files. Put what belongs to the program beside "main" and import it, with "rules" for its type.';
const NO_SQL = 'tine has no SQL database. Reach one over HTTP with fetch.';
const NO_MODELS = 'tine runs no models. Reach a service over HTTP with fetch.';
const NO_QUEUES = 'tine has no queues. Answer first and finish the work in ctx.waitUntil.';
const NO_TAIL = 'tine sends logs to no other program. They go to the log of the server.';
const NO_CONTAINERS = 'tine runs no containers.';
const NO_NETWORK = 'programs reach other hosts by fetch only.';
const MODULE = 'import the file as a module, with "rules" for its type.';

/** Never done, whatever their value. */
export const REFUSED: Readonly<Record<string, string>> = {
  durable_objects: 'tine has no Durable Objects. Keep state in a store that is reached over HTTP with fetch.',
  migrations:
    'it belongs to Durable Objects, which tine does not have. Keep state in a store that is reached over HTTP with fetch.',
  exports:
    'it belongs to Durable Objects, which tine does not have. Keep state in a store that is reached over HTTP with fetch.',
  workflows: 'tine has no workflows. Keep state in a store that is reached over HTTP with fetch.',
  r2_buckets: NO_BUCKETS,
  d1_databases: NO_SQL,
  hyperdrive: NO_SQL,
  queues: NO_QUEUES,
  pipelines: NO_QUEUES,
  assets: NO_BUCKETS,
  site: NO_BUCKETS,
  legacy_assets: NO_BUCKETS,
  pages_build_output_dir: NO_BUCKETS,
  tail_consumers: NO_TAIL,
  streaming_tail_consumers: NO_TAIL,
  logfwdr: NO_TAIL,
  analytics_engine_datasets: 'tine keeps no data points. Count in your own service, or read /metrics of the server.',
  worker_loaders: 'a program cannot start programs. Deploy each under its own name.',
  dispatch_namespaces: 'a program cannot choose among programs. Deploy each under its own name, with "routes".',
  ai: NO_MODELS,
  ai_search: NO_MODELS,
  ai_search_namespaces: NO_MODELS,
  agent_memory: NO_MODELS,
  vectorize: NO_MODELS,
  websearch: NO_MODELS,
  images: 'tine changes no images. Do it in the program, or in a service reached by fetch.',
  media: 'tine changes no media. Use a service reached by fetch.',
  stream: 'tine changes no media. Use a service reached by fetch.',
  browser: 'tine has no browser. Use a service reached by fetch.',
  send_email: 'tine sends no mail. Use a service reached by fetch.',
  mtls_certificates: 'fetch has no client certificates.',
  secrets_store_secrets: 'tine has no shared store of secrets.',
  vpc_services: NO_NETWORK,
  vpc_networks: NO_NETWORK,
  connect: NO_NETWORK,
  containers: NO_CONTAINERS,
  cloudchamber: NO_CONTAINERS,
  artifacts: 'tine keeps no repositories.',
  flagship: 'tine has no feature flags. Put them into "vars".',
  unsafe: 'there are no bindings beside those in the list of keys.',
  unsafe_hello_world: 'there are no bindings beside those in the list of keys.',
  previews: 'every version has an address of its own: <version>--<program>.localhost.',
  cache: 'tine has no cache in front of programs. Put one before it.',
  access: 'tine does not ask who a visitor is. Put a proxy that does before it.',
  compliance_region: 'tine runs where you start it.',
  addresses: 'programs receive no mail.',
  wasm_modules: 'this version of tine has no WebAssembly for programs.',
  text_blobs: MODULE,
  data_blobs: MODULE,
  python_modules: 'tine runs JavaScript and TypeScript only.',
  legacy_env: 'every environment is a program of its own, named <name>-<environment>.',
  type: OWN_BUILD,
  webpack_config: OWN_BUILD,
  build: OWN_BUILD,
  find_additional_modules: OWN_BUILD,
  base_dir: OWN_BUILD,
  preserve_file_names: OWN_BUILD,
  zone_id: 'the routes of a program need no zone. Leave it out.',
  usage_model: 'there is one kind of program; its bounds are in "limits".',
  miniflare: 'tine dev runs the program as tine serve does.',
  'entry-point': 'name the entry module with "main".',
  'kv-namespaces': 'the key is spelled "kv_namespaces".',
  'triggers.events': 'programs are called by HTTP only.',
  tsconfig: 'the nearest tsconfig.json is read when a program is bundled; another one cannot be named.',
};

/** Part of the plan and not of this version: refused where they ask for something, that is, are not empty. */
export const PUT_OFF: Readonly<Record<string, string>> = {
  secrets: 'this version of tine keeps no secrets. Do not put them into "vars", which are stored in the open.',
  kv_namespaces: 'this version of tine has no KV. Reach a store over HTTP with fetch.',
  services: 'this version of tine has no calls between programs. Call the other program by fetch.',
  ratelimits: 'this version of tine has no rate limits. "pool.concurrency" bounds what runs at once.',
  version_metadata: 'this version of tine does not tell a program its version. Use "define" or "vars".',
  'triggers.crons': 'this version of tine has no cron. Let a cron of the machine call the program by HTTP.',
};

/** Known, harmless, without effect. The words follow "has no effect here: ". */
export const NO_EFFECT: Readonly<Record<string, string>> = {
  account_id: HOSTED,
  workers_dev: HOSTED,
  preview_urls: HOSTED,
  placement: HOSTED,
  logpush: HOSTED,
  first_party_worker: HOSTED,
  keep_vars: HOSTED,
  send_metrics: HOSTED,
  dependencies_instrumentation: HOSTED,
  'route.zone_id': HOSTED,
  'route.zone_name': HOSTED,
  'route.previews_enabled': HOSTED,
  'routes[].zone_id': HOSTED,
  'routes[].zone_name': HOSTED,
  'routes[].previews_enabled': HOSTED,
  upload_source_maps: 'source maps are always kept and never served',
  observability: 'this version of tine logs every request and samples none',
  record: 'this version of tine makes no recordings',
  'dev.upstream_protocol': 'tine dev speaks plain HTTP',
  'dev.host': 'tine dev answers under the name of the program',
  'dev.generate_types': HOSTED,
  'dev.enable_containers': NO_CONTAINERS.slice(0, -1),
  'dev.container_engine': NO_CONTAINERS.slice(0, -1),
};

/** Values of the right type that cannot be had: the reason, or undefined where the value is fine. */
export const REFUSED_VALUES: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  no_bundle: (value) => (value === true ? OWN_BUILD : undefined),
  'dev.local_protocol': (value) => (value === 'https' ? 'tine dev speaks plain HTTP.' : undefined),
  'compatibility_flags[]': (value) => refusedFlag(String(value)),
  'rules[].type': (value) => {
    if (value === 'CompiledWasm') return 'this version of tine has no WebAssembly for programs.';
    return String(value).startsWith('Python') ? 'tine runs JavaScript and TypeScript only.' : undefined;
  },
  'observability.logs.destinations': refusedDestinations,
  'observability.traces.destinations': refusedDestinations,
};

function refusedFlag(name: string): string {
  if (name.startsWith('nodejs_'))
    return 'Node.js built-ins are not available; use packages built for the Web platform.';
  if (name === 'webassembly') return 'this version of tine has no WebAssembly for programs.';
  return 'programs behave the same whatever their flags.';
}

function refusedDestinations(value: unknown): string | undefined {
  return Array.isArray(value) && value.length > 0 ? NO_TAIL : undefined;
}
