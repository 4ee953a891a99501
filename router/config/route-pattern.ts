// The form of a route: `host/path*` or `*.host/path*`, where `*` stands first in the host or last in the path and
// nowhere else. Which program holds a route, and which route fits a request, is known elsewhere.
import { isIPv4 } from 'node:net';

export const PATTERN_WANTED = 'a route such as "example.com/api*" or "*.example.com/*", without scheme, port or query';

const LABEL = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** `route`: host and path. `host`: the host alone, without a wildcard. */
export function isPattern(text: string, kind: 'route' | 'host'): boolean {
  if (kind === 'host') return isHost(text);
  const slash = text.indexOf('/');
  if (slash < 0) return false;
  const host = text.slice(0, slash);
  const path = text.slice(slash);
  const star = path.indexOf('*');
  return (
    isHost(host.startsWith('*.') ? host.slice(2) : host) &&
    /^\/[^\s?#\\]*$/.test(path) &&
    (star < 0 || star === path.length - 1)
  );
}

/** Host names count without case; paths do not. */
export function normalRoute(pattern: string): string {
  const slash = pattern.indexOf('/');
  return slash < 0 ? `${pattern.toLowerCase()}/*` : pattern.slice(0, slash).toLowerCase() + pattern.slice(slash);
}

function isHost(text: string): boolean {
  const host = text.toLowerCase();
  if (host.length > 253 || !HOST.test(host)) return false;
  // Four numbers are an address or nothing.
  return !/^[\d.]+$/.test(host) || isIPv4(host);
}
