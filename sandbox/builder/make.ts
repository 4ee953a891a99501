// Makes a template out of compiled source: a snapshot, or scripts with V8's code cache. Runs in the builder's child,
// where a guest's top level may loop for ever or take the whole process down.
import { randomBytes } from 'node:crypto';
import ivm from 'isolated-vm';
import { BOUNDS } from '../limits.ts';
import type { ProgramConfig } from '../program.ts';
import type { Template, TemplateScript } from '../template/template.ts';
import { BuildProblem } from './problem.ts';
import { baseScripts, LATE_NAMES_SCRIPT, warmupScripts } from './scripts.ts';

export interface MakeInput {
  bundle: string;
  /** Compiled source of the program, and its map. */
  program: string;
  map: string;
  config: ProgramConfig;
}

const NO_FIGURES = { snapshotBytes: 0, buildMs: 0, initMs: 0, contextUs: 0, contextBytes: 0 };

export function makeSnapshotTemplate(input: MakeInput): Template {
  const { bundle, program, map, config } = input;
  const hostName = newHostName();
  const scripts = [
    ...baseScripts({ hostName, bundle, program }),
    ...warmupScripts(hostName, config.snapshot.warmup),
    LATE_NAMES_SCRIPT,
  ];
  const start = performance.now();
  const snapshot = ivm.Isolate.createSnapshot(scripts) as unknown as { copy(): ArrayBuffer };
  const bytes = new Uint8Array(snapshot.copy());
  const initMs = performance.now() - start;
  if (bytes.byteLength > BOUNDS.snapshotBytes) {
    throw new BuildProblem(
      'template_too_large',
      {
        text: `the snapshot must be <= ${BOUNDS.snapshotBytes} bytes: got ${bytes.byteLength}`,
      },
      { retry: true },
    );
  }
  return {
    mode: 'snapshot',
    hostName,
    memoryMb: config.limits.memoryMb,
    initMs: config.limits.initMs,
    snapshot: bytes,
    scripts: [],
    map,
    figures: { ...NO_FIGURES, initMs: Math.round(initMs), snapshotBytes: bytes.byteLength },
    warnings: [],
  };
}

/** No-snapshot mode: the same scripts, run in each fresh context. */
export function makeScriptTemplate({ bundle, program, map, config }: MakeInput): Template {
  const hostName = newHostName();
  const isolate = new ivm.Isolate({ memoryLimit: config.limits.memoryMb });
  try {
    const scripts = baseScripts({ hostName, bundle, program }).map((script) => withCache(isolate, script));
    return {
      mode: 'script',
      hostName,
      memoryMb: config.limits.memoryMb,
      initMs: config.limits.initMs,
      snapshot: undefined,
      scripts,
      map,
      figures: { ...NO_FIGURES },
      warnings: [],
    };
  } finally {
    isolate.dispose();
  }
}

function withCache(isolate: ivm.Isolate, { code, filename }: TemplateScript): TemplateScript {
  const compiled = isolate.compileScriptSync(code, { filename, produceCachedData: true });
  const { cachedData } = compiled as unknown as { cachedData?: { copy(): ArrayBuffer } };
  return cachedData === undefined
    ? { code, filename }
    : { code, filename, cachedData: new Uint8Array(cachedData.copy()) };
}

/** A lexical constant of the template's scripts. It is not enumerable anywhere; the name is all one would need. */
function newHostName(): string {
  return `tine_${randomBytes(16).toString('hex')}`;
}
