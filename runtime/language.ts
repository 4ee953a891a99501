// The interface of a language: its bundle (what runs inside every isolate of that language) and its compiler
// (from an upload to one script). `javascript/` and, later, `forge/` implement it.

export type LanguageName = 'javascript' | 'forge';

export interface SourceModule {
  /** Relative, with `/`, without `..`: `index.ts`, `routes/user.ts`. */
  path: string;
  text: string;
}

/** What the compiler takes from a program's configuration. All optional. */
export interface CompileOptions {
  define?: Readonly<Record<string, string>>;
  alias?: Readonly<Record<string, string>>;
  minify?: boolean;
  keepNames?: boolean;
  jsxFactory?: string;
  jsxFragment?: string;
  /** Folder in which bare imports are looked up (`node_modules`). Only on the author's machine, never in the builder. */
  resolveFrom?: string;
  /** Extra module kinds by glob: Text gives a string, Data an ArrayBuffer. */
  rules?: readonly { type: 'ESModule' | 'CommonJS' | 'Text' | 'Data'; globs: readonly string[] }[];
}

export interface CompileWarning {
  code: string;
  text: string;
  file?: string;
  line?: number;
  column?: number;
}

export interface Compiled {
  /** One classic script. Evaluated, it defines the lexical constant `tine_program`: the exports of the entry module. */
  code: string;
  /** Source map (version 3, JSON) from `code` to the modules, with their contents. */
  map: string;
  warnings: CompileWarning[];
}

export interface Language {
  readonly name: LanguageName;
  /** The bundle: one classic script, an expression statement that is the host function (see `web/protocol.ts`).
   * Made once per process. */
  bundle(): Promise<string>;
  /** Loads what `compile` needs, for a process that has time now and none later. */
  prepare?(): Promise<void>;
  /** The first module is the entry. @throws CompileError */
  compile(modules: readonly SourceModule[], options: CompileOptions): Promise<Compiled>;
}

export type CompileErrorCode = 'compile_error' | 'unresolved_import';

export interface CompileErrorPlace {
  file?: string;
  /** From 1. */
  line?: number;
  /** From 1. */
  column?: number;
  /** Up to five lines of the source with a caret below the column. */
  frame?: string;
}

/** The source is at fault. `message` says what, without the place. */
export class CompileError extends Error {
  readonly code: CompileErrorCode;
  readonly place: CompileErrorPlace;

  constructor(code: CompileErrorCode, message: string, place: CompileErrorPlace = {}) {
    super(message);
    this.name = 'CompileError';
    this.code = code;
    this.place = place;
  }
}
