// One server for all tests of a file, a neighbour that must never notice anything, and the form of every error.
import { readFileSync } from 'node:fs';
import anyTest, { type Assertions, type TestFn } from 'ava';
import { type Reply, type StartOptions, start, type Tine } from '../start.ts';

export interface Hazard {
  tine: Tine;
  /** Another program's next request is fine. It lives in the same executors. */
  neighbour(): Promise<void>;
}

/** The `test` of a file whose tests share a server. They have to run one after the other: `test.serial`. */
export function share(
  prepare: (tine: Tine) => Promise<unknown> = async () => {},
  options: StartOptions = {},
): TestFn<Hazard> {
  const test = anyTest as TestFn<Hazard>;
  test.before(async (t) => {
    t.timeout(60_000);
    const tine = await start(options);
    t.context.tine = tine;
    t.context.neighbour = () => checkNeighbour(tine);
    await tine.deploy('neighbour', guest('neighbour.js'));
    await prepare(tine);
  });
  test.after.always('the server exits with 0 and leaves no process behind', async (t) => {
    await t.context.tine?.stop();
  });
  return test;
}

/** The source of a program in `e2e/guests/`. */
export function guest(file: string): string {
  return readFileSync(new URL(`../guests/${file}`, import.meta.url), 'utf8');
}

let neighbours = 0;

/** @throws unless the neighbour answers as if nobody else were there */
export async function checkNeighbour(tine: Tine): Promise<void> {
  neighbours += 1;
  const path = `/${neighbours}`;
  const { status, text } = await tine.fetch('neighbour', path);
  if (status !== 200 || text !== `fine ${path} 1`) throw new Error(`the neighbour must be fine: got ${status} ${text}`);
}

/** Code → status and `Retry-After`, as clients may rely on them. */
const PROBLEMS = {
  threw: [500],
  memory_limit: [500],
  never_settles: [500],
  too_many_operations: [500],
  corrupt_version: [500],
  bad_response: [502],
  cpu_limit: [504],
  wall_limit: [504],
  crashed: [503, '1'],
  overloaded: [503, '1'],
  draining: [503, '1'],
  quarantined: [503, '5'],
  store_busy: [503, '1'],
  no_space: [507],
  loop_detected: [508],
  bad_request: [400],
  invalid_name: [400],
  unauthorized: [401],
  forbidden_origin: [403],
  not_found: [404],
  method_not_allowed: [405],
  request_timeout: [408],
  version_conflict: [409],
  route_conflict: [409],
  body_too_large: [413],
  unsupported_type: [415],
  wrong_host: [421],
  headers_too_large: [431],
  rate_limited: [429, '1'],
  compile_error: [422],
  init_threw: [422],
  no_handler: [422],
  two_handler_forms: [422],
  unresolved_import: [422],
  entropy_at_init: [422],
  build_timeout: [422],
  build_crashed: [422],
  unloadable_template: [422],
  template_too_large: [422],
  invalid_config: [422],
  limit_above_ceiling: [422],
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** The whole form of an error: status, header, body, id, `Retry-After`; and nothing of the guest in it. */
export function isProblem(t: Assertions, reply: Reply, code: ProblemCode): void {
  const [status, retryAfter] = PROBLEMS[code] as readonly [number, string?];
  t.is(reply.code, code, `${reply.status} ${reply.text.slice(0, 300)}`);
  t.is(reply.status, status);
  t.is(reply.headers['retry-after'], retryAfter);
  t.is(reply.headers['content-type'], 'application/json; charset=utf-8');
  const { error, ...others } = reply.json;
  t.deepEqual(others, {});
  t.deepEqual(
    Object.keys(error).filter((key) => key !== 'details'),
    ['code', 'message', 'requestId'],
  );
  t.is(error.code, code);
  t.is(reply.headers['x-request-id'], error.requestId);
  t.notRegex(JSON.stringify({ ...error, details: undefined }), /canary/i);
}

/** The machine is shared and noisy: what must end within `ms` gets this much more before a test fails. */
export const SLACK = 4;
