// An `OpRun` for the tests of this folder: keeps what is said to it, and is ended by hand. No part of the product.
import { defaultLimits, type Limits } from '../limits.ts';
import type { AnswerSink, BodySource, OpRun } from './op.ts';

export interface TestBody extends BodySource {
  cancelled: boolean;
}

export interface TestRun extends OpRun {
  warnings: { code: string; text: string }[];
  /** Opens a body of these chunks under that id; an Error among them is what `read` rejects with. */
  body(id: number, chunks: (Uint8Array | Error)[]): TestBody;
  abort(): void;
}

export interface TestRunOptions {
  limits?: Partial<Limits>;
  sink?: Partial<AnswerSink>;
  hops?: number;
  traceparent?: string;
}

export function makeRun({ limits, sink, hops = 0, traceparent }: TestRunOptions = {}): TestRun {
  const ending = new AbortController();
  const warnings: TestRun['warnings'] = [];
  const bodies = new Map<number, BodySource>();
  return {
    requestId: 'r-1',
    program: 'a',
    traceparent,
    hops,
    limits: { ...defaultLimits(), ...limits },
    signal: ending.signal,
    bodies,
    sink: { write: async () => {}, end: async () => {}, fail() {}, ...sink },
    subrequests: 0,
    warn: (code, text) => warnings.push({ code, text }),
    warnings,
    body(id, chunks) {
      const body: TestBody = {
        cancelled: false,
        async read() {
          const chunk = chunks.shift();
          if (chunk instanceof Error) throw chunk;
          return chunk;
        },
        cancel() {
          this.cancelled = true;
        },
      };
      bodies.set(id, body);
      return body;
    },
    abort: () => ending.abort(),
  };
}
