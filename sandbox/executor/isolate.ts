// An isolate of one template, and the contexts forked from it. One owner releases both the context and the reference
// to its host function: either one forgotten costs 150 KB for each request, and the isolate dies of it.
import ivm from 'isolated-vm';
import type { Template } from '../template/template.ts';
import type { HostFunction } from './slice.ts';

/** Time for our own scripts in a fresh context, where no request runs yet. */
const BOOT_TIMEOUT_MS = 2_000;

export interface GuestContext {
  readonly isolate: GuestIsolate;
  readonly host: HostFunction;
  readonly context: ivm.Context;
  /** How many runs have entered it so far. */
  entered: number;
  /** Runs that are in it now. */
  readonly runs: Set<number>;
  /** Set when it must not take another run. */
  retired: boolean;
}

export class GuestIsolate {
  readonly isolate: ivm.Isolate;
  readonly contexts = new Set<GuestContext>();
  readonly #template: Template;
  readonly #boot: ivm.Script;
  readonly #scripts: ivm.Script[];

  /** Loads the template. Its sha256 was checked by whoever read it. @throws when it cannot be loaded */
  constructor(template: Template) {
    this.#template = template;
    const { snapshot } = template;
    this.isolate = new ivm.Isolate({
      memoryLimit: template.memoryMb,
      ...(snapshot === undefined ? {} : { snapshot: new ivm.ExternalCopy(exactBuffer(snapshot)) }),
    });
    const compile = (code: string, filename: string, cachedData?: Uint8Array) =>
      this.isolate.compileScriptSync(code, {
        filename,
        ...(cachedData === undefined ? {} : { cachedData: new ivm.ExternalCopy(exactBuffer(cachedData)) }),
      });
    try {
      this.#boot = compile(bootScript(template.hostName), 'boot.js');
      this.#scripts = template.scripts.map(({ code, filename, cachedData }) => compile(code, filename, cachedData));
    } catch (error) {
      this.dispose(); // nobody else knows it yet, and an isolate that is only dropped keeps its memory
      throw error;
    }
  }

  get live(): number {
    return this.contexts.size;
  }

  /** Forks a context from the template. Untimed operations: only just after a slice or drain that ended cleanly. */
  fork(): GuestContext {
    const context = this.isolate.createContextSync();
    try {
      if (this.#scripts.length > 0) runTamed(this.isolate, context);
      for (const script of this.#scripts) script.runSync(context, { timeout: this.#template.initMs });
      const host = this.#boot.runSync(context, {
        timeout: BOOT_TIMEOUT_MS,
        reference: true,
      }) as unknown as HostFunction;
      const guest: GuestContext = { isolate: this, host, context, entered: 0, runs: new Set(), retired: false };
      this.contexts.add(guest);
      return guest;
    } catch (error) {
      if (!this.isolate.isDisposed) context.release();
      throw error;
    }
  }

  release(guest: GuestContext): void {
    if (!this.contexts.delete(guest) || this.isolate.isDisposed) return;
    guest.host.release();
    guest.context.release();
  }

  dispose(): void {
    this.contexts.clear();
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }
}

/** How long a fork may be under way, in ms: that of a snapshot is our own script, else the top level runs. */
export function forkMsMax({ scripts, initMs }: Template): number {
  return BOOT_TIMEOUT_MS + (scripts.length === 0 ? 0 : BOOT_TIMEOUT_MS + scripts.length * initMs);
}

/** `delete` twice: a program that defines a configurable property of its own under such a name hides the native one,
 * and the first delete brings it out. `this` at the top of a sloppy script is the global, whatever a guest did to
 * `globalThis`. */
const REMOVE_LATE_NAMES =
  'delete this.WebAssembly; delete this.WebAssembly; delete this.SharedArrayBuffer; delete this.SharedArrayBuffer;';

function bootScript(hostName: string): string {
  return `${REMOVE_LATE_NAMES} ${hostName};`;
}

/** In no-snapshot mode the names have to be gone before the program's top level runs, too. */
function runTamed(isolate: ivm.Isolate, context: ivm.Context): void {
  isolate.compileScriptSync(REMOVE_LATE_NAMES).runSync(context, { timeout: BOOT_TIMEOUT_MS });
}

/** Bytes as an argument of a host function: copied once, then moved into the isolate. */
export function transferable(bytes: Uint8Array): ivm.Copy<ArrayBuffer> {
  return new ivm.ExternalCopy(copyOf(bytes), { transferOut: true }).copyInto({ release: true, transferIn: true });
}

/** Not `slice`: that of a Buffer copies nothing, and its memory belongs to others as well. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return copyOf(bytes);
}
