// How a scenario reaches the programs of the runner under test. `run.ts` says where it is.
import http, { type RefinedResponse } from 'k6/http';

/** `http://127.0.0.1:<port>` of the data plane and of the control plane. */
export const BASE_URL = setting('BASE_URL');
export const CONTROL_URL = setting('CONTROL_URL');
export const TOKEN = setting('TOKEN');

/** A setting that must be there. @throws Error when it is not */
export function setting(name: string): string {
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`${name} must be set: start this with npm run load`);
  return value;
}

/** A number from the command line of `npm run load`, or what the scenario takes by itself. */
export function numberSetting(name: string, fallback: number): number {
  const value = __ENV[name];
  const number = value === undefined || value === '' ? fallback : Number(value);
  if (!Number.isFinite(number)) throw new Error(`${name} must be a number: got ${value}`);
  return number;
}

/** GET of one program. The program's name is the host; series are named after it, not after the path. */
export function get(program: string, path = '/', tags: Record<string, string> = {}): RefinedResponse<'text'> {
  return http.get(`${BASE_URL}${path}`, {
    headers: { host: `${program}.localhost` },
    tags: { name: program, program, ...tags },
    responseType: 'text',
    redirects: 0,
    timeout: '35s',
  });
}

/** The code that tine gives an answer of its own, or an empty text. */
export function errorCode(response: RefinedResponse<'text'>): string {
  // k6 writes header names in canonical form.
  return response.headers['X-Tine-Error'] ?? '';
}
