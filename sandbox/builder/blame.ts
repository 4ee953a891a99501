// Which construct is to blame when V8 dies of a program's top level? V8 does not say; these are the ones that are
// known. The place is where the construct stands in the author's source.
import { codeFrame } from '#runtime';
import type { Details } from '../errors.ts';
import type { Upload } from '../template/key.ts';

interface Pattern {
  pattern: RegExp;
  hint: string;
}

const INTRINSICS = 'globalThis|self|Math|Promise|Error|RegExp|Atomics|Iterator\\.prototype';

const PATTERNS: readonly Pattern[] = [
  {
    pattern: new RegExp(`(?:Object|Reflect)\\.(?:freeze|seal|preventExtensions)\\(\\s*(?:${INTRINSICS})\\s*\\)`),
    hint: 'freezing a built-in object leaves no room for the names that V8 adds to each context',
  },
  { pattern: /delete\s+globalThis\.Atomics/, hint: 'V8 adds names to Atomics in each context' },
  {
    pattern:
      /(?:Promise\.try|RegExp\.escape|Error\.isError|Math\.f16round|Atomics\.pause|Error\.stackTraceLimit)\s*=(?!=)/,
    hint: 'this name is added by V8 to each context and must not be there already',
  },
  {
    pattern:
      /Object\.definePropert(?:y|ies)\(\s*(?:Promise|RegExp|Error|Math|Atomics|DataView\.prototype|Iterator\.prototype)\b/,
    hint: 'this name is added by V8 to each context and must be configurable',
  },
  {
    pattern: /new\s+FinalizationRegistry\b/,
    hint: 'a FinalizationRegistry with a registration cannot be in a snapshot',
  },
  { pattern: /new\s+Intl\.\w+|Intl\.\w+\(/, hint: 'a live Intl object cannot be in a snapshot' },
  {
    pattern: /new\s+(?:Array|\w*Array|ArrayBuffer)\(\s*\d[\d_]{7,}|\.repeat\(\s*\d[\d_]{7,}/,
    hint: 'this allocates more than memory_mb',
  },
  { pattern: /(?:for\s*\(\s*;\s*;\s*\)|while\s*\(\s*(?:true|1)\s*\))/, hint: 'a loop without an end' },
];

/** @returns the first construct that is known to do this, with its place; `{}` when there is none */
export function blame({ modules }: Pick<Upload, 'modules'>): Details {
  for (const { pattern, hint } of PATTERNS) {
    for (const { path, text } of modules) {
      const match = pattern.exec(text);
      if (match === null) continue;
      const before = text.slice(0, match.index).split('\n');
      const place = { file: path, line: before.length, column: before.at(-1)!.length + 1 };
      const frame = codeFrame(text, place.line, place.column);
      return { construct: match[0].slice(0, 100), hint, ...place, ...(frame === undefined ? {} : { frame }) };
    }
  }
  return {};
}
