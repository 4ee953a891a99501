// Which names the control plane answers to. A page of another site could make a browser resolve its own name to this
// machine (DNS rebinding); then the name in `Host` is the only thing that gives it away.
import type { IncomingMessage } from 'node:http';
import { TineError } from '#sandbox';

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @param hosts further names, in lower case
 * @throws TineError `wrong_host`, `forbidden_origin`, `bad_request` */
export function guardHost(
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  hosts: readonly string[],
): void {
  const given = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (given !== 1) throw new TineError('bad_request', `Host must be given once: got ${given}`);
  const name = nameOf(headers.host ?? '');
  if (!isOurs(name, hosts)) throw new TineError('wrong_host');
  const { origin } = headers;
  if (origin === undefined) return;
  const originHost = URL.canParse(origin) ? new URL(origin).host : '';
  if (originHost !== headers.host) throw new TineError('forbidden_origin');
}

function isOurs(name: string, hosts: readonly string[]): boolean {
  return LOCAL.has(name) || /^127(\.\d{1,3}){3}$/.test(name) || hosts.includes(name);
}

function nameOf(host: string): string {
  return (host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':', 1)[0]!).toLowerCase();
}
