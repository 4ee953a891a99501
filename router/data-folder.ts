// The data folder: tokens, and where a running server can be found. Files that hold a secret are for their owner only;
// one that others can read is mended, and said.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OWNER_ONLY = 0o600;
const TOKEN_BYTES = 32;

/** What a client on this machine needs to find the server: `server.json`. */
export interface ServerFile {
  controlUrl: string;
  dataUrl: string;
  pid: number;
}

export class DataFolder {
  readonly path: string;
  /** What had to be mended, one sentence each. */
  readonly mended: string[] = [];
  #announced = false;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  get templates(): string {
    return join(this.path, 'templates');
  }

  /** Scripts of executors and builders, made anew at each start. */
  get processes(): string {
    return join(this.path, 'processes');
  }

  /** The secret in a file of this name, made at the first start. */
  token(name: 'token' | 'debug-token'): string {
    const path = join(this.path, name);
    const known = readIfThere(path)?.trim();
    if (known !== undefined && known !== '') {
      if ((statSync(path).mode & 0o077) !== 0) {
        chmodSync(path, OWNER_ONLY);
        this.mended.push(`${path} could be read by others: its mode is 0600 now; make a new token by deleting it`);
      }
      return known;
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    writeWhole(path, `${token}\n`);
    return token;
  }

  announce(server: ServerFile): void {
    this.#announced = true;
    writeWhole(join(this.path, 'server.json'), `${JSON.stringify(server, null, 2)}\n`);
  }

  /** The server is gone. One that was never announced leaves the address of another one in this folder alone. */
  withdraw(): void {
    if (this.#announced) rmSync(join(this.path, 'server.json'), { force: true });
  }
}

/** A kill leaves the old file or the new one. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: OWNER_ONLY });
  renameSync(temporary, path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
