// Where each value of a resolved configuration comes from, for `tine config explain`.
import { LIMITS, type Limits, type ProgramConfig } from '#sandbox';
import type { Path } from './document.ts';
import { snake } from './name.ts';

export interface Explained {
  /** As in the file: `limits.cpu_ms`. */
  key: string;
  value: unknown;
  /** `line 4`, `env.staging, line 9`, `default`, `given` … */
  origin: string;
}

interface Where {
  env: string | undefined;
  document: { placeOf(path: Path): { line: number } | undefined };
  pathOf(key: string): Path;
}

interface Given {
  given?: { name?: string | undefined; main?: string | undefined };
}

/** Every value in force, in the order of the documentation. */
export function explainConfig(config: ProgramConfig, where: Where, { given }: Given): Explained[] {
  const rows: Explained[] = [];
  const add = (key: string, value: unknown, origin = originOf(key, where)): void =>
    void rows.push({ key, value, origin });

  const plainName = where.env === undefined || where.pathOf('name')[0] === 'env';
  add(
    'name',
    config.name,
    given?.name !== undefined ? 'given' : plainName ? undefined : `${originOf('name', where)}, for env.${where.env}`,
  );
  add('namespace', config.namespace);
  add(
    'compatibility_date',
    config.compatibilityDate ?? null,
    config.compatibilityDate === undefined ? 'not set' : undefined,
  );
  add(
    'routes',
    config.routes,
    originOf(where.document.placeOf(where.pathOf('route')) === undefined ? 'routes' : 'route', where),
  );
  add('isolation', config.isolation);
  for (const [name, value] of Object.entries(config.limits)) {
    const key = `limits.${snake(name)}`;
    const origin = originOf(key, where);
    const lowered = origin.startsWith('default') && value < LIMITS[name as keyof Limits].default;
    add(key, value, lowered ? "default, lowered to the operator's ceiling" : origin);
  }
  for (const [name, value] of Object.entries(config.pool)) {
    add(`pool.${snake(name)}`, value ?? null, value === undefined ? 'default: half of the permits' : undefined);
  }
  for (const [name, value] of Object.entries(config.snapshot)) add(`snapshot.${name}`, value);
  for (const [name, value] of Object.entries(config.vars)) add(`vars.${name}`, value, originOf('vars', where));
  if (Object.keys(config.vars).length === 0) add('vars', {});
  for (const key of ['define', 'alias'] as const) add(key, config.compile[key] ?? {});
  for (const [name, value] of Object.entries(config.compile)) {
    if (name !== 'define' && name !== 'alias') add(snake(name), value);
  }
  return rows;
}

/** One line per value, in three columns. */
export function formatExplained(rows: readonly Explained[]): string {
  const values = rows.map(({ value }) => JSON.stringify(value) ?? 'null');
  const keyWidth = Math.max(0, ...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(40, Math.max(0, ...values.map((value) => value.length)));
  return rows
    .map(({ key, origin }, index) => `${key.padEnd(keyWidth)}  ${values[index]!.padEnd(valueWidth)}  ${origin}`)
    .join('\n');
}

function originOf(key: string, where: Where): string {
  const [group = key, ...rest] = key.split('.');
  const path = [...where.pathOf(group), ...rest];
  const place = where.document.placeOf(path);
  if (place !== undefined) return path[0] === 'env' ? `env.${where.env}, line ${place.line}` : `line ${place.line}`;
  // The group of an environment replaces that of the top level as a whole: the value there is not the one in force.
  const shadowed =
    where.pathOf(group)[0] === 'env' || where.env !== undefined ? where.document.placeOf([group, ...rest]) : undefined;
  return shadowed === undefined ? 'default' : `default (line ${shadowed.line} is not inherited by env.${where.env})`;
}
