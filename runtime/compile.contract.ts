// What every compiler promises, whichever the language: one suite, run from the test of each. A language brings
// samples; where it has no such thing, it leaves the sample out and the case is skipped with that reason.
import vm from 'node:vm';
import test from 'ava';
import { SourceMapper } from './javascript/source-map.ts';
import { CompileError, type Language, type SourceModule } from './language.ts';

export interface CompileSamples {
  /** The smallest program that is one. */
  smallest: SourceModule[];
  /** An empty entry: compiles, and has no handler to be found later. */
  empty: SourceModule[];
  /** Evaluates a program that throws at its top level, at `place` of its source. */
  throws: { modules: SourceModule[]; globals?: Record<string, unknown>; place: Place } | undefined;
  /** A source that does not parse, and where. */
  broken: { modules: SourceModule[]; place: Place };
  /** An import that leads nowhere, and where. */
  unresolved: { modules: SourceModule[]; place: Place } | undefined;
}

interface Place {
  file: string;
  line: number;
  column: number;
}

export function compileContract(language: Language, samples: CompileSamples): void {
  const name = `${language.name}: compile()`;
  const { smallest, empty, throws, broken, unresolved } = samples;
  const failure = async (modules: SourceModule[]): Promise<unknown> =>
    language.compile(modules, {}).then(
      () => undefined,
      (error: unknown) => error,
    );

  for (const [kind, modules] of Object.entries({ smallest, empty })) {
    test(`${name} makes a classic script that defines tine_program and no global (${kind})`, async (t) => {
      const { code } = await language.compile(modules, {});
      const context = vm.createContext({});
      const before = namesIn(context);
      vm.runInContext(code, context, { filename: 'program.js' });
      t.is(vm.runInContext('typeof tine_program', context), 'object');
      t.deepEqual(namesIn(context), before);
      t.throws(() => vm.runInContext('tine_program = 1', context), { message: /constant/i });
    });
  }

  test(`${name} gives the same text for the same source`, async (t) => {
    const [first, second] = [await language.compile(smallest, {}), await language.compile(smallest, {})];
    t.is(first.code, second.code);
    t.is(first.map, second.map);
  });

  test(`${name} gives a map with the contents of the author's modules`, async (t) => {
    const map = JSON.parse((await language.compile(smallest, {})).map);
    t.is(map.version, 3);
    t.deepEqual(map.sources, [smallest[0]?.path]);
    t.deepEqual(map.sourcesContent, [smallest[0]?.text]);
  });

  test(`${name} keeps places: a throw at top level is found in the source`, async (t) => {
    if (throws === undefined) return t.pass('skipped: this language has no top-level throw');
    const { code, map } = await language.compile(throws.modules, {});
    const context = vm.createContext({ ...throws.globals });
    const error = t.throws(() => vm.runInContext(code, context, { filename: 'program.js' }), { any: true });
    const { stack = '' } = error as { stack?: string };
    t.deepEqual(new SourceMapper(map).first(frames(stack)), throws.place);
    return undefined;
  });

  test(`${name} says what is wrong with a broken source, and where: compile_error`, async (t) => {
    const error = await failure(broken.modules);
    t.true(error instanceof CompileError);
    const { code, place, message } = error as CompileError;
    t.is(code, 'compile_error');
    t.like(place, { ...broken.place });
    t.true(place.frame?.includes('^'), 'a frame with a caret');
    t.regex(message, /^[^\n]+[^.\n]$/, 'one line, no full stop');
  });

  test(`${name} says which import leads nowhere, and where: unresolved_import`, async (t) => {
    if (unresolved === undefined) return t.pass('skipped: this language has no imports');
    const { code, place } = (await failure(unresolved.modules)) as CompileError;
    t.is(code, 'unresolved_import');
    t.like(place, { ...unresolved.place });
    return undefined;
  });

  test(`${name} refuses a NUL byte, with its place`, async (t) => {
    const path = smallest[0]?.path ?? '';
    const { code, place } = (await failure([{ path, text: 'a\nb\0' }])) as CompileError;
    t.is(code, 'compile_error');
    t.like(place, { file: path, line: 2, column: 2 });
  });

  test(`${name} takes a byte order mark for nothing`, async (t) => {
    const [entry] = smallest;
    const marked = [{ path: entry?.path ?? '', text: `\uFEFF${entry?.text}` }];
    t.is((await language.compile(marked, {})).code, (await language.compile(smallest, {})).code);
  });

  test(`${name} refuses an upload without modules`, async (t) => {
    t.like(await failure([]), { name: 'CompileError', code: 'compile_error' });
  });
}

function namesIn(context: vm.Context): string[] {
  return vm.runInContext('Object.getOwnPropertyNames(globalThis)', context).sort();
}

/** Node puts the line of the source before a stack. */
function frames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
