// From a place in a compiled script to the place in the source: decoded on first use, as most programs never throw.
// Stack texts come from guests: everything here is linear in their length, and a text that fits no pattern stays as it is.
import { originalPositionFor, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping';
import { codeFrame } from './code-frame.ts';

/** Line and column count from 1. */
export interface SourcePlace {
  file: string;
  line: number;
  column: number;
}

/** A longer stack text is cut: nobody reads it, and a guest could make it of any length. */
const STACK_CHARS_MAX = 65_536;

const PROGRAM_PLACE = /(?<![\w./-])program\.js:(\d{1,9}):(\d{1,9})/g;
/** A frame of the bundle: its own code, or code that it has built. */
const BUNDLE_FRAME = /^ +at .*(?<![\w./-])bundle\.js:\d/;

export class SourceMapper {
  readonly #json: string;
  #decoded: TraceMap | null | undefined;

  /** `json`: a source map, version 3. A text that is none maps nothing. */
  constructor(json: string) {
    this.#json = json;
  }

  /** The place in the source, or undefined where the script has code of ours. Counts from 1, as V8 does. */
  place(line: number, column: number): SourcePlace | undefined {
    if (this.#map === null || line < 1 || column < 1) return undefined;
    const found = originalPositionFor(this.#map, { line, column: column - 1 });
    return found.source ? { file: found.source, line: found.line, column: found.column + 1 } : undefined;
  }

  /** A stack text with places of the source; frames of the bundle are left out. */
  stack(text: string): string {
    const lines = text.slice(0, STACK_CHARS_MAX).split('\n');
    const kept = lines.filter((line) => !BUNDLE_FRAME.test(line));
    return kept
      .map((line) => line.replace(PROGRAM_PLACE, (raw, l, c) => this.#written(raw, Number(l), Number(c))))
      .join('\n');
  }

  /** The first place in a stack text that is in the source. */
  first(text: string): SourcePlace | undefined {
    for (const [, line, column] of text.slice(0, STACK_CHARS_MAX).matchAll(PROGRAM_PLACE)) {
      const place = this.place(Number(line), Number(column));
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** Five lines of the source with a caret, or undefined when the map does not have that source. */
  frame({ file, line, column }: SourcePlace): string | undefined {
    if (this.#map === null) return undefined;
    const source = sourceContentFor(this.#map, file);
    return source === null ? undefined : codeFrame(source, line, column);
  }

  #written(raw: string, line: number, column: number): string {
    const place = this.place(line, column);
    return place === undefined ? raw : `${place.file}:${place.line}:${place.column}`;
  }

  get #map(): TraceMap | null {
    if (this.#decoded === undefined) {
      try {
        this.#decoded = new TraceMap(this.#json);
      } catch {
        this.#decoded = null;
      }
    }
    return this.#decoded;
  }
}
