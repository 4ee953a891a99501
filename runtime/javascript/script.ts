// The last step: what the bundler printed becomes a script that defines one lexical constant, and its map speaks of
// the author's paths. No column may move here, or the map would lie.
import type { OutputChunk } from 'rolldown';

/** The bundler puts the exports of the entry into a `var` of this name: one character for one of `const tine_program`. */
export const OUTPUT_NAME = 'tine_program__';

const HEAD = new RegExp(`^((?:"use strict";)?\\s*)var ${OUTPUT_NAME}`);
const WANTED = 'const tine_program';

export interface Script {
  code: string;
  /** Source map, JSON. */
  map: string;
}

/** `entryFormat`: a CommonJS entry would run only when its default export is first looked at. */
export function toScript(chunk: OutputChunk, entryFormat: 'es' | 'cjs' | 'unknown'): Script {
  // Without exports the bundler prints no name; what it did print comes first, as it begins with "use strict".
  const code = HEAD.test(chunk.code) ? chunk.code.replace(HEAD, `$1${WANTED}`) : `${chunk.code}\n${WANTED} = {};\n`;
  return { code: entryFormat === 'cjs' ? `${code}\nvoid tine_program.default;\n` : code, map: toMap(chunk) };
}

function toMap({ map }: OutputChunk): string {
  if (map === null) return '{"version":3,"sources":[],"sourcesContent":[],"names":[],"mappings":""}';
  const { sources, sourcesContent, names, mappings } = map;
  return JSON.stringify({ version: 3, sources: sources.map(shownPath), sourcesContent, names, mappings });
}

/** A path as the author knows it: relative, and without the way out of folders that only the bundler had. */
export function shownPath(source: string): string {
  return source.replace(/^(?:\.{0,2}\/)+/, '');
}
