// A template: what a version becomes. Bundle and compiled source, evaluated once, as a V8 startup snapshot (mode
// `snapshot`), or the scripts themselves with V8's code cache (mode `script`), plus what is needed to use them.
// As bytes: u32 length of a JSON head, the head, then the sections the head lists. V8 believes every byte it is
// given, so a template is only ever decoded after its sha256 was checked, and never accepted from outside.

export interface TemplateScript {
  code: string;
  /** `bundle.js`, `program.js` …: what positions in stacks refer to. */
  filename: string;
  cachedData?: Uint8Array;
}

export interface Template {
  mode: 'snapshot' | 'script';
  /** Name of the lexical constant that holds the host function; random, so that no guest can guess it. */
  hostName: string;
  memoryMb: number;
  initMs: number;
  snapshot: Uint8Array | undefined;
  /** Run in each fresh context, in order; empty in mode `snapshot`. */
  scripts: TemplateScript[];
  /** Source map of `program.js`. */
  map: string;
  figures: TemplateFigures;
  /** What the author should know: part of the deploy answer. */
  warnings: BuildWarning[];
}

export interface BuildWarning {
  code: string;
  text: string;
  file?: string;
  line?: number;
  column?: number;
}

/** Part of the deploy answer. */
export interface TemplateFigures {
  snapshotBytes: number;
  /** Compiling, evaluating, making the snapshot, trying it. */
  buildMs: number;
  /** The top level alone. */
  initMs: number;
  /** Forking one context, median. */
  contextUs: number;
  /** Bytes of heap that one idle context takes. */
  contextBytes: number;
}

interface Head extends Omit<Template, 'snapshot' | 'scripts' | 'map'> {
  snapshotBytes: number;
  mapBytes: number;
  scripts: { filename: string; codeBytes: number; cacheBytes: number }[];
}

/** The template as one piece of bytes. */
export function encodeTemplate(template: Template): Buffer {
  const { snapshot, scripts, map, ...rest } = template;
  const sections: Uint8Array[] = [];
  const mapBytes = Buffer.from(map);
  const head: Head = { ...rest, snapshotBytes: snapshot?.byteLength ?? 0, mapBytes: mapBytes.length, scripts: [] };
  if (snapshot !== undefined) sections.push(snapshot);
  sections.push(mapBytes);
  for (const script of scripts) {
    const code = Buffer.from(script.code);
    head.scripts.push({
      filename: script.filename,
      codeBytes: code.length,
      cacheBytes: script.cachedData?.byteLength ?? 0,
    });
    sections.push(code);
    if (script.cachedData !== undefined) sections.push(script.cachedData);
  }
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headBytes.length);
  return Buffer.concat([length, headBytes, ...sections]);
}

/** What is known of a template without its sections. */
export type TemplateHead = Omit<Template, 'snapshot' | 'scripts' | 'map'>;

/** The head alone of an encoded template. */
export function headOf(bytes: Uint8Array): TemplateHead {
  const { snapshot: _s, scripts: _c, map: _m, ...head } = decodeTemplate(bytes);
  return head;
}

/** The opposite of `encodeTemplate`. */
export function decodeTemplate(bytes: Uint8Array): Template {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 4 + data.readUInt32LE(0);
  const { snapshotBytes, mapBytes, scripts, ...rest } = JSON.parse(data.toString('utf8', 4, offset)) as Head;
  const take = (length: number) => {
    const section = data.subarray(offset, offset + length);
    offset += length;
    return section;
  };
  const snapshot = snapshotBytes === 0 ? undefined : take(snapshotBytes);
  const map = take(mapBytes).toString();
  return {
    ...rest,
    snapshot,
    map,
    scripts: scripts.map(({ filename, codeBytes, cacheBytes }) => {
      const code = take(codeBytes).toString();
      return cacheBytes === 0 ? { filename, code } : { filename, code, cachedData: take(cacheBytes) };
    }),
  };
}
