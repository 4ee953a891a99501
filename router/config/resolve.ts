// From the text of a configuration to what a program is built and run with. The inheritance of environments is
// wrangler's: some keys fall back to the top level as a whole, some never do. Nothing is ignored in silence: what has
// no effect is a warning, all else that is not done is an error.
import { LIMITS, type Limits, type ProgramConfig, TineError } from '#sandbox';
import { NO_EFFECT } from './answers.ts';
import { checkDocument, eachPath, problemAt, tableKey } from './check.ts';
import { type ConfigDocument, type Path, type Problem, parseDocument } from './document.ts';
import { type Explained, explainConfig } from './explain.ts';
import { isName, nearestName, snake } from './name.ts';
import { POOL } from './own-groups.ts';
import { type ConfigFile, type ConfigSection, INHERITABLE, NOT_INHERITABLE } from './program-config.ts';
import { normalRoute } from './route-pattern.ts';
import type { Ceilings } from './settings.ts';
import { suggest } from './unknown-keys.ts';

export interface ResolveOptions {
  /** How error texts name the file. */
  file: string;
  /** The environment; undefined: the top level. */
  env?: string | undefined;
  /** Keys that an environment does not inherit are errors. */
  strict?: boolean | undefined;
  ceilings?: Ceilings | undefined;
  /** Wins over `name` and `main` of the file: the address of a deploy, an argument of the command line. */
  given?: { name?: string | undefined; main?: string | undefined };
  /** Milliseconds since the epoch: what counts as a future date. */
  now?: number;
}

export interface ConfigWarning {
  code: 'config_no_effect' | 'config_not_inherited';
  text: string;
  key: string;
  file?: string;
  line?: number;
  column?: number;
}

export interface Resolved {
  config: ProgramConfig;
  /** Entry module, relative to the file; undefined when neither the file nor the caller names one. */
  main: string | undefined;
  warnings: ConfigWarning[];
  explain: Explained[];
  /** The keys in force as a flat file without environments: what `tine deploy` uploads. */
  flat: Record<string, unknown>;
  dev: NonNullable<ConfigFile['dev']>;
}

/** What is in force, key by key. */
interface Selection {
  document: ConfigDocument;
  env: string | undefined;
  section: ConfigSection;
  pathOf(key: string): Path;
}

const TEXT_CHARS_MAX = 1_000_000;

/** @param text JSON with comments and trailing commas
 * @throws TineError `invalid_config` with `details: {text, file, line, column, key, problems}` (`text` has all of them,
 * a line each; place and key are those of the first), `limit_above_ceiling` with `details: {…, asked, ceiling}` */
export function resolveProgramConfig(text: string, options: ResolveOptions): Resolved {
  if (text.length > TEXT_CHARS_MAX) {
    throw invalid(
      [{ key: '', text: `The configuration must have at most ${TEXT_CHARS_MAX} characters; got ${text.length}.` }],
      options.file,
    );
  }
  const document = parseDocument(text);
  if (Array.isArray(document)) throw invalid(document, options.file);
  const file = checkDocument(document);
  if (Array.isArray(file)) throw invalid(file, options.file);

  const selection = select(file, document, options);
  const warnings = [...notInherited(file, selection, options), ...withoutEffect(selection)];
  assertCeilings(selection, options);
  const config = build(selection, options);
  return {
    config,
    main: options.given?.main ?? selection.section.main,
    warnings: warnings.map((warning) => ({ ...warning, file: options.file })),
    explain: explainConfig(config, selection, options),
    flat: flatten(file, selection, config.name),
    dev: file.dev ?? {},
  };
}

/** Which section gives each key. */
function select(file: ConfigFile, document: ConfigDocument, { env, file: name }: ResolveOptions): Selection {
  const section = env === undefined ? file : Object.hasOwn(file.env ?? {}, env) ? file.env![env]! : undefined;
  if (section === undefined) {
    const known = Object.keys(file.env ?? {});
    const near = suggest(env!, known);
    const has = known.length === 0 ? 'there is no "env"' : `there is ${known.map((one) => `"${one}"`).join(', ')}`;
    const text = `The environment "${env}" is not in the configuration: ${has}.${near === undefined ? '' : ` Did you mean "${near}"?`}`;
    throw invalid([{ key: 'env', text, ...document.placeOf(['env']) }], name);
  }
  const chosen: Record<string, unknown> = {};
  const paths: Record<string, Path> = {};
  const take = (key: keyof ConfigSection, from: ConfigSection, path: Path): void => {
    if (from[key] === undefined) return;
    chosen[key] = from[key];
    paths[key] = path;
  };
  for (const key of INHERITABLE) if (!hidden(key, section)) take(key, file, [key]);
  for (const key of [...INHERITABLE, ...NOT_INHERITABLE])
    take(key, section, env === undefined ? [key] : ['env', env, key]);
  if (chosen['route'] !== undefined && chosen['routes'] !== undefined) {
    throw invalid([problemAt(paths['route']!, document, 'and "routes" cannot both be given.')], name);
  }
  return {
    document,
    env,
    section: chosen as ConfigSection,
    pathOf: (key) => paths[key] ?? (env === undefined || key === 'alias' ? [key] : ['env', env, key]),
  };
}

/** `route` and `routes` are two spellings of one key. */
function hidden(key: string, section: ConfigSection): boolean {
  return (key === 'route' || key === 'routes') && (section.route !== undefined || section.routes !== undefined);
}

function notInherited(
  file: ConfigFile,
  { document, env, section }: Selection,
  { strict = false, file: name }: ResolveOptions,
): ConfigWarning[] {
  if (env === undefined) return [];
  const lost = NOT_INHERITABLE.filter((key) => file[key] !== undefined && section[key] === undefined);
  const problems = lost.map((key) =>
    problemAt([key], document, `is not inherited by the environment "${env}": repeat it in "env.${env}".`),
  );
  if (strict && problems.length > 0) throw invalid(problems, name);
  return problems.map((problem) => ({ code: 'config_not_inherited', ...problem }));
}

function withoutEffect({ document, env }: Selection): ConfigWarning[] {
  const warnings: ConfigWarning[] = [];
  eachPath(document.value, (path, value) => {
    if (path[0] === 'env' && path[1] !== env) return;
    const overridden =
      env !== undefined && path[0] !== 'env' && document.placeOf(['env', env, ...path.slice(0, 1)]) !== undefined;
    if (overridden) return;
    const key = tableKey(path);
    if (Object.hasOwn(NO_EFFECT, key)) {
      warnings.push({
        code: 'config_no_effect',
        ...problemAt(path, document, `has no effect here: ${NO_EFFECT[key]}.`),
      });
    } else if (key === 'rules[].fallthrough' && value === false) {
      const why = 'the rules that are built in always come after yours.';
      warnings.push({ code: 'config_no_effect', ...problemAt(path, document, `has no effect here: ${why}`) });
    }
  });
  return warnings;
}

function assertCeilings({ document, section, pathOf }: Selection, { ceilings = {}, file }: ResolveOptions): void {
  const check = (path: Path, asked: number | undefined, ceiling: number | undefined): void => {
    if (asked === undefined || ceiling === undefined || asked <= ceiling) return;
    const problem = problemAt(path, document, `asks for ${asked}, the operator allows at most ${ceiling}.`);
    throw new TineError('limit_above_ceiling', problem.text, { details: { ...problem, file, asked, ceiling } });
  };
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    check([...pathOf('limits'), snake(name)], askedLimit(section, name), ceilingOf(name, ceilings));
  }
  check([...pathOf('pool'), 'concurrency'], section.pool?.concurrency, ceilings.permits);
}

/** CPU time passes within wall time. */
function ceilingOf(name: keyof Limits, ceilings: Ceilings): number | undefined {
  if (name !== 'cpuMs' || ceilings.wallMs === undefined) return ceilings[name];
  return Math.min(ceilings.cpuMs ?? ceilings.wallMs, ceilings.wallMs);
}

function askedLimit(section: ConfigSection, name: keyof Limits): number | undefined {
  return section.limits?.[snake(name) as keyof NonNullable<ConfigSection['limits']>];
}

function build(selection: Selection, options: ResolveOptions): ProgramConfig {
  const { section, document, pathOf } = selection;
  const date = section.compatibility_date;
  if (date !== undefined && date > latestDay(options.now ?? Date.now())) {
    throw invalid(
      [problemAt(pathOf('compatibility_date'), document, `must not be in the future; got "${date}".`)],
      options.file,
    );
  }
  const { pool = {}, snapshot = {} } = section;
  return {
    name: nameOf(selection, options),
    namespace: section.namespace ?? 'default',
    limits: limitsOf(section, options.ceilings ?? {}),
    isolation: section.isolation ?? 'request',
    pool: {
      min: pool.min ?? POOL.min.default,
      max: pool.max ?? POOL.max.default,
      concurrency: pool.concurrency,
      queueMax: pool.queue_max ?? POOL.queueMax.default,
      queueTimeoutMs: pool.queue_timeout_ms ?? POOL.queueTimeoutMs.default,
    },
    snapshot: {
      mode: snapshot.mode ?? 'auto',
      warmup: (snapshot.warmup ?? []).map((given) => {
        const request = typeof given === 'string' ? { path: given } : given;
        const { method = 'GET', path, headers = {}, body } = request;
        return body === undefined ? { method, path, headers } : { method, path, headers, body };
      }),
      entropy: snapshot.entropy ?? 'warn',
    },
    vars: section.vars ?? {},
    routes: routesOf(section),
    compile: compileOf(section, document),
    compatibilityDate: date,
  };
}

/** The day that it is somewhere on earth. */
function latestDay(now: number): string {
  return new Date(now + 14 * 3_600_000).toISOString().slice(0, 10);
}

function nameOf({ document, env, section, pathOf }: Selection, { given, file }: ResolveOptions): string {
  if (given?.name !== undefined) {
    if (isName(given.name)) return given.name;
    const near = nearestName(given.name);
    const text = `The name must be 1 to 63 of a-z, 0-9 and "-"; got ${JSON.stringify(given.name)}.${near === undefined ? '' : ` "${near}" would do.`}`;
    throw invalid([{ key: 'name', text }], file);
  }
  if (section.name === undefined)
    throw invalid([{ key: 'name', text: '"name" is missing: it must be the name of the program.' }], file);
  if (env === undefined || pathOf('name')[0] === 'env') return section.name;
  const name = `${section.name}-${env}`;
  if (isName(name)) return name;
  throw invalid(
    [problemAt(['env', env], document, `needs a "name" of its own, as "${name}" is not the name of a program.`)],
    file,
  );
}

function limitsOf(section: ConfigSection, ceilings: Ceilings): Limits {
  const limits = {} as Limits;
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    // A default is not a demand: it gives way to the operator's ceiling.
    limits[name] =
      askedLimit(section, name) ??
      Math.min(LIMITS[name].default, ceilingOf(name, ceilings) ?? Number.POSITIVE_INFINITY);
  }
  return limits;
}

function routesOf(section: ConfigSection): string[] {
  const given = section.routes ?? (section.route === undefined ? [] : [section.route]);
  const routes = given.flatMap((route) => {
    if (typeof route === 'string') return [route];
    return route.enabled === false ? [] : [route.pattern];
  });
  return [...new Set(routes.map(normalRoute))];
}

function compileOf(section: ConfigSection, document: ConfigDocument): ProgramConfig['compile'] {
  const alias = (document.value as ConfigFile).alias;
  return {
    ...(section.define !== undefined && { define: section.define }),
    ...(alias !== undefined && { alias }),
    minify: section.minify ?? false,
    keepNames: section.keep_names ?? true,
    // Unset they stay so: a tsconfig.json of the author may say it, else the compiler has the same default.
    ...(section.jsx_factory !== undefined && { jsxFactory: section.jsx_factory }),
    ...(section.jsx_fragment !== undefined && { jsxFragment: section.jsx_fragment }),
    rules: (section.rules ?? []).flatMap(({ type, globs }) =>
      type === 'ESModule' || type === 'CommonJS' || type === 'Text' || type === 'Data' ? [{ type, globs }] : [],
    ),
  };
}

function flatten(file: ConfigFile, { section }: Selection, name: string): Record<string, unknown> {
  const alias = file.alias === undefined ? {} : { alias: file.alias };
  return { ...section, name, ...alias };
}

function invalid(problems: readonly Problem[], file: string): TineError {
  const text = problems.map((problem) => problem.text).join('\n');
  const { key = '', line, column } = problems[0] ?? {};
  const place = line === undefined || column === undefined ? {} : { line, column };
  return new TineError('invalid_config', text, {
    details: { text, file, key, ...place, problems: problems.map((one) => ({ ...one })) },
  });
}
