// Whether a source map that came with an upload can be given to the bundler, which ends the build at the first number
// that leads nowhere. A map is a comfort: without it errors are placed in the uploaded text.
import { decodedMappings, type SourceMapSegment, TraceMap } from '@jridgewell/trace-mapping';

export function isUsableMap(json: string): boolean {
  try {
    const map = new TraceMap(json);
    const contents = map.sourcesContent ?? [];
    if (!map.sources.every(isPath) || !contents.every(isText)) return false;
    return decodedMappings(map).every((line) => line.every((segment) => leadsSomewhere(segment, map)));
  } catch {
    return false;
  }
}

function isText(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

/** Paths are written into stacks and logs: what could forge a line of them is none. */
function isPath(value: unknown): boolean {
  return isText(value) && !/[\u0000-\u001f\u007f]/.test(String(value));
}

function leadsSomewhere(
  [, source = 0, line = 0, column = 0, name]: Readonly<SourceMapSegment>,
  map: TraceMap,
): boolean {
  const named = name === undefined || (name >= 0 && name < map.names.length);
  return named && source >= 0 && source < map.sources.length && line >= 0 && column >= 0;
}
