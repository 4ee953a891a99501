// Makes the bundle: everything that `bundle.ts` imports, as one classic script that is an expression and whose value is
// the host function. Modules that are imported as `import * as lazyX` are wrapped into functions that run when the
// first `lazyX.name` is evaluated (see `../web/lazy.ts`): what has not run costs nothing in a snapshot.
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

const ENTRY = fileURLToPath(new URL('./bundle.ts', import.meta.url));
const LAZY_IMPORT = /^import \* as (lazy\w+) from ('[^']+');$/gm;

let made: Promise<string> | undefined;

/** The text is made once per process. It begins with `(`, ends with `)`, and is an expression: what evaluates it adds a
 * name. Inside it is strict code. */
export function bundleText(): Promise<string> {
  made ??= bundle(ENTRY);
  return made;
}

async function bundle(entry: string): Promise<string> {
  const built = await rolldown({ input: entry, platform: 'neutral', tsconfig: false, plugins: [lazyModules()] });
  try {
    const { output } = await built.generate({
      format: 'iife',
      name: 'tine',
      exports: 'default',
      minify: false,
      comments: false,
    });
    return expressionOf(output[0].code);
  } finally {
    await built.close();
  }
}

/** `lazyX.name` becomes `lazyX.$.name`, where `$` is a getter that runs the module at its first use. */
function lazyModules(): Plugin {
  return {
    name: 'lazy-modules',
    transform: {
      filter: { id: /\/runtime\/web\/.*\.ts$/ },
      handler(code: string) {
        const names: string[] = [];
        let text = code.replace(LAZY_IMPORT, (_, name: string, from: string) => {
          names.push(name);
          return `const ${name} = { m: undefined as any, get $() { return (this.m ??= require(${from})); } };`;
        });
        for (const name of names) text = text.replace(new RegExp(`\\b${name}\\b(?! = )`, 'g'), `${name}.$`);
        return { code: text, moduleType: 'ts' };
      },
    },
  };
}

// `require` of a module gives `(init_x(), __toCommonJS(x_exports))`. The copy is not wanted: it is made with methods
// that a guest may have replaced by then, and `x_exports` (getters on a null prototype) is all that is needed.
function expressionOf(script: string): string {
  const direct = script.replaceAll(/__toCommonJS\((\w+)\)/g, '$1');
  return direct.slice(direct.indexOf('(function'), direct.lastIndexOf(')') + 1).replace('{', "{\n'use strict';");
}
