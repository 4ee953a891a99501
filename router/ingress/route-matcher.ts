// Which program a host and a path belong to, by the routes that programs hold: `host/path*` or `*.host/path*`. The most
// specific pattern wins: an exact host before a wildcard, a longer host before a shorter, a longer path before a shorter.

interface Route {
  program: string;
  host: string;
  /** `*.host`: any name below it. */
  wildcard: boolean;
  path: string;
  /** Ends in `*`. */
  prefix: boolean;
}

export class RouteMatcher {
  #routes: Route[] = [];

  /** The routes of a program, instead of those before. Patterns are normal (`normalRoute`). */
  set(program: string, patterns: readonly string[]): void {
    const others = this.#routes.filter((route) => route.program !== program);
    if (patterns.length === 0 && others.length === this.#routes.length) return;
    this.#routes = [...others, ...patterns.map((pattern) => parse(program, pattern))].sort(bySpecificity);
  }

  /** @param host lower case, without port
   * @returns undefined when no route fits */
  find(host: string, path: string): string | undefined {
    for (const route of this.#routes) if (fits(route, host, path)) return route.program;
    return undefined;
  }
}

function parse(program: string, pattern: string): Route {
  const slash = pattern.indexOf('/');
  const host = pattern.slice(0, slash);
  const path = pattern.slice(slash);
  const wildcard = host.startsWith('*.');
  const prefix = path.endsWith('*');
  return { program, wildcard, host: wildcard ? host.slice(1) : host, prefix, path: prefix ? path.slice(0, -1) : path };
}

function fits(route: Route, host: string, path: string): boolean {
  if (route.wildcard ? !host.endsWith(route.host) : host !== route.host) return false;
  return route.prefix ? path.startsWith(route.path) : path === route.path;
}

function bySpecificity(a: Route, b: Route): number {
  if (a.wildcard !== b.wildcard) return a.wildcard ? 1 : -1;
  if (a.host.length !== b.host.length) return b.host.length - a.host.length;
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  return Number(a.prefix) - Number(b.prefix);
}
