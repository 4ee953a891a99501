// Every error a client can meet: one table of codes, one class. Errors cross processes, so they are known by
// `code`, never by `instanceof`. `message` is what the log and `error.details` say; what a client reads is the
// fixed `text` of the code.

interface CodeInfo {
  /** HTTP status. */
  status: number;
  /** The fixed sentence that clients read. */
  text: string;
  /** Seconds for `Retry-After`, where a retry can help. */
  retryAfter?: number;
}

/** Code → status, fixed text, `Retry-After`. The only place that knows which status a failure gives. */
export const CODES = {
  // how a guest ended
  threw: { status: 500, text: 'the program threw an error' },
  memory_limit: { status: 500, text: 'the program used more memory than it may' },
  never_settles: { status: 500, text: 'the program can never answer this request' },
  too_many_operations: { status: 500, text: 'the program started too many operations at once' },
  cpu_limit: { status: 504, text: 'the program used more CPU time than it may' },
  wall_limit: { status: 504, text: 'the program took longer than it may' },
  crashed: { status: 503, text: 'the executor of this request died', retryAfter: 1 },
  cancelled: { status: 499, text: 'the client went away' },
  bad_response: { status: 502, text: 'the program gave an answer that cannot be sent' },
  // requests
  bad_request: { status: 400, text: 'the request is malformed' },
  invalid_name: { status: 400, text: 'the name is not valid' },
  unauthorized: { status: 401, text: 'a valid bearer token is required' },
  forbidden_origin: { status: 403, text: 'requests from this origin are not allowed' },
  not_found: { status: 404, text: 'there is nothing here' },
  method_not_allowed: { status: 405, text: 'this method is not allowed here' },
  request_timeout: { status: 408, text: 'the request arrived too slowly' },
  body_too_large: { status: 413, text: 'the body is larger than allowed' },
  unsupported_type: { status: 415, text: 'the content type is not supported' },
  wrong_host: { status: 421, text: 'this server does not answer for that host' },
  upgrade_required: { status: 426, text: 'this address expects an upgrade' },
  rate_limited: { status: 429, text: 'too many requests', retryAfter: 1 },
  headers_too_large: { status: 431, text: 'the headers are larger than allowed' },
  loop_detected: { status: 508, text: 'the request passed through this server too often' },
  // conflicts
  version_conflict: { status: 409, text: 'another deploy of this program came first' },
  route_conflict: { status: 409, text: 'another program holds this route' },
  // deploys
  compile_error: { status: 422, text: 'the source does not compile' },
  init_threw: { status: 422, text: 'the top level of the program threw an error' },
  no_handler: { status: 422, text: 'the program has no handler' },
  two_handler_forms: { status: 422, text: 'the program has two forms of handler' },
  unresolved_import: { status: 422, text: 'an import cannot be resolved' },
  entropy_at_init: { status: 422, text: 'the top level draws from the clock or the random source' },
  build_timeout: { status: 422, text: 'the top level of the program took too long' },
  build_crashed: { status: 422, text: 'the builder died while it ran the top level of the program' },
  unloadable_template: { status: 422, text: 'the template of the program cannot be used' },
  template_too_large: { status: 422, text: 'the template of the program is too large' },
  invalid_config: { status: 422, text: 'the configuration is not valid' },
  limit_above_ceiling: { status: 422, text: 'a limit is above the ceiling set by the operator' },
  // us
  internal: { status: 500, text: 'something went wrong inside tine' },
  corrupt_version: { status: 500, text: 'the stored version is damaged' },
  overloaded: { status: 503, text: 'all permits are taken', retryAfter: 1 },
  draining: { status: 503, text: 'the server takes no requests now', retryAfter: 1 },
  quarantined: { status: 503, text: 'the program keeps ending its executors and is put aside', retryAfter: 5 },
  store_busy: { status: 503, text: 'the store is busy', retryAfter: 1 },
  no_space: { status: 507, text: 'there is no space left' },
} as const satisfies Record<string, CodeInfo>;

export type Code = keyof typeof CODES;

/** Where in the program's own source something is wrong. Lines and columns count from 1. */
export interface Details {
  /** What is wrong, with the value wanted and the value found. */
  text?: string;
  file?: string;
  line?: number;
  column?: number;
  /** The lines around it, with a caret. */
  frame?: string;
  /** What else is to be named: the holder of a route, the current version … */
  [name: string]: unknown;
}

/** Thrown for everything that ends in an answer other than the guest's own. */
export class TineError extends Error {
  readonly code: Code;
  readonly details: Details | undefined;

  constructor(code: Code, message: string = CODES[code].text, options: { details?: Details; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TineError';
    this.code = code;
    this.details = options.details;
  }
}

/** The code of any thrown value: its own when it is one of ours, else `internal`. */
export function codeOf(error: unknown): Code {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && Object.hasOwn(CODES, code) ? (code as Code) : 'internal';
}
