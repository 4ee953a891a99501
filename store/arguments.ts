// What a caller may hand to a store, the same for every engine: names, hashes, percents. Anything else is refused
// before an engine sees it.

import { StoreError, type Traffic, type VersionRecord } from './store.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const LANGUAGES: readonly string[] = ['javascript', 'forge'];

/** @throws `invalid_name`, `bad_request` */
export function checkVersionRecord({ program, version, language, modules, createdAt }: VersionRecord): void {
  if (!NAME.test(program)) {
    throw new StoreError(
      'invalid_name',
      `Cannot store a version as program must match ${NAME.source}: got ${show(program)}`,
    );
  }
  if (!SHA256.test(version)) throw bad('a version', 'version must be a sha256 in hex', version);
  if (!LANGUAGES.includes(language))
    throw bad('a version', `language must be one of ${LANGUAGES.join(', ')}`, language);
  if (modules.length === 0) throw bad('a version', 'it must have at least one module', modules.length);
  if (!Number.isSafeInteger(createdAt)) throw bad('a version', 'createdAt must be an integer', createdAt);
}

/** @throws `bad_request` */
export function checkTraffic(traffic: Traffic): void {
  let sum = 0;
  for (const [version, percent] of Object.entries(traffic)) {
    if (!SHA256.test(version)) throw bad('the traffic', 'each version must be a sha256 in hex', version);
    if (!Number.isInteger(percent) || percent < 0 || percent > 100) {
      throw bad('the traffic', 'each percent must be an integer from 0 to 100', percent);
    }
    sum += percent;
  }
  if (sum !== 100 && Object.keys(traffic).length > 0)
    throw bad('the traffic', 'the sum of the percents must be 100', sum);
}

/** @throws `bad_request` */
export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 0) throw bad('a list', 'limit must be an integer of at least 0', limit);
}

function bad(what: string, wanted: string, found: unknown): StoreError {
  return new StoreError('bad_request', `Cannot store or read ${what} as ${wanted}: got ${show(found)}`);
}

/** Short enough for a log line, whatever it is. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
