// Templates on disk, by key, as a cache of what can be built again. V8 believes whatever snapshot it is given, so each
// file carries the sha256 of its key and its bytes, and what does not fit is deleted, counted and never handed out.
// Bounded: the least recently used go first. Not the builder, and not what decides a key.

import { randomUUID, webcrypto } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

export interface TemplateCacheOptions {
  /** Made when it is not there; nobody else writes into it. */
  folder: string;
  /** All files together. */
  bytesMax?: number;
  /** Called for each damaged file, when it has been deleted. */
  damaged?: (key: string) => void;
}

const KEY = /^[0-9a-f]{64}$/;
const TEMPORARY = /^[0-9a-f]{64}\.[0-9a-f-]{36}\.tmp$/;
/** Names the format; the key follows the sha256, so that a file under another's name is damage as well. */
const MAGIC = Buffer.from('tine template 1\n', 'latin1');
const SHA256_BYTES = 32;
const HASHED_FROM = MAGIC.byteLength + SHA256_BYTES;
const HEADER_BYTES = HASHED_FROM + SHA256_BYTES;

export class TemplateCache {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #damaged: (key: string) => void;
  /** Bytes of each file, least recently used first. */
  readonly #files = new Map<string, number>();
  #bytes = 0;

  private constructor({ folder, bytesMax = 2_000_000_000, damaged = () => {} }: TemplateCacheOptions) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
    this.#damaged = damaged;
  }

  /** Takes stock of the folder, and sweeps out what a kill in `put` has left. */
  static async open(options: TemplateCacheOptions): Promise<TemplateCache> {
    const cache = new TemplateCache(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    await chmod(options.folder, 0o700);
    await cache.#takeStock();
    return cache;
  }

  /** All files together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps the bytes under a key, and makes room for them. A kill leaves the whole file or none.
   * @returns whether they are kept: no when they are larger than the whole cache or the disk is full, as a template
   * that is not kept is only built again
   * @throws RangeError when the key is not 64 hex digits; what the file system throws otherwise */
  async put(key: string, bytes: Uint8Array): Promise<boolean> {
    const path = this.#path(key);
    const file = await seal(key, bytes);
    if (file.byteLength > this.#bytesMax) return false;
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await writeDurably(temporary, file);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      if (isFull(error)) return false;
      throw error;
    }
    this.#use(key, file.byteLength);
    await this.#makeRoom();
    return true;
  }

  /** @returns the bytes as they were put; undefined when there are none, or when they were damaged
   * @throws RangeError when the key is not 64 hex digits */
  async get(key: string): Promise<Buffer | undefined> {
    const path = this.#path(key);
    const file = await readIfThere(path);
    if (file === undefined) {
      this.#forget(key);
      return undefined;
    }
    const bytes = await unseal(key, file);
    if (bytes === undefined) {
      await this.delete(key);
      this.#damaged(key);
      return undefined;
    }
    this.#use(key, file.byteLength);
    // Only so that the order outlives a restart; the file may have been removed meanwhile.
    const now = new Date();
    await utimes(path, now, now).catch(() => {});
    return bytes;
  }

  /** Deleting what is not there is fine. */
  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
    this.#forget(key);
  }

  async #takeStock(): Promise<void> {
    const found: { key: string; bytes: number; usedMs: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      if (TEMPORARY.test(name)) await rm(join(this.#folder, name), { force: true });
      if (!KEY.test(name)) continue;
      const { size, mtimeMs } = await stat(join(this.#folder, name));
      found.push({ key: name, bytes: size, usedMs: mtimeMs });
    }
    found.sort((a, b) => a.usedMs - b.usedMs);
    for (const { key, bytes } of found) this.#use(key, bytes);
    await this.#makeRoom();
  }

  async #makeRoom(): Promise<void> {
    for (const [key] of this.#files) {
      if (this.#bytes <= this.#bytesMax) return;
      await this.delete(key);
    }
  }

  #use(key: string, bytes: number): void {
    this.#forget(key);
    this.#files.set(key, bytes);
    this.#bytes += bytes;
  }

  #forget(key: string): void {
    this.#bytes -= this.#files.get(key) ?? 0;
    this.#files.delete(key);
  }

  /** The only place that makes a path out of a name. */
  #path(key: string): string {
    if (!KEY.test(key))
      throw new RangeError(`Cannot use the template cache as key must match ${KEY.source}: got "${key}"`);
    return join(this.#folder, key);
  }
}

async function seal(key: string, bytes: Uint8Array): Promise<Buffer<ArrayBuffer>> {
  const file = Buffer.alloc(HEADER_BYTES + bytes.byteLength);
  file.set(MAGIC, 0);
  file.set(Buffer.from(key, 'hex'), HASHED_FROM);
  file.set(bytes, HEADER_BYTES);
  file.set(await sha256(file.subarray(HASHED_FROM)), MAGIC.byteLength);
  return file;
}

async function unseal(key: string, file: Buffer<ArrayBuffer>): Promise<Buffer | undefined> {
  if (file.byteLength < HEADER_BYTES || !file.subarray(0, MAGIC.byteLength).equals(MAGIC)) return undefined;
  if (file.subarray(HASHED_FROM, HEADER_BYTES).toString('hex') !== key) return undefined;
  const found = await sha256(file.subarray(HASHED_FROM));
  return found.equals(file.subarray(MAGIC.byteLength, HASHED_FROM)) ? file.subarray(HEADER_BYTES) : undefined;
}

/** Off the main thread: 32 MB take tens of milliseconds. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes));
}

async function readIfThere(path: string): Promise<Buffer<ArrayBuffer> | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.chmod(0o600);
  await file.writeFile(bytes);
  await file.sync();
}

function isFull(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
